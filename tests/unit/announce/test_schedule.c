/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "announce/pacer.h"
#include "announce/schedule.h"

/* Times in units of the interval's tenth, so that the table reads like the rule: 11 and 50. */
static const struct schedule_timing timing = {.interval = 11, .duration = 50};
static const struct schedule_timing refreshing = {.interval = 11, .duration = 50, .refresh = 300};

/* What comes of an input in a state. All states begin as after a cause at 100 and, where they are
 * later ones, with the set of 111 due. */
struct transition {
    enum schedule_state from;
    enum schedule_input input;
    uint64_t now;
    enum schedule_state to;
    uint64_t next;
    uint64_t deadline;
    int dropped;
};

static const struct transition transitions[] = {
    {SCHEDULE_QUIET, SCHEDULE_CAUSE, 100, SCHEDULE_FIRST, 111, 111, 0},
    {SCHEDULE_QUIET, SCHEDULE_DUE, 100, SCHEDULE_QUIET, SCHEDULE_NEVER, SCHEDULE_NEVER, 0},
    {SCHEDULE_QUIET, SCHEDULE_SENT, 100, SCHEDULE_QUIET, SCHEDULE_NEVER, SCHEDULE_NEVER, 0},
    {SCHEDULE_QUIET, SCHEDULE_STOP, 100, SCHEDULE_QUIET, SCHEDULE_NEVER, SCHEDULE_NEVER, 0},
    {SCHEDULE_FIRST, SCHEDULE_CAUSE, 105, SCHEDULE_FIRST, 116, 116, 0},
    {SCHEDULE_FIRST, SCHEDULE_DUE, 111, SCHEDULE_FIRST, 122, 122, 1},
    {SCHEDULE_FIRST, SCHEDULE_SENT, 105, SCHEDULE_WAITING, 111, 111, 0},
    {SCHEDULE_FIRST, SCHEDULE_STOP, 105, SCHEDULE_QUIET, SCHEDULE_NEVER, SCHEDULE_NEVER, 0},
    {SCHEDULE_WAITING, SCHEDULE_CAUSE, 105, SCHEDULE_FIRST, 116, 116, 0},
    {SCHEDULE_WAITING, SCHEDULE_DUE, 111, SCHEDULE_REPEAT, 122, 122, 0},
    {SCHEDULE_WAITING, SCHEDULE_SENT, 105, SCHEDULE_WAITING, 111, 111, 0},
    {SCHEDULE_WAITING, SCHEDULE_STOP, 105, SCHEDULE_QUIET, SCHEDULE_NEVER, SCHEDULE_NEVER, 0},
    {SCHEDULE_REPEAT, SCHEDULE_CAUSE, 115, SCHEDULE_FIRST, 126, 126, 0},
    {SCHEDULE_REPEAT, SCHEDULE_DUE, 122, SCHEDULE_REPEAT, 133, 133, 1},
    {SCHEDULE_REPEAT, SCHEDULE_SENT, 115, SCHEDULE_WAITING, 122, 122, 0},
    {SCHEDULE_REPEAT, SCHEDULE_STOP, 115, SCHEDULE_QUIET, SCHEDULE_NEVER, SCHEDULE_NEVER, 0},
};

static struct schedule schedule_in(enum schedule_state state)
{
    struct schedule schedule;

    schedule_init(&schedule);
    if (state != SCHEDULE_QUIET)
        schedule_step(&schedule, &timing, 100, SCHEDULE_CAUSE);
    if (state == SCHEDULE_WAITING || state == SCHEDULE_REPEAT)
        schedule_step(&schedule, &timing, 100, SCHEDULE_SENT);
    if (state == SCHEDULE_REPEAT)
        schedule_step(&schedule, &timing, 111, SCHEDULE_DUE);
    assert_int_equal(schedule.state, state);
    return schedule;
}

static void test_every_pair_of_state_and_input(void **state)
{
    int seen[SCHEDULE_STATES][SCHEDULE_INPUTS] = {{0}};

    (void)state;
    for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++) {
        const struct transition *row = &transitions[i];
        struct schedule schedule = schedule_in(row->from);

        assert_int_equal(schedule_step(&schedule, &timing, row->now, row->input), row->dropped);
        assert_int_equal(schedule.state, row->to);
        assert_int_equal(schedule.next, row->next);
        assert_int_equal(schedule.deadline, row->deadline);
        seen[row->from][row->input]++;
    }
    for (size_t from = 0; from < SCHEDULE_STATES; from++)
        for (size_t input = 0; input < SCHEDULE_INPUTS; input++)
            assert_int_equal(seen[from][input], 1);
}

