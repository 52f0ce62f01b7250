/* SPDX-License-Identifier: MIT */
/* Nodes that come back, stand still, and leave. */
#include "support.h"

#include <string.h>

#define NODES 7

static uint64_t suspicion_time(const struct sim_options *options)
{
    return (uint64_t)options->timing.suspicion_multiplier * options->timing.probe_interval *
           SIM_MILLISECOND;
}

static void restart_after(uint64_t seed, uint64_t pause, int kills)
{
    const struct sim_options options = group_options(seed, NODES, MLB_MEMBERSHIP_FAST);
    const uint32_t seeds[] = {0};
    struct sim *sim = new_group(&options);

    if (kills)
        sim_kill(sim, 3);
    else
        sim_crash(sim, 3);
    sim_run(sim, pause);
    sim_start(sim, 3, seeds, 1);
    await_agreement(sim, 5 * SIM_SECOND);
    /* No old news turn up later and make it fail. */
    sim_run(sim, 20 * SIM_SECOND);
    assert_holds(sim, sim_agrees(sim), "a node that came back was lost again");
    end_group(sim);
}

static void test_restart_before_it_is_missed(void **state)
{
    (void)state;
    restart_after(60, 50 * (uint64_t)SIM_MILLISECOND, 1);
    restart_after(61, 50 * (uint64_t)SIM_MILLISECOND, 0);
    restart_after(62, 250 * (uint64_t)SIM_MILLISECOND, 0);
    restart_after(63, 400 * (uint64_t)SIM_MILLISECOND, 0);
}

static void test_restart_of_a_failed_node(void **state)
{
    (void)state;
    restart_after(64, 3 * SIM_SECOND, 0);
    restart_after(65, 10 * SIM_SECOND, 1);
}

static void test_restart_of_a_forgotten_node(void **state)
{
    (void)state;
    restart_after(66, 100 * SIM_SECOND, 0);
}

static void test_many_restarts(void **state)
{
    const struct sim_options options = group_options(67, NODES, MLB_MEMBERSHIP_FAST);
    const uint32_t seeds[] = {0};
    struct sim *sim = new_group(&options);

    (void)state;
    for (uint32_t i = 0; i < 50; i++) {
        sim_kill(sim, 1 + i % 3);
        sim_run(sim, (uint64_t)(i % 9) * 120 * SIM_MILLISECOND);
        sim_start(sim, 1 + i % 3, seeds, 1);
        sim_run(sim, (uint64_t)(i % 7) * 200 * SIM_MILLISECOND);
    }
    await_agreement(sim, 5 * SIM_SECOND);
    end_group(sim);
}

/* All nodes lose power and come back, each with the list of all. */
static void test_all_restart(void **state)
{
    const struct sim_options options = group_options(68, NODES, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);

    (void)state;
    for (uint32_t i = 0; i < NODES; i++)
        sim_crash(sim, i);
    sim_run(sim, SIM_SECOND);
    for (uint32_t i = 0; i < NODES; i++)
        sim_start_with_all(sim, i);
    await_agreement(sim, 3 * SIM_SECOND);
    end_group(sim);
}

/* A pause of a process, as a busy machine makes it, has no consequence. */
static void test_short_stalls(void **state)
{
    const struct sim_options options = group_options(70, NODES, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);
    struct sim_counts counts;

    (void)state;
    sim_run(sim, 2 * SIM_SECOND);
    for (uint32_t i = 0; i < 200; i++) {
        sim_stall(sim, i % NODES);
        sim_run(sim, suspicion_time(&options) / 3);
        sim_continue(sim, i % NODES);
        sim_run(sim, 500 * (uint64_t)SIM_MILLISECOND);
    }
    sim_counts(sim, &counts);
    assert_int_equal(counts.verdicts, 0);
    end_group(sim);
}

