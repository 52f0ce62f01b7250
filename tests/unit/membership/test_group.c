/* SPDX-License-Identifier: MIT */
/* Groups of a few nodes: they find each other, notice who is gone, and grow together again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

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

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        lab_start(lab, i, SIZE_MAX);
        for (size_t k = 0; k < 6; k++) {
            struct membership_endpoint seeds[6];

            for (size_t s = 0; s < 6; s++)
                seeds[s] = lab->nodes[s].endpoint;
            assert_int_equal(membership_set_seeds(lab->nodes[i].core, lab->now, seeds, 6, 0),
                             MLB_OK);
        }
        lab_drive(lab, i);
    }
    assert_true(lab_run_until(lab, lab_is_whole, SEC(3)) <= SEC(2));
    for (unsigned i = 0; i < 4; i++) {
        uint64_t took;

        lab_split(lab, 3, 1);
        lab_run(lab, i % 2 ? SEC(10) : SEC(70));
        lab_split(lab, 3, 0);
        took = lab_run_until(lab, lab_is_whole, SEC(60));
        print_message("whole after %llu ms\n", (unsigned long long)(took / 1000000));
        assert_true(took <= SEC(3));
    }
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_crash),
        cmocka_unit_test(test_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
