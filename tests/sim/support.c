/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <inttypes.h>
#include <math.h>

#define JOIN_LIMIT (120 * SIM_SECOND)

/* Rounds of gossip until news are everywhere, for groups up to a thousand. */
#define SPREADING_ROUNDS 20

/* Intervals of probes before the turn of a crashed member comes, as good as always. */
#define PROBE_WAIT 8

/* ceil(log2(nodes) - 5) + 1: large groups exchange their states less often. */
static uint64_t push_pull_scale(uint32_t nodes)
{
    return nodes <= 32 ? 1 : (uint64_t)ceil(log2(nodes) - 5) + 1;
}

uint64_t disagreement_bound(const struct mlb_membership_timing *timing, uint32_t nodes,
                            uint32_t lost)
{
    const double scale = nodes > 10 ? log10(nodes) : 1;
    const double suspicion = timing->suspicion_multiplier * scale * timing->probe_interval *
                             timing->suspicion_max_multiplier;
    const uint64_t probing =
        (uint64_t)timing->probe_interval * (PROBE_WAIT + (uint64_t)timing->awareness_max * lost);
    const uint64_t spreading = (uint64_t)timing->gossip_interval * SPREADING_ROUNDS;
    const uint64_t rejoining = 3 * (uint64_t)timing->seed_interval;
    /* The first exchange comes after one to two intervals. */
    const uint64_t repairing = timing->push_pull_interval * (1 + push_pull_scale(nodes));

    return ((uint64_t)suspicion + probing + spreading + rejoining + repairing) * SIM_MILLISECOND;
}

struct sim_options group_options(uint64_t seed, uint32_t nodes, uint32_t profile)
{
    struct sim_options options = {
        .seed = seed, .node_count = nodes, .flags = SIM_WATCH | SIM_LIVES, .addresses = 20};

    assert_int_equal(membership_timing_init(profile, &options.timing), MLB_OK);
    options.disagreement_max = disagreement_bound(&options.timing, nodes, nodes);
    options.ownerless_max = options.disagreement_max;
    return options;
}

void assert_holds(struct sim *sim, int holds, const char *what)
{
    const char *violation = sim_violation(sim);

    if (holds && !violation)
        return;
    fail_msg("seed %" PRIu64 ": %s", sim_seed(sim), violation ? violation : what);
}

struct sim *new_group(const struct sim_options *options)
{
    struct sim *sim = sim_new(options);

    assert_holds(sim, measure_join(sim, JOIN_LIMIT) != SIM_NEVER, "the group did not meet");
    return sim;
}

void seed_all(struct sim *sim)
{
    for (uint32_t i = 0; i < sim_node_count(sim); i++)
        sim_seed_with_all(sim, i);
}

void await_agreement(struct sim *sim, uint64_t limit)
{
    assert_holds(sim, sim_run_until(sim, sim_converged, NULL, limit), "no agreement in time");
}

void end_group(struct sim *sim)
{
    assert_holds(sim, 1, "");
    sim_free(sim);
}
