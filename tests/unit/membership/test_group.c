/* SPDX-License-Identifier: MIT */
/* Groups of a few nodes: they find each other, notice who is gone, and grow together again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab.h"

static int failed_everywhere(struct lab *lab)
{
    for (size_t a = 0; a < lab->count; a++)
        for (size_t b = 0; b < lab->count && lab->nodes[a].core; b++)
            if (!lab->nodes[b].core && lab_state(lab, a, b) != MLB_MEMBER_FAILED)
                return 0;
    return 1;
}

static void test_join(void **state)
{
    struct lab *lab = lab_new(5, MLB_MEMBERSHIP_FAST);

    (void)state;
    lab_start_all(lab);
    assert_true(lab->now < SEC(1000) + MS(500));
    for (size_t a = 0; a < 5; a++)
        for (size_t b = 0; b < 5; b++)
            assert_int_equal(lab_events(lab, a, MLB_MEMBERSHIP_JOINED, b), a != b);
    assert_int_equal(lab_events(lab, 1, MLB_MEMBERSHIP_SYNCHRONIZED, SIZE_MAX), 1);
    lab_forget_events(lab);
    lab_run(lab, SEC(120));
    for (size_t a = 0; a < 5; a++)
        for (size_t b = 0; b < 5; b++)
            assert_int_equal(lab_events(lab, a, MLB_MEMBERSHIP_SUSPECTED, b), 0);
    lab_free(lab);
}

static void test_crash(void **state)
{
    struct lab *lab = lab_new(5, MLB_MEMBERSHIP_FAST);

    (void)state;
    lab_start_all(lab);
    lab_run(lab, SEC(5));
    lab_crash(lab, 3);
    assert_true(lab_run_until(lab, failed_everywhere, SEC(3)) <= SEC(2));
    for (size_t a = 0; a < 5; a++)
        assert_int_equal(lab_events(lab, a, MLB_MEMBERSHIP_FAILED, 3), a != 3);
    lab_run(lab, SEC(60));
    assert_int_equal(lab_state(lab, 0, 3), -1);
    lab_start(lab, 3, 0);
    assert_true(lab_run_until(lab, lab_is_whole, SEC(3)) <= SEC(1));
    lab_free(lab);
}

static void test_split(void **state)
{
    struct lab *lab = lab_new(6, MLB_MEMBERSHIP_FAST);
    struct membership_endpoint seeds[6];

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        lab_start(lab, i, SIZE_MAX);
        for (size_t k = 0; k < 6; k++)
            seeds[k] = lab->nodes[k].endpoint;
        assert_int_equal(membership_set_seeds(lab->nodes[i].core, lab->now, seeds, 6), MLB_OK);
        lab_drive(lab, i);
    }
    assert_true(lab_run_until(lab, lab_is_whole, SEC(3)) <= SEC(2));
    for (unsigned i = 0; i < 4; i++) {
        lab_split(lab, 3, 1);
        /* Also for longer than the dead are remembered. */
        lab_run(lab, i % 2 ? SEC(10) : SEC(70));
        lab_split(lab, 3, 0);
        assert_true(lab_run_until(lab, lab_is_whole, SEC(60)) <= SEC(3));
    }
    lab_free(lab);
}

