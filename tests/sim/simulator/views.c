/* SPDX-License-Identifier: MIT */
/*
 * Who believes what of whom, counted for each side of the network, and how long a side as a whole
 * believes what is not true.
 */
#include <stdlib.h>
#include <string.h>

#include "simulator/internal.h"
#include "simulator/memory.h"

void views_new(struct sim *sim)
{
    const size_t pairs = (size_t)sim->node_count * sim->node_count;
    const size_t sides = (size_t)sim->node_count * SIDES_MAX;

    sim->views = need(pairs, sizeof(*sim->views));
    sim->believers = need(sides, sizeof(*sim->believers));
    sim->wrong_since = need(sides, sizeof(*sim->wrong_since));
    if (sim->options.flags & SIM_WATCH)
        sim->histories = need(pairs, sizeof(*sim->histories));
    for (size_t i = 0; i < sides; i++)
        sim->wrong_since[i] = SIM_NEVER;
}

void views_free(struct sim *sim)
{
    free(sim->views);
    free(sim->histories);
    free(sim->believers);
    free(sim->wrong_since);
}

static size_t pair(const struct sim *sim, uint32_t observer, uint32_t subject)
{
    return (size_t)observer * sim->node_count + subject;
}

/* Who should be taken for a member: one that runs on this side, by all others there. */
static uint32_t expected(const struct sim *sim, uint32_t side, uint32_t subject)
{
    const struct node *node = &sim->nodes[subject];

    return node->is_counted && node->counted_side == side ? sim->observers[side] - 1 : 0;
}

/* How long a side is wrong, without what a disturbance excuses. */
static uint64_t wrong_for(const struct sim *sim, uint64_t since)
{
    const uint64_t from = since > sim->disturbed_at ? since : sim->disturbed_at;

    return sim->now - from;
}

static void judge(struct sim *sim, uint32_t side, uint32_t subject)
{
    const size_t place = pair(sim, side, subject);
    uint64_t *since = &sim->wrong_since[place];

    if (sim->believers[place] != expected(sim, side, subject)) {
        if (*since != SIM_NEVER)
            return;
        *since = sim->now;
        sim->wrong++;
    } else if (*since != SIM_NEVER) {
        const uint64_t length = wrong_for(sim, *since);

        if (length > sim->counts.disagreement_max)
            sim->counts.disagreement_max = length;
        *since = SIM_NEVER;
        sim->wrong--;
    }
}

static void count_row(struct sim *sim, uint32_t observer, uint32_t side, uint32_t sign)
{
    const uint8_t *row = &sim->views[pair(sim, observer, 0)];
    uint32_t *believers = &sim->believers[pair(sim, side, 0)];

    for (uint32_t i = 0; i < sim->node_count; i++) {
        if (i != observer && is_member(row[i]))
            believers[i] += sign;
    }
    sim->observers[side] += sign;
}

void views_recount(struct sim *sim, uint32_t number)
{
    struct node *node = &sim->nodes[number];

    if (node->is_counted)
        count_row(sim, number, node->counted_side, UINT32_MAX);
    node->is_counted = is_observer(node);
    node->counted_side = node->side;
    if (node->is_counted)
        count_row(sim, number, node->side, 1);
    for (uint32_t side = 0; side < SIDES_MAX; side++) {
        for (uint32_t i = 0; i < sim->node_count; i++)
            judge(sim, side, i);
    }
    sim->changed = 1;
}

void views_forget(struct sim *sim, uint32_t observer)
{
    memset(&sim->views[pair(sim, observer, 0)], VIEW_NONE, sim->node_count);
    owners_forget(sim, observer);
    if (sim->histories)
        memset(&sim->histories[pair(sim, observer, 0)], 0,
               sim->node_count * sizeof(*sim->histories));
}

void views_set(struct sim *sim, uint32_t observer, uint32_t subject, uint8_t view)
{
    const struct node *node = &sim->nodes[observer];
    uint8_t *place = &sim->views[pair(sim, observer, subject)];
    const int change = is_member(view) - is_member(*place);

    *place = view;
    if (change && sim->owners)
        owners_update(sim, observer, subject, change > 0);
    if (!change || !node->is_counted || observer == subject)
        return;
    sim->believers[pair(sim, node->counted_side, subject)] += (uint32_t)change;
    judge(sim, node->counted_side, subject);
    sim->changed = 1;
}

uint8_t views_get(const struct sim *sim, uint32_t observer, uint32_t subject)
{
    return sim->views[pair(sim, observer, subject)];
}

static void check_subject(struct sim *sim, uint32_t side, uint32_t subject)
{
    const uint64_t since = sim->wrong_since[pair(sim, side, subject)];

    if (since != SIM_NEVER && wrong_for(sim, since) > sim->options.disagreement_max)
        sim_violate(sim, "%s is a member to %u nodes of side %u, should be to %u, for %.3f s",
                    sim->nodes[subject].name, sim->believers[pair(sim, side, subject)], side,
                    expected(sim, side, subject), (double)wrong_for(sim, since) / 1e9);
}

void views_check(struct sim *sim)
{
    if (!sim->options.disagreement_max || !sim->wrong)
        return;
    for (uint32_t side = 0; side < SIDES_MAX; side++) {
        for (uint32_t i = 0; i < sim->node_count; i++)
            check_subject(sim, side, i);
    }
    sim->counts.checks++;
}

int sim_believes(const struct sim *sim, uint32_t observer, uint32_t subject)
{
    return is_member(views_get(sim, observer, subject));
}

uint32_t sim_believers(const struct sim *sim, uint32_t subject)
{
    uint32_t count = 0;

    for (uint32_t side = 0; side < SIDES_MAX; side++)
        count += sim->believers[pair(sim, side, subject)];
    return count;
}

int sim_agrees(const struct sim *sim)
{
    return sim->wrong == 0;
}

int sim_converged(struct sim *sim, void *context)
{
    (void)context;
    return sim_agrees(sim);
}
