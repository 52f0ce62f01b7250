/* SPDX-License-Identifier: MIT */
/*
 * Membership without memory: in a scenario with every kind of call, one allocation after the other
 * fails. Nothing breaks, calls that fail change nothing, and once there is memory again the group
 * becomes whole. The linker turns the library's allocations to the ones here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../memory/wrapped.h"
#include "lab.h"

#define NO_FAILURE SIZE_MAX

static size_t allocations_left = NO_FAILURE;
static size_t failures;

/* The one whose turn it is fails, those behind it succeed. */
int may_allocate(void)
{
    if (allocations_left == NO_FAILURE)
        return 1;
    if (allocations_left > 0) {
        allocations_left--;
        return 1;
    }
    allocations_left = NO_FAILURE;
    failures++;
    return 0;
}

static int32_t make(struct lab *lab, size_t node)
{
    return membership_new(&lab->nodes[node].options, lab->now, &lab->nodes[node].core);
}

static void test_new(void **state)
{
    struct lab *lab = lab_new(1, MLB_MEMBERSHIP_FAST);
    size_t failing = 0;

    (void)state;
    lab->nodes[0].options.meta = (const uint8_t *)"meta";
    lab->nodes[0].options.meta_length = 4;
    for (;; failing++) {
        allocations_left = failing;
        if (make(lab, 0) == MLB_OK)
            break;
        assert_null(lab->nodes[0].core);
        assert_in_range(failing, 0, 100);
    }
    allocations_left = NO_FAILURE;
    assert_in_range(failing, 8, 100);
    lab_free(lab);
}

/* Calls of node 0 in a group of three, one after the other. */
static int32_t call(struct lab *lab, size_t step)
{
    static uint8_t facts[2000];
    struct membership *core = lab->nodes[0].core;
    struct membership_endpoint seeds[2] = {lab->nodes[1].endpoint, lab->nodes[2].endpoint};

    memset(facts, 'f', sizeof(facts));
    switch (step) {
    case 0:
        return membership_set_meta(core, lab->now, (const uint8_t *)"blue", 4);
    case 1:
        return membership_set_facts(core, lab->now, facts, 100);
    case 2:
        return membership_set_facts(core, lab->now, facts, sizeof(facts));
    case 3:
        return membership_set_seeds(core, lab->now, seeds, 2);
    case 4:
        return membership_leave(core, lab->now, SEC(1));
    default:
        return membership_return(core, lab->now);
    }
}

#define CALLS 6

static void test_calls(void **state)
{
    (void)state;
    for (size_t failing = 0; failing < 40; failing++) {
        struct lab *lab = lab_new(3, MLB_MEMBERSHIP_FAST);

        lab_start_all(lab);
        lab_run(lab, SEC(2));
        for (size_t step = 0; step < CALLS; step++) {
            struct mlb_member before = lab_member(lab, 0, 0);
            struct mlb_member after;
            int32_t result;

            allocations_left = failing;
            result = call(lab, step);
            allocations_left = NO_FAILURE;
            after = lab_member(lab, 0, 0);
            if (result == MLB_ERROR_NO_MEMORY) {
                assert_memory_equal(&before, &after, sizeof(before));
                result = call(lab, step);
            }
            assert_int_equal(result, MLB_OK);
            lab_drive(lab, 0);
            lab_run(lab, MS(500));
        }
        assert_true(lab_run_until(lab, lab_is_whole, SEC(60)) < SEC(60));
        lab_free(lab);
    }
}

/* Nodes start, one crashes and comes back; the n-th allocation of all that fails. */
static void scenario(struct lab *lab, size_t failing)
{
    for (size_t i = 0; i < 3; i++) {
        lab_start(lab, i, 0);
        assert_int_equal(
            membership_set_facts(lab->nodes[i].core, lab->now, (const uint8_t *)"facts", 5),
            MLB_OK);
    }
    allocations_left = failing;
    lab_run(lab, MS(200));
    lab_crash(lab, 2);
    lab_run(lab, SEC(1));
    membership_tick(lab->nodes[0].core, lab->now);
    allocations_left = NO_FAILURE;
    lab_start(lab, 2, 0);
    assert_int_equal(
        membership_set_facts(lab->nodes[2].core, lab->now, (const uint8_t *)"later", 5), MLB_OK);
}

static int facts_are_known(struct lab *lab)
{
    for (size_t i = 0; i < 3; i++)
        if (!lab_facts(lab, i, 2) || strcmp(lab_facts(lab, i, 2), "later") != 0)
            return 0;
    return lab_is_whole(lab);
}

static void test_group(void **state)
{
    (void)state;
    failures = 0;
    for (size_t failing = 0; failing < 1000; failing += failing < 300 ? 1 : 7) {
        struct lab *lab = lab_new(3, MLB_MEMBERSHIP_FAST);
        const size_t before = failures;

        scenario(lab, failing);
        assert_true(lab_run_until(lab, facts_are_known, SEC(90)) < SEC(90));
        lab_free(lab);
        if (failures == before)
            break;
    }
    assert_in_range(failures, 100, 1000);
}

/* An event that cannot be kept is not lost without a word. */
static void test_lost_event(void **state)
{
    struct lab *lab = lab_new(2, MLB_MEMBERSHIP_FAST);
    struct mlb_membership_event event = {.struct_size = sizeof(event)};

    (void)state;
    lab_start(lab, 0, SIZE_MAX);
    lab_start(lab, 1, SIZE_MAX);
    lab_run(lab, SEC(1));
    lab->nodes[0].event_count = 0;
    /* The stall is told in an event; its allocation is the first one. */
    allocations_left = 0;
    membership_tick(lab->nodes[0].core, lab->now + SEC(5));
    assert_int_equal(allocations_left, NO_FAILURE);
    assert_int_equal(membership_next_event(lab->nodes[0].core, &event), 1);
    assert_int_equal(event.kind, MLB_MEMBERSHIP_RECOVERED);
    assert_int_equal(membership_next_event(lab->nodes[0].core, &event), 1);
    assert_int_equal(event.kind, MLB_MEMBERSHIP_ERROR);
    assert_int_equal(event.code, MLB_ERROR_NO_MEMORY);
    assert_int_equal(membership_next_event(lab->nodes[0].core, &event), 0);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_lost_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