/* With label, keys and compression; who has another key is no member and changes nothing. */
static void test_sealed(void **state)
{
    static const struct mlb_membership_key keys[] = {{.bytes = "0123456789abcdef", .length = 16},
                                                     {.bytes = "fedcba9876543210", .length = 16}};
    struct lab *lab = lab_new(5, MLB_MEMBERSHIP_FAST);

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        lab->nodes[i].options.label = "blue";
        lab->nodes[i].options.keys = &keys[i == 4];
        lab->nodes[i].options.key_count = 1;
        lab_start(lab, i, 0);
    }
    lab_run(lab, SEC(5));
    for (size_t a = 0; a < 4; a++) {
        for (size_t b = 0; b < 4; b++)
            assert_int_equal(lab_state(lab, a, b), MLB_MEMBER_ALIVE);
        assert_int_equal(lab_state(lab, a, 4), -1);
        assert_in_range(lab->nodes[a].largest_packet, 200, 1405);
    }
    assert_int_equal(lab_statistics(lab, 0).streams_failed > 0, 1);
    /* Two keys in everybody's ring, and then it is a member as well. */
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(membership_set_keys(lab->nodes[i].core, keys, 2), MLB_OK);
    assert_int_equal(membership_set_keys(
                         lab->nodes[4].core,
                         (struct mlb_membership_key[]){{.bytes = "fedcba9876543210", .length = 16},
                                                       {.bytes = "0123456789abcdef", .length = 16}},
                         2),
                     MLB_OK);
    assert_true(lab_run_until(lab, lab_is_whole, SEC(10)) < SEC(3));
    assert_int_equal(membership_set_keys(lab->nodes[0].core, NULL, 0), MLB_ERROR_INVALID_ARGUMENT);
    lab_free(lab);
}

static size_t deaf;
static size_t mute;

static int lose_between(struct lab *lab, size_t from, size_t to, const uint8_t *bytes,
                        size_t length)
{
    (void)lab;
    (void)bytes;
    (void)length;
    return !(from == mute && to == deaf);
}

/* Two nodes that lose each other's packets alone: others speak for them, or the stream does. */
static void test_lost_packets(void **state)
{
    (void)state;
    for (size_t count = 2; count <= 4; count += 2) {
        struct lab *lab = lab_new(count, MLB_MEMBERSHIP_FAST);

        lab_start_all(lab);
        lab_run(lab, SEC(2));
        lab_forget_events(lab);
        mute = 0;
        deaf = 1;
        lab->watch = lose_between;
        lab_run(lab, SEC(60));
        assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_SUSPECTED, SIZE_MAX), 0);
        assert_int_equal(lab_events(lab, 1, MLB_MEMBERSHIP_SUSPECTED, SIZE_MAX), 0);
        lab_free(lab);
    }
}

/* Under the same name at another address: not before the others forgot the old one. */
static void test_new_address(void **state)
{
    struct lab *lab = lab_new(4, MLB_MEMBERSHIP_FAST);
    uint64_t took;

    (void)state;
    lab_start_all(lab);
    lab_run(lab, SEC(2));
    lab_crash(lab, 3);
    lab->nodes[3].endpoint.address.bytes[3] = 200;
    lab->nodes[3].options.advertise = lab->nodes[3].endpoint;
    lab_start(lab, 3, 0);
    lab_run(lab, SEC(2));
    assert_true(lab_events(lab, 0, MLB_MEMBERSHIP_CONFLICT, 3) > 0);
    took = lab_run_until(lab, lab_is_whole, SEC(90));
    assert_in_range(took, SEC(25), SEC(45));
    assert_int_equal(lab_member(lab, 0, 3).address.bytes[3], 200);
    lab_free(lab);
}

/* The values of MetalLB: 9 s at most for three nodes, by arithmetic. */
static void test_crash_of_lan(void **state)
{
    struct lab *lab = lab_new(3, MLB_MEMBERSHIP_LAN);

    (void)state;
    lab_start_all(lab);
    lab_run(lab, SEC(20));
    for (int i = 0; i < 5; i++) {
        uint64_t took;

        lab_crash(lab, 2);
        took = lab_run_until(lab, failed_everywhere, SEC(30));
        assert_in_range(took, SEC(4), SEC(9));
        lab_start(lab, 2, 0);
        assert_true(lab_run_until(lab, lab_is_whole, SEC(10)) < SEC(3));
        lab_run(lab, SEC(3) + MS(137) * (uint64_t)i);
    }
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),         cmocka_unit_test(test_crash),
        cmocka_unit_test(test_split),        cmocka_unit_test(test_sealed),
        cmocka_unit_test(test_lost_packets), cmocka_unit_test(test_new_address),
        cmocka_unit_test(test_crash_of_lan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