/* A schedule whose sets are sent at once, until nothing is due any more. */
static size_t times_of(struct schedule *schedule, const struct schedule_timing *chosen,
                       uint64_t *times, size_t capacity)
{
    size_t count = 0;

    while (count < capacity && schedule->state != SCHEDULE_QUIET) {
        uint64_t now = schedule->deadline;

        assert_int_equal(schedule_step(schedule, chosen, now, SCHEDULE_DUE), 0);
        times[count++] = now;
        schedule_step(schedule, chosen, now, SCHEDULE_SENT);
    }
    return count;
}

static void test_sets_of_a_take_over(void **state)
{
    struct schedule schedule = schedule_in(SCHEDULE_WAITING);
    uint64_t times[8] = {0};

    (void)state;
    assert_int_equal(times_of(&schedule, &timing, times, 8), 4);
    assert_int_equal(times[0], 111);
    assert_int_equal(times[1], 122);
    assert_int_equal(times[2], 133);
    assert_int_equal(times[3], 144);
}

static void test_refresh_goes_on(void **state)
{
    struct schedule schedule;
    uint64_t times[7] = {0};

    (void)state;
    schedule_init(&schedule);
    schedule_step(&schedule, &refreshing, 100, SCHEDULE_CAUSE);
    schedule_step(&schedule, &refreshing, 100, SCHEDULE_SENT);
    assert_int_equal(times_of(&schedule, &refreshing, times, 7), 7);
    assert_int_equal(times[3], 144);
    assert_int_equal(times[4], 444);
    assert_int_equal(times[5], 744);
    assert_int_equal(times[6], 1044);
}

/* The last repeat has its turn until the 5 s are over and no longer. */
static void test_last_repeat_is_dropped_at_the_end(void **state)
{
    struct schedule schedule = schedule_in(SCHEDULE_WAITING);

    (void)state;
    for (uint64_t now = 111; now < 144; now += 11) {
        schedule_step(&schedule, &timing, now, SCHEDULE_DUE);
        schedule_step(&schedule, &timing, now, SCHEDULE_SENT);
    }
    schedule_step(&schedule, &timing, 144, SCHEDULE_DUE);
    assert_int_equal(schedule.state, SCHEDULE_REPEAT);
    assert_int_equal(schedule.deadline, 150);
    assert_int_equal(schedule_step(&schedule, &timing, 150, SCHEDULE_DUE), 1);
    assert_int_equal(schedule.state, SCHEDULE_QUIET);
}

/* However late its turn is, the first set is sent, and no repeat after the end. */
static void test_first_set_never_expires(void **state)
{
    struct schedule schedule = schedule_in(SCHEDULE_FIRST);
    int dropped = 0;

    (void)state;
    while (schedule.deadline != SCHEDULE_NEVER)
        dropped += schedule_step(&schedule, &timing, schedule.deadline, SCHEDULE_DUE);
    assert_int_equal(dropped, 4);
    assert_int_equal(schedule.state, SCHEDULE_FIRST);
    schedule_step(&schedule, &timing, 300, SCHEDULE_SENT);
    assert_int_equal(schedule.state, SCHEDULE_QUIET);
}

/* A process that slept over everything neither catches up nor loops. */
static void test_stall(void **state)
{
    struct schedule schedule = schedule_in(SCHEDULE_WAITING);
    size_t steps = 0;

    (void)state;
    while (schedule.deadline <= 100000) {
        schedule_step(&schedule, &refreshing, 100000, SCHEDULE_DUE);
        assert_true(++steps < 10);
    }
    assert_int_equal(schedule.deadline, 100300);
}

static void test_pacer(void **state)
{
    struct pacer pacer;
    unsigned frames = 0;

    (void)state;
    pacer_init(&pacer, 5, 64, 1000);
    while (pacer_take(&pacer, 5))
        frames++;
    assert_int_equal(frames, 64);
    assert_int_equal(pacer_next(&pacer), 1000005);
    assert_false(pacer_take(&pacer, 1000004));
    assert_true(pacer_take(&pacer, 1000005));
    assert_false(pacer_take(&pacer, 1000005));
    for (frames = 0; pacer_take(&pacer, UINT64_C(3600000000000));)
        frames++;
    assert_int_equal(frames, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_of_state_and_input),
        cmocka_unit_test(test_sets_of_a_take_over),
        cmocka_unit_test(test_refresh_goes_on),
        cmocka_unit_test(test_last_repeat_is_dropped_at_the_end),
        cmocka_unit_test(test_first_set_never_expires),
        cmocka_unit_test(test_stall),
        cmocka_unit_test(test_pacer),
    };

    return cmocka_run_group_tests_name("announce schedule", tests, NULL, NULL);
}