/* Who stood still for too long knows that, accuses nobody of its own silence, and is back soon. */
static void stall_for(uint64_t seed, uint64_t pause)
{
    const struct sim_options options = group_options(seed, NODES, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);
    struct sim_counts before;
    struct sim_counts after;

    seed_all(sim);
    sim_stall(sim, 2);
    sim_run(sim, pause);
    sim_counts(sim, &before);
    sim_continue(sim, 2);
    await_agreement(sim, 3 * SIM_SECOND);
    sim_counts(sim, &after);
    assert_int_equal(after.stalls, before.stalls + 1);
    assert_int_equal(after.verdicts, before.verdicts);
    sim_run(sim, 5 * SIM_SECOND);
    end_group(sim);
}

static void test_long_stalls(void **state)
{
    (void)state;
    stall_for(71, 3 * SIM_SECOND);
    stall_for(72, 20 * SIM_SECOND);
    stall_for(73, 200 * SIM_SECOND);
}

/* While it stood still others crashed and were forgotten: its old news do not bring them back. */
static void test_stall_with_old_news(void **state)
{
    const struct sim_options options = group_options(74, NODES, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);

    (void)state;
    seed_all(sim);
    sim_stall(sim, 2);
    sim_run(sim, 100 * (uint64_t)SIM_MILLISECOND);
    sim_crash(sim, 5);
    sim_run(sim, 5 * (uint64_t)options.timing.gossip_to_the_dead * SIM_MILLISECOND);
    sim_continue(sim, 2);
    await_agreement(sim, options.disagreement_max);
    end_group(sim);
}

static void test_leave(void **state)
{
    const struct sim_options options = group_options(75, NODES, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);
    struct mlb_member member = {.struct_size = sizeof(member)};
    char name[SIM_NAME_SIZE];

    (void)state;
    sim_name(4, name);
    sim_leave(sim, 4);
    await_agreement(sim, SIM_SECOND);
    assert_int_equal(membership_find(sim_core(sim, 0), name, &member), MLB_OK);
    assert_int_equal(member.state, MLB_MEMBER_LEFT);
    sim_run(sim, SIM_SECOND);
    sim_kill(sim, 4);
    sim_run(sim, 10 * SIM_SECOND);
    assert_holds(sim, sim_agrees(sim), "a node that left came back");
    end_group(sim);
}

static void test_return_of_one_that_left(void **state)
{
    const struct sim_options options = group_options(76, NODES, MLB_MEMBERSHIP_FAST);
    const uint32_t seeds[] = {0};
    struct sim *sim = new_group(&options);

    (void)state;
    sim_leave(sim, 4);
    await_agreement(sim, SIM_SECOND);
    sim_run(sim, SIM_SECOND);
    sim_kill(sim, 4);
    sim_start(sim, 4, seeds, 1);
    await_agreement(sim, 3 * SIM_SECOND);
    end_group(sim);
}

/* Back without a new life: drained and undrained. */
static void test_leave_and_return(void **state)
{
    const struct sim_options options = group_options(77, NODES, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);

    (void)state;
    seed_all(sim);
    for (uint32_t i = 0; i < 3; i++) {
        sim_leave(sim, 4);
        await_agreement(sim, SIM_SECOND);
        sim_run(sim, SIM_SECOND);
        sim_return(sim, 4);
        await_agreement(sim, 3 * SIM_SECOND);
    }
    end_group(sim);
}

static void test_leave_with_loss(void **state)
{
    struct sim_options options = group_options(78, 30, MLB_MEMBERSHIP_FAST);
    struct sim *sim;

    (void)state;
    options.loss = 0.1;
    sim = new_group(&options);
    sim_leave(sim, 17);
    await_agreement(sim, options.disagreement_max);
    end_group(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_restart_before_it_is_missed),
        cmocka_unit_test(test_restart_of_a_failed_node),
        cmocka_unit_test(test_restart_of_a_forgotten_node),
        cmocka_unit_test(test_many_restarts),
        cmocka_unit_test(test_all_restart),
        cmocka_unit_test(test_short_stalls),
        cmocka_unit_test(test_long_stalls),
        cmocka_unit_test(test_stall_with_old_news),
        cmocka_unit_test(test_leave),
        cmocka_unit_test(test_return_of_one_that_left),
        cmocka_unit_test(test_leave_and_return),
        cmocka_unit_test(test_leave_with_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
