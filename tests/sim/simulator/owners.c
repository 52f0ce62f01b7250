/* SPDX-License-Identifier: MIT */
/*
 * Each node elects by what it believes itself, as a speaker does; here is counted for how long an
 * address has two owners or none that answer.
 */
#include <metallb/election.h>
#include <stdlib.h>

#include "simulator/internal.h"
#include "simulator/memory.h"

#define NOBODY UINT32_MAX

struct episode {
    uint64_t since; /* SIM_NEVER: exactly one owner */
    uint32_t owners;
};

struct owners {
    uint32_t addresses;
    /* addresses * node_count: the nodes by their rank, and the rank of each node. One digest of
     * node and address decides, so the rank among some nodes follows from that among all. */
    uint32_t *order;
    uint32_t *ranks;
    uint32_t *elected; /* node_count * addresses: the rank of the owner as each node believes */
    uint8_t *owns;     /* node_count * addresses: the node claims the address, and answers */
    uint32_t *counts;  /* SIDES_MAX * addresses: how many claim it */
    uint32_t able[SIDES_MAX]; /* nodes that may own */
    struct episode *episodes; /* SIDES_MAX * addresses */
};

static struct mlb_address address_at(uint32_t number)
{
    return (struct mlb_address){.family = MLB_FAMILY_IPV4,
                                .bytes = {192, 0, 2, (uint8_t)(number + 1)}};
}

static void rank_all(struct sim *sim, struct owners *owners)
{
    struct mlb_candidate *candidates = need(sim->node_count, sizeof(*candidates));

    for (uint32_t i = 0; i < sim->node_count; i++)
        candidates[i].name = sim->nodes[i].name;
    for (uint32_t i = 0; i < owners->addresses; i++) {
        const struct mlb_address address = address_at(i);
        uint32_t *order = &owners->order[(size_t)i * sim->node_count];

        if (mlb_election_rank(&address, candidates, sim->node_count, order, sim->node_count,
                              NULL) != MLB_OK)
            abort();
        for (uint32_t place = 0; place < sim->node_count; place++)
            owners->ranks[(size_t)i * sim->node_count + order[place]] = place;
    }
    free(candidates);
}

void owners_new(struct sim *sim)
{
    struct owners *owners = need(1, sizeof(*owners));
    const uint32_t addresses = owners->addresses = sim->options.addresses;
    const size_t pairs = (size_t)addresses * sim->node_count;

    sim->owners = owners;
    owners->order = need(pairs, sizeof(*owners->order));
    owners->ranks = need(pairs, sizeof(*owners->ranks));
    owners->elected = need(pairs, sizeof(*owners->elected));
    owners->owns = need(pairs, sizeof(*owners->owns));
    owners->counts = need((size_t)addresses * SIDES_MAX, sizeof(*owners->counts));
    owners->episodes = need((size_t)addresses * SIDES_MAX, sizeof(*owners->episodes));
    for (size_t i = 0; i < pairs; i++)
        owners->elected[i] = NOBODY;
    for (size_t i = 0; i < (size_t)addresses * SIDES_MAX; i++)
        owners->episodes[i].since = SIM_NEVER;
    rank_all(sim, owners);
}

void owners_free(struct sim *sim)
{
    struct owners *owners = sim->owners;

    if (!owners)
        return;
    free(owners->order);
    free(owners->ranks);
    free(owners->elected);
    free(owners->owns);
    free(owners->counts);
    free(owners->episodes);
    free(owners);
}

/* A node that waits for the group, stands still, doubts itself or leaves does not answer. */
static int may_own(const struct sim *sim, const struct node *node)
{
    return is_observer(node) && !node->is_doubtful &&
           (node->is_ready || sim->now >= node->ready_at);
}

static uint64_t lasting(const struct sim *sim, uint64_t since)
{
    return sim->now - (since > sim->disturbed_at ? since : sim->disturbed_at);
}

static void end_episode(struct sim *sim, struct episode *episode)
{
    const uint64_t length = sim->now - episode->since;
    uint64_t *longest =
        episode->owners ? &sim->counts.doubly_owned_max : &sim->counts.ownerless_max;

    if (episode->since != SIM_NEVER && length > *longest)
        *longest = length;
    episode->since = SIM_NEVER;
}

