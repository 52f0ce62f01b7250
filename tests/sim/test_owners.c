/* SPDX-License-Identifier: MIT */
/* Each address has one owner; how long that is not so when nodes crash, leave, come and are cut. */
#include "support.h"

#define NODES     6
#define ADDRESSES 20

static uint32_t all_addresses(const struct sim *sim)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < NODES; i++)
        count += sim_addresses_of(sim, i);
    return count;
}

static struct sim *new_owners(uint64_t seed, struct sim_options *options)
{
    struct sim *sim;

    *options = group_options(seed, NODES, MLB_MEMBERSHIP_FAST);
    options->addresses = ADDRESSES;
    sim = new_group(options);
    seed_all(sim);
    sim_run(sim, 5 * SIM_SECOND);
    assert_int_equal(all_addresses(sim), ADDRESSES);
    return sim;
}

/* A node that owns something. */
static uint32_t an_owner(const struct sim *sim)
{
    uint32_t node = 1;

    while (node < NODES - 1 && sim_addresses_of(sim, node) == 0)
        node++;
    assert_in_range(sim_addresses_of(sim, node), 1, ADDRESSES);
    return node;
}

static struct sim_counts counts_of(const struct sim *sim)
{
    struct sim_counts counts;

    sim_counts(sim, &counts);
    return counts;
}

/* Only what the node had goes elsewhere, and each address is taken over once. */
static void test_crash(void **state)
{
    struct sim_options options;
    struct sim *sim = new_owners(110, &options);
    const struct sim_counts before = counts_of(sim);
    const uint32_t owner = an_owner(sim);
    const uint32_t lost = sim_addresses_of(sim, owner);
    struct sim_counts after;

    (void)state;
    sim_crash(sim, owner);
    assert_int_equal(all_addresses(sim), ADDRESSES - lost);
    await_agreement(sim, 2 * SIM_SECOND);
    after = counts_of(sim);
    assert_int_equal(all_addresses(sim), ADDRESSES);
    assert_int_equal(after.ownership_changes - before.ownership_changes, lost);
    assert_in_range(after.ownerless_max, 100 * (uint64_t)SIM_MILLISECOND, 2 * SIM_SECOND);
    end_group(sim);
}

static void test_leave(void **state)
{
    struct sim_options options;
    struct sim *sim = new_owners(111, &options);
    const uint32_t owner = an_owner(sim);
    struct sim_counts after;

    (void)state;
    sim_leave(sim, owner);
    await_agreement(sim, SIM_SECOND);
    after = counts_of(sim);
    assert_int_equal(all_addresses(sim), ADDRESSES);
    assert_in_range(after.ownerless_max, 0, 500 * (uint64_t)SIM_MILLISECOND);
    print_message("# no owner for %.3f s after a leave\n", (double)after.ownerless_max / 1e9);
    end_group(sim);
}

static void test_join(void **state)
{
    struct sim_options options;
    struct sim *sim = new_owners(112, &options);
    const uint32_t owner = an_owner(sim);
    const uint32_t lost = sim_addresses_of(sim, owner);
    struct sim_counts before;
    struct sim_counts after;

    (void)state;
    sim_kill(sim, owner);
    await_agreement(sim, 2 * SIM_SECOND);
    before = counts_of(sim);
    sim_start_with_all(sim, owner);
    await_agreement(sim, 3 * SIM_SECOND);
    sim_run(sim, 4 * SIM_SECOND);
    after = counts_of(sim);
    assert_int_equal(all_addresses(sim), ADDRESSES);
    assert_int_equal(sim_addresses_of(sim, owner), lost);
    print_message("# two owners for %.3f s after a join\n", (double)after.doubly_owned_max / 1e9);
    assert_in_range(after.doubly_owned_max, before.doubly_owned_max, 3 * SIM_SECOND);
    end_group(sim);
}

/* Both sides of a cut have an owner for all; after it one of them ceases within the 3 s. */
static void test_cut(void **state)
{
    struct sim_options options;
    struct sim *sim = new_owners(113, &options);
    uint64_t start;

    (void)state;
    for (uint32_t i = 0; i < NODES; i++)
        sim_set_side(sim, i, i % 2);
    await_agreement(sim, options.disagreement_max);
    assert_int_equal(all_addresses(sim), 2 * ADDRESSES);
    sim_heal(sim);
    start = sim_now(sim);
    while (all_addresses(sim) != ADDRESSES && sim_now(sim) - start < 3 * SIM_SECOND)
        sim_run(sim, SIM_MILLISECOND);
    print_message("# two owners for %.3f s after a cut\n", (double)(sim_now(sim) - start) / 1e9);
    assert_int_equal(all_addresses(sim), ADDRESSES);
    end_group(sim);
}

/* Who stood still for long does not answer before it knows what became of the group. */
static void test_stall(void **state)
{
    struct sim_options options;
    struct sim *sim = new_owners(114, &options);
    const uint32_t owner = an_owner(sim);
    struct sim_counts before;
    struct sim_counts after;

    (void)state;
    sim_stall(sim, owner);
    await_agreement(sim, options.disagreement_max);
    assert_int_equal(all_addresses(sim), ADDRESSES);
    sim_run(sim, 5 * SIM_SECOND);
    before = counts_of(sim);
    sim_continue(sim, owner);
    await_agreement(sim, 3 * SIM_SECOND);
    sim_run(sim, SIM_SECOND);
    after = counts_of(sim);
    assert_int_equal(all_addresses(sim), ADDRESSES);
    print_message("# two owners for %.3f s after a stall\n", (double)after.doubly_owned_max / 1e9);
    assert_in_range(after.doubly_owned_max, before.doubly_owned_max, SIM_SECOND);
    end_group(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crash), cmocka_unit_test(test_leave), cmocka_unit_test(test_join),
        cmocka_unit_test(test_cut),   cmocka_unit_test(test_stall),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
