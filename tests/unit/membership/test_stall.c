/* SPDX-License-Identifier: MIT */
/* A node that stood still, or was taken for dead; leaving and coming back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lab.h"

static size_t position_of(struct lab *lab, size_t node, uint32_t kind)
{
    for (size_t i = 0; i < lab->nodes[node].event_count; i++)
        if (lab->nodes[node].events[i].kind == kind)
            return i;
    return SIZE_MAX;
}

static struct lab *whole(size_t count)
{
    struct lab *lab = lab_new(count, MLB_MEMBERSHIP_FAST);

    lab_start_all(lab);
    lab_run(lab, SEC(2));
    lab_forget_events(lab);
    return lab;
}

/* Long enough to be taken for dead: the others come back by one exchange, nobody is accused. */
static void test_long_stall(void **state)
{
    struct lab *lab = whole(4);

    (void)state;
    lab_stand_still(lab, 2, SEC(5));
    lab_run(lab, SEC(5) - MS(1));
    assert_int_equal(lab_state(lab, 0, 2), MLB_MEMBER_FAILED);
    lab_run(lab, MS(300));
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_STALLED, SIZE_MAX), 1);
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_RECOVERED, SIZE_MAX), 1);
    assert_true(position_of(lab, 2, MLB_MEMBERSHIP_STALLED) <
                position_of(lab, 2, MLB_MEMBERSHIP_RECOVERED));
    assert_true(lab_is_whole(lab));
    assert_int_equal(lab_statistics(lab, 2).stalls, 1);
    lab_run(lab, SEC(5));
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_STALLED, SIZE_MAX), 1);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_FAILED, i), 0);
        assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_SUSPECTED, i), 0);
        assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_FAILED, i), i == 2);
    }
    lab_free(lab);
}

/* Shorter than any suspicion: nothing to tell. */
static void test_short_stall(void **state)
{
    struct lab *lab = whole(4);

    (void)state;
    lab_stand_still(lab, 2, MS(250));
    lab_run(lab, SEC(5));
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_STALLED, SIZE_MAX), 0);
    assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_FAILED, 2), 0);
    assert_true(lab_is_whole(lab));
    lab_free(lab);
}

/* What queued up is dropped, until the next deadline. */
static void test_drops_input(void **state)
{
    struct lab *lab = whole(3);
    struct membership *core = lab->nodes[1].core;
    uint64_t received;

    (void)state;
    lab_run(lab, SEC(1));
    membership_tick(core, lab->now + SEC(3));
    assert_int_equal(membership_drops_input(core), 1);
    received = membership_deadline(core);
    assert_true(received > lab->now + SEC(3));
    assert_true(received <= lab->now + SEC(3) + MS(10));
    membership_tick(core, lab->now + SEC(3) + MS(10));
    assert_int_equal(membership_drops_input(core), 0);
    lab_free(lab);
}

/* The first call after the stall may be a packet. */
static void test_packet_before_tick(void **state)
{
    struct lab *lab = whole(3);
    struct membership *core = lab->nodes[1].core;
    const uint8_t packet[] = {0, 0x80};

    (void)state;
    membership_input(core, lab->now + SEC(3), &lab->nodes[0].endpoint, packet, sizeof(packet));
    assert_int_equal(membership_drops_input(core), 1);
    assert_int_equal(lab_statistics(lab, 1).stalls, 1);
    membership_tick(core, lab->now + SEC(3));
    assert_int_equal(lab_statistics(lab, 1).stalls, 1);
    lab_free(lab);
}

/* The group does not answer: after two seconds it goes on. */
static void test_no_answer(void **state)
{
    struct lab *lab = whole(3);

    (void)state;
    lab_stand_still(lab, 1, SEC(1));
    lab_run(lab, MS(900));
    lab_cut(lab, 1, 0, 1);
    lab_cut(lab, 1, 2, 1);
    lab_run(lab, MS(2000));
    assert_int_equal(lab_events(lab, 1, MLB_MEMBERSHIP_STALLED, SIZE_MAX), 1);
    assert_int_equal(lab_events(lab, 1, MLB_MEMBERSHIP_RECOVERED, SIZE_MAX), 0);
    lab_run(lab, MS(200));
    assert_int_equal(lab_events(lab, 1, MLB_MEMBERSHIP_RECOVERED, SIZE_MAX), 1);
    lab_free(lab);
}