static void judge(struct sim *sim, uint32_t side, uint32_t address)
{
    struct owners *owners = sim->owners;
    const size_t place = (size_t)side * owners->addresses + address;
    struct episode *episode = &owners->episodes[place];
    const uint32_t count = owners->counts[place];
    const int is_wrong = owners->able[side] && count != 1;

    if (episode->since != SIM_NEVER && (!is_wrong || !count != !episode->owners))
        end_episode(sim, episode);
    if (!is_wrong)
        return;
    if (episode->since == SIM_NEVER)
        episode->since = sim->now;
    episode->owners = count;
}

static void claim(struct sim *sim, uint32_t observer, uint32_t address)
{
    struct owners *owners = sim->owners;
    const struct node *node = &sim->nodes[observer];
    const size_t place = (size_t)observer * owners->addresses + address;
    const uint32_t rank = owners->ranks[(size_t)address * sim->node_count + observer];
    const uint8_t owns = owners->elected[place] == rank && may_own(sim, node);

    if (owners->owns[place] == owns)
        return;
    owners->owns[place] = owns;
    owners->counts[(size_t)node->side * owners->addresses + address] += owns ? 1 : UINT32_MAX;
    sim->counts.ownership_changes++;
    judge(sim, node->side, address);
}

/* The first behind a place that the observer takes for a member. */
static uint32_t next_rank(const struct sim *sim, uint32_t observer, uint32_t address, uint32_t rank)
{
    const uint32_t *order = &sim->owners->order[(size_t)address * sim->node_count];

    for (; rank < sim->node_count; rank++) {
        if (is_member(views_get(sim, observer, order[rank])))
            return rank;
    }
    return NOBODY;
}

void owners_forget(struct sim *sim, uint32_t observer)
{
    for (uint32_t i = 0; i < sim->options.addresses; i++)
        sim->owners->elected[(size_t)observer * sim->options.addresses + i] = NOBODY;
}

void owners_update(struct sim *sim, uint32_t observer, uint32_t subject, int joins)
{
    struct owners *owners = sim->owners;

    for (uint32_t i = 0; i < owners->addresses; i++) {
        uint32_t *elected = &owners->elected[(size_t)observer * owners->addresses + i];
        const uint32_t rank = owners->ranks[(size_t)i * sim->node_count + subject];

        if (joins && rank < *elected)
            *elected = rank;
        else if (!joins && rank == *elected)
            *elected = next_rank(sim, observer, i, rank + 1);
        claim(sim, observer, i);
    }
}

static void recount_node(struct sim *sim, uint32_t number)
{
    struct owners *owners = sim->owners;
    struct node *node = &sim->nodes[number];

    owners->able[node->side] += (uint32_t)may_own(sim, node);
    for (uint32_t i = 0; i < owners->addresses; i++) {
        const size_t place = (size_t)number * owners->addresses + i;
        const uint32_t rank = owners->ranks[(size_t)i * sim->node_count + number];
        const uint8_t owns = owners->elected[place] == rank && may_own(sim, node);

        owners->owns[place] = owns;
        owners->counts[(size_t)node->side * owners->addresses + i] += owns;
    }
}

void owners_recount(struct sim *sim)
{
    struct owners *owners = sim->owners;

    if (!owners)
        return;
    for (uint32_t side = 0; side < SIDES_MAX; side++)
        owners->able[side] = 0;
    for (size_t i = 0; i < (size_t)SIDES_MAX * owners->addresses; i++)
        owners->counts[i] = 0;
    for (uint32_t i = 0; i < sim->node_count; i++)
        recount_node(sim, i);
    for (uint32_t side = 0; side < SIDES_MAX; side++) {
        for (uint32_t i = 0; i < owners->addresses; i++)
            judge(sim, side, i);
    }
}

void owners_check(struct sim *sim)
{
    struct owners *owners = sim->owners;

    if (!owners)
        return;
    owners_recount(sim);
    for (size_t i = 0; i < (size_t)SIDES_MAX * owners->addresses; i++) {
        const struct episode *episode = &owners->episodes[i];

        if (sim->options.ownerless_max && episode->since != SIM_NEVER &&
            lasting(sim, episode->since) > sim->options.ownerless_max)
            sim_violate(sim, "address %zu has %u owners on side %zu for %.3f s",
                        i % owners->addresses, episode->owners, i / owners->addresses,
                        (double)lasting(sim, episode->since) / 1e9);
    }
    sim->counts.checks++;
}

uint32_t sim_addresses_of(const struct sim *sim, uint32_t node)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < sim->options.addresses; i++)
        count += sim->owners->owns[(size_t)node * sim->options.addresses + i];
    return count;
}
