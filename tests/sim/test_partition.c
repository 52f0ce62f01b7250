/* SPDX-License-Identifier: MIT */
/* A cut network is found out by all its parts, and is one again within 3 s of being healed. */
#include "support.h"

#define HEAL_LIMIT (3 * SIM_SECOND)

struct split {
    uint32_t nodes;
    uint32_t parts;
    int alone;
};

static void heal(const struct split *split)
{
    struct measure measure = {.options = group_options(split->nodes * 10 + split->parts,
                                                       split->nodes, MLB_MEMBERSHIP_FAST)};
    struct figures healed = {0};
    uint64_t slowest;

    if (measure_heal(&measure, split->parts, split->alone, 5, &healed) != 0)
        fail_msg("%s", measure.reason);
    slowest = figures_percentile(&healed, 100);
    print_message("# %u nodes in %u parts: healed after %.2f s at most\n", split->nodes,
                  split->parts, (double)slowest / 1e9);
    figures_free(&healed);
    assert_true(slowest <= HEAL_LIMIT);
}

static void test_halves(void **state)
{
    (void)state;
    heal(&(struct split){.nodes = 2, .parts = 2});
    heal(&(struct split){.nodes = 4, .parts = 2});
    heal(&(struct split){.nodes = 10, .parts = 2});
    heal(&(struct split){.nodes = 50, .parts = 2});
}

static void test_one_node(void **state)
{
    (void)state;
    heal(&(struct split){.nodes = 3, .parts = 2, .alone = 1});
    heal(&(struct split){.nodes = 10, .parts = 2, .alone = 1});
    heal(&(struct split){.nodes = 50, .parts = 2, .alone = 1});
}

static void test_more_parts(void **state)
{
    (void)state;
    heal(&(struct split){.nodes = 9, .parts = 3});
    heal(&(struct split){.nodes = 20, .parts = 5});
    heal(&(struct split){.nodes = 6, .parts = 6});
}

/* Members that were forgotten meanwhile come back by the seeds all the same. */
static void test_long_split(void **state)
{
    const struct sim_options options = group_options(50, 6, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);

    (void)state;
    seed_all(sim);
    for (uint32_t i = 0; i < 3; i++)
        sim_set_side(sim, i, 1);
    sim_run(sim, 4 * (uint64_t)options.timing.gossip_to_the_dead * SIM_MILLISECOND);
    sim_heal(sim);
    await_agreement(sim, HEAL_LIMIT);
    end_group(sim);
}

/*
 * One node alone has a seed on the other side. The SYN of a try hangs in the cut, and TCP repeats
 * it ever more rarely, so the moment at which the cut is healed is moved through all of that.
 */
static void heal_by_one_seed(uint32_t profile, uint64_t split_time)
{
    const struct sim_options options = group_options(53 + profile, 4, profile);
    const uint32_t seed = 2;
    uint64_t slowest = 0;

    for (uint64_t i = 0; i < 45; i++) {
        struct sim *sim = new_group(&options);
        uint64_t healed;

        for (uint32_t node = 0; node < 4; node++)
            sim_set_seeds(sim, node, &seed, node == 0);
        sim_set_side(sim, 0, 1);
        sim_set_side(sim, 1, 1);
        sim_run(sim, split_time + i * 250 * SIM_MILLISECOND);
        healed = sim_now(sim);
        sim_heal(sim);
        await_agreement(sim, 2 * HEAL_LIMIT);
        if (sim_now(sim) - healed > slowest)
            slowest = sim_now(sim) - healed;
        end_group(sim);
    }
    print_message("# profile %u, one seed: healed after %.2f s at most\n", profile,
                  (double)slowest / 1e9);
    assert_true(slowest <= HEAL_LIMIT);
}

static void test_one_seed(void **state)
{
    (void)state;
    heal_by_one_seed(MLB_MEMBERSHIP_FAST, 10 * SIM_SECOND);
    heal_by_one_seed(MLB_MEMBERSHIP_LAN, 60 * SIM_SECOND);
}

/* Who crashed on one side of a cut does not come back to life by the news of the other side. */
static void test_crash_while_split(void **state)
{
    struct sim_options options = group_options(51, 8, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);

    (void)state;
    seed_all(sim);
    for (uint32_t i = 0; i < 4; i++)
        sim_set_side(sim, i, 1);
    sim_run(sim, 100 * (uint64_t)SIM_MILLISECOND);
    sim_crash(sim, 1);
    sim_crash(sim, 6);
    sim_run(sim, 200 * (uint64_t)SIM_MILLISECOND);
    sim_heal(sim);
    await_agreement(sim, options.disagreement_max);
    end_group(sim);
}

/* A cut so short that nobody is taken for failed changes no owner. */
static void test_short_cut(void **state)
{
    const struct sim_options options = group_options(52, 6, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);
    struct sim_counts before;
    struct sim_counts after;

    (void)state;
    sim_run(sim, 5 * SIM_SECOND);
    sim_counts(sim, &before);
    sim_set_side(sim, 2, 1);
    sim_run(sim, (uint64_t)options.timing.probe_interval * SIM_MILLISECOND);
    sim_heal(sim);
    sim_run(sim, 10 * SIM_SECOND);
    sim_counts(sim, &after);
    assert_int_equal(after.verdicts, before.verdicts);
    assert_int_equal(after.ownership_changes, before.ownership_changes);
    end_group(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halves),     cmocka_unit_test(test_one_node),
        cmocka_unit_test(test_more_parts), cmocka_unit_test(test_long_split),
        cmocka_unit_test(test_short_cut),  cmocka_unit_test(test_crash_while_split),
        cmocka_unit_test(test_one_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
