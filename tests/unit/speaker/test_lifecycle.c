/* SPDX-License-Identifier: MIT */
/* When a node may answer: every pair of state and event, and what must be known at the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "speaker/lifecycle.h"

/* Rows are states, columns events, both in the order of their enums. */
static const enum lifecycle_state expected[LIFECYCLE_STATE_COUNT][LIFECYCLE_EVENT_COUNT] = {
    /* starting */
    {LIFECYCLE_RUNNING, LIFECYCLE_STARTING, LIFECYCLE_STARTING, LIFECYCLE_STARTING_DRAINED,
     LIFECYCLE_STARTING, LIFECYCLE_STARTING, LIFECYCLE_ENDING},
    /* starting drained */
    {LIFECYCLE_DRAINED, LIFECYCLE_STARTING_DRAINED, LIFECYCLE_STARTING_DRAINED,
     LIFECYCLE_STARTING_DRAINED, LIFECYCLE_STARTING, LIFECYCLE_STARTING_DRAINED, LIFECYCLE_ENDING},
    /* running */
    {LIFECYCLE_RUNNING, LIFECYCLE_STALLED, LIFECYCLE_RUNNING, LIFECYCLE_DRAINING, LIFECYCLE_RUNNING,
     LIFECYCLE_RUNNING, LIFECYCLE_LEAVING},
    /* draining */
    {LIFECYCLE_DRAINING, LIFECYCLE_STALLED_DRAINED, LIFECYCLE_DRAINING, LIFECYCLE_DRAINING,
     LIFECYCLE_RUNNING, LIFECYCLE_DRAINED, LIFECYCLE_LEAVING},
    /* drained */
    {LIFECYCLE_DRAINED, LIFECYCLE_STALLED_DRAINED, LIFECYCLE_DRAINED, LIFECYCLE_DRAINED,
     LIFECYCLE_RUNNING, LIFECYCLE_DRAINED, LIFECYCLE_LEAVING},
    /* stalled */
    {LIFECYCLE_STALLED, LIFECYCLE_STALLED, LIFECYCLE_RUNNING, LIFECYCLE_STALLED_DRAINED,
     LIFECYCLE_STALLED, LIFECYCLE_STALLED, LIFECYCLE_ENDING},
    /* stalled drained */
    {LIFECYCLE_STALLED_DRAINED, LIFECYCLE_STALLED_DRAINED, LIFECYCLE_DRAINED,
     LIFECYCLE_STALLED_DRAINED, LIFECYCLE_STALLED, LIFECYCLE_STALLED_DRAINED, LIFECYCLE_ENDING},
    /* leaving */
    {LIFECYCLE_LEAVING, LIFECYCLE_ENDING, LIFECYCLE_LEAVING, LIFECYCLE_LEAVING, LIFECYCLE_LEAVING,
     LIFECYCLE_ENDING, LIFECYCLE_ENDING},
    /* ending */
    {LIFECYCLE_ENDING, LIFECYCLE_ENDING, LIFECYCLE_ENDING, LIFECYCLE_ENDING, LIFECYCLE_ENDING,
     LIFECYCLE_ENDING, LIFECYCLE_ENDING},
};

static void every_pair_of_state_and_event(void **state)
{
    (void)state;
    for (int from = 0; from < LIFECYCLE_STATE_COUNT; from++) {
        for (int event = 0; event < LIFECYCLE_EVENT_COUNT; event++) {
            struct lifecycle lifecycle = {.state = (enum lifecycle_state)from};
            bool changed = lifecycle_take(&lifecycle, (enum lifecycle_event)event);
            if (lifecycle.state != expected[from][event])
                fail_msg("state %d with event %d leads to %d", from, event, (int)lifecycle.state);
            assert_int_equal(changed, expected[from][event] != (enum lifecycle_state)from);
        }
    }
}

static void what_each_state_allows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool answers, ready, drains, hands_over, ends;
    } allowed[LIFECYCLE_STATE_COUNT] = {
        {"starting", false, false, false, false, false},
        {"starting", false, false, true, false, false},
        {"running", true, true, false, false, false},
        {"draining", true, true, true, true, false},
        {"drained", true, true, true, false, false},
        {"stalled", false, false, false, false, false},
        {"stalled", false, false, true, false, false},
        {"leaving", true, false, true, true, true},
        {"ending", false, false, true, false, true},
    };
    for (int i = 0; i < LIFECYCLE_STATE_COUNT; i++) {
        struct lifecycle lifecycle = {.state = (enum lifecycle_state)i};
        assert_string_equal(lifecycle_name(&lifecycle), allowed[i].name);
        assert_int_equal(lifecycle_answers(&lifecycle), allowed[i].answers);
        assert_int_equal(lifecycle_is_ready(&lifecycle), allowed[i].ready);
        assert_int_equal(lifecycle_drains(&lifecycle), allowed[i].drains);
        assert_int_equal(lifecycle_hands_over(&lifecycle), allowed[i].hands_over);
        assert_int_equal(lifecycle_ends(&lifecycle), allowed[i].ends);
    }
}

static void all_must_be_known_to_start(void **state)
{
    (void)state;
    static const unsigned bits[] = {LIFECYCLE_CONFIGURATION, LIFECYCLE_LINKS, LIFECYCLE_GROUP};
    struct lifecycle lifecycle;
    for (size_t last = 0; last < 3; last++) {
        lifecycle_init(&lifecycle, LIFECYCLE_ALL);
        for (size_t i = 0; i < 3; i++) {
            if (i == last)
                continue;
            assert_false(lifecycle_learn(&lifecycle, bits[i]));
            assert_false(lifecycle_answers(&lifecycle));
            /* The same again is no news. */
            assert_false(lifecycle_learn(&lifecycle, bits[i]));
        }
        assert_true(lifecycle_learn(&lifecycle, bits[last]));
        assert_int_equal(lifecycle.state, LIFECYCLE_RUNNING);
        assert_false(lifecycle_learn(&lifecycle, LIFECYCLE_ALL));
    }
    lifecycle_init(&lifecycle, LIFECYCLE_ALL);
    assert_true(lifecycle_learn(&lifecycle, LIFECYCLE_ALL));
    lifecycle_init(&lifecycle, 0);
    assert_int_equal(lifecycle.state, LIFECYCLE_RUNNING);
}

/* What is learnt after the start, or after the end began, starts nothing. */
static void it_starts_once(void **state)
{
    (void)state;
    struct lifecycle lifecycle;
    lifecycle_init(&lifecycle, LIFECYCLE_GROUP);
    assert_true(lifecycle_take(&lifecycle, LIFECYCLE_DRAIN));
    assert_true(lifecycle_learn(&lifecycle, LIFECYCLE_GROUP));
    assert_int_equal(lifecycle.state, LIFECYCLE_DRAINED);
    assert_true(lifecycle_take(&lifecycle, LIFECYCLE_STALL));
    assert_false(lifecycle_learn(&lifecycle, LIFECYCLE_GROUP));
    assert_int_equal(lifecycle.state, LIFECYCLE_STALLED_DRAINED);
    lifecycle_init(&lifecycle, LIFECYCLE_GROUP);
    assert_true(lifecycle_take(&lifecycle, LIFECYCLE_TERMINATE));
    assert_false(lifecycle_learn(&lifecycle, LIFECYCLE_GROUP));
    assert_int_equal(lifecycle.state, LIFECYCLE_ENDING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_state_and_event),
        cmocka_unit_test(what_each_state_allows),
        cmocka_unit_test(all_must_be_known_to_start),
        cmocka_unit_test(it_starts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