/* One that is asked refuses: another one is. */
static void test_another_is_asked(void **state)
{
    struct lab *lab = whole(3);

    (void)state;
    lab_stand_still(lab, 0, SEC(1));
    lab_run(lab, MS(990));
    lab_crash(lab, 1);
    lab_run(lab, MS(500));
    assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_STALLED, SIZE_MAX), 1);
    assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_RECOVERED, SIZE_MAX), 1);
    lab_free(lab);
}

/* Who is alone has nobody to ask. */
static void test_alone(void **state)
{
    struct lab *lab = lab_new(1, MLB_MEMBERSHIP_FAST);

    (void)state;
    lab_start(lab, 0, SIZE_MAX);
    lab_run(lab, SEC(1));
    lab_stand_still(lab, 0, SEC(1));
    lab_run(lab, MS(1001));
    assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_STALLED, SIZE_MAX), 1);
    assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_RECOVERED, SIZE_MAX), 1);
    lab_free(lab);
}

/* Longer than the others remember: what it still believes does not bring the dead back. */
static void test_outdated(void **state)
{
    struct lab *lab = whole(4);

    (void)state;
    lab_stand_still(lab, 0, SEC(60));
    lab_run(lab, SEC(1));
    lab_crash(lab, 3);
    lab_run(lab, SEC(58));
    assert_int_equal(lab_state(lab, 1, 3), -1);
    assert_int_equal(lab_state(lab, 0, 3), MLB_MEMBER_ALIVE);
    /* Nobody told of it any more: it must show that it lives, before any probe could fail. */
    lab_run(lab, SEC(1) + MS(60));
    assert_int_equal(lab_state(lab, 0, 3), MLB_MEMBER_SUSPECT);
    lab_run(lab, SEC(4));
    assert_int_equal(lab_events(lab, 1, MLB_MEMBERSHIP_JOINED, 3), 0);
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_JOINED, 3), 0);
    assert_int_not_equal(lab_state(lab, 0, 3), MLB_MEMBER_ALIVE);
    assert_int_equal(lab_state(lab, 1, 0), MLB_MEMBER_ALIVE);
    assert_int_equal(lab_state(lab, 0, 1), MLB_MEMBER_ALIVE);
    lab_free(lab);
}

static int is_left(struct lab *lab)
{
    for (size_t i = 0; i < lab->count; i++)
        if (lab_state(lab, i, 2) != MLB_MEMBER_LEFT)
            return 0;
    return 1;
}

static int is_departed(struct lab *lab)
{
    return lab_events(lab, 2, MLB_MEMBERSHIP_DEPARTED, SIZE_MAX) > 0;
}

static void test_leave(void **state)
{
    struct lab *lab = whole(5);

    (void)state;
    assert_int_equal(membership_return(lab->nodes[2].core, lab->now), MLB_ERROR_WRONG_STATE);
    assert_int_equal(membership_leave(lab->nodes[2].core, lab->now, SEC(5)), MLB_OK);
    assert_int_equal(membership_leave(lab->nodes[2].core, lab->now, SEC(5)), MLB_ERROR_WRONG_STATE);
    lab_drive(lab, 2);
    assert_true(lab_run_until(lab, is_left, SEC(2)) < MS(300));
    assert_true(lab_run_until(lab, is_departed, SEC(2)) < MS(500));
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(lab_events(lab, i, MLB_MEMBERSHIP_LEFT, 2), i != 2);
        assert_int_equal(lab_events(lab, i, MLB_MEMBERSHIP_FAILED, 2), 0);
    }
    /* It still answers, and nobody wakes it: not its old alive, not an accusation. */
    lab_run(lab, SEC(20));
    assert_int_equal(lab_state(lab, 2, 2), MLB_MEMBER_LEFT);
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_DEPARTED, SIZE_MAX), 1);
    assert_int_equal(lab_statistics(lab, 2).refutations, 0);
    assert_int_equal(membership_return(lab->nodes[2].core, lab->now), MLB_OK);
    lab_drive(lab, 2);
    assert_true(lab_run_until(lab, lab_is_whole, SEC(2)) < MS(300));
    assert_int_equal(lab_incarnation(lab, 0, 2), 2);
    assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_JOINED, 2), 1);
    lab_free(lab);
}

/* Nobody to tell: at once. The time is over: then too. */
static void test_leave_alone(void **state)
{
    struct lab *lab = whole(3);

    (void)state;
    lab_cut(lab, 2, 0, 1);
    lab_cut(lab, 2, 1, 1);
    lab_stand_still(lab, 0, SEC(9));
    lab_stand_still(lab, 1, SEC(9));
    lab->nodes[2].options.timing.gossip_interval = 3000;
    lab_start(lab, 2, SIZE_MAX);
    assert_int_equal(membership_leave(lab->nodes[2].core, lab->now, SEC(5)), MLB_OK);
    lab_drive(lab, 2);
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_DEPARTED, SIZE_MAX), 1);
    lab_free(lab);

    lab = lab_new(3, MLB_MEMBERSHIP_FAST);
    lab->nodes[2].options.timing.gossip_interval = 3000;
    lab->nodes[2].options.timing.probe_interval = 3000;
    lab_start_all(lab);
    lab_run(lab, SEC(20));
    lab_forget_events(lab);
    assert_int_equal(membership_leave(lab->nodes[2].core, lab->now, MS(700)), MLB_OK);
    lab_run(lab, MS(690));
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_DEPARTED, SIZE_MAX), 0);
    lab_run(lab, MS(20));
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_DEPARTED, SIZE_MAX), 1);
    lab_free(lab);
}

/* A node that left and starts again at once is no node that stood still. */
static void test_restart_after_leave(void **state)
{
    struct lab *lab = whole(4);

    (void)state;
    assert_int_equal(membership_leave(lab->nodes[2].core, lab->now, SEC(1)), MLB_OK);
    lab_drive(lab, 2);
    lab_run(lab, MS(60));
    lab_forget_events(lab);
    lab_start(lab, 2, 0);
    assert_true(lab_run_until(lab, lab_is_whole, SEC(2)) < SEC(1));
    assert_int_equal(lab_events(lab, 2, MLB_MEMBERSHIP_STALLED, SIZE_MAX), 0);
    lab_free(lab);
}

/* While away others come and go; on return all is known at once. */
static void test_changes_while_away(void **state)
{
    struct lab *lab = lab_new(5, MLB_MEMBERSHIP_FAST);

    (void)state;
    for (size_t i = 0; i < 4; i++)
        lab_start(lab, i, 0);
    lab_run(lab, SEC(2));
    assert_int_equal(membership_leave(lab->nodes[2].core, lab->now, SEC(1)), MLB_OK);
    lab_drive(lab, 2);
    lab_run(lab, SEC(1));
    lab_start(lab, 4, 0);
    lab_crash(lab, 1);
    lab_run(lab, SEC(5));
    assert_int_equal(membership_return(lab->nodes[2].core, lab->now), MLB_OK);
    lab_drive(lab, 2);
    assert_true(lab_run_until(lab, lab_is_whole, SEC(5)) < SEC(2));
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_stall),
        cmocka_unit_test(test_short_stall),
        cmocka_unit_test(test_drops_input),
        cmocka_unit_test(test_packet_before_tick),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_another_is_asked),
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_outdated),
        cmocka_unit_test(test_leave),
        cmocka_unit_test(test_leave_alone),
        cmocka_unit_test(test_restart_after_leave),
        cmocka_unit_test(test_changes_while_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
