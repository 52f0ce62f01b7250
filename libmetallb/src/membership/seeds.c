/* SPDX-License-Identifier: MIT */
/* Addresses to join by. They are tried as long as nobody there is a member, also when the group
 * looks whole: so both halves of a split one find each other again. */
#include <stdlib.h>
#include <string.h>

#include "address/value.h"
#include "membership/core.h"

/* How long an address that leads to this node itself is not tried. One that moves, as a service's,
 * may be another node's by then. */
#define SELF_TIME (30000 * MILLISECOND)

static struct seed *find(const struct seeds *seeds, const struct membership_endpoint *endpoint)
{
    for (size_t i = 0; i < seeds->count; i++)
        if (endpoints_are_equal(&seeds->items[i].endpoint, endpoint))
            return &seeds->items[i];
    return NULL;
}

static int is_self(const struct membership *core, const struct seed *seed)
{
    return core->now < seed->self_until;
}

void seeds_forget(struct membership *core, const struct member *member)
{
    for (size_t i = 0; i < core->seeds.count; i++)
        if (core->seeds.items[i].member == member)
            core->seeds.items[i].member = NULL;
}

/* Whether a member is at the address; who was there last is looked at first. */
static int is_member(const struct membership *core, struct seed *seed)
{
    struct member *member = seed->member;

    if (member && member_is_visible(member) && member_is_at(member, &seed->endpoint))
        return 1;
    for (size_t i = 0; i < core->members.count; i++) {
        member = core->members.order[i];
        if (member != core->self && member_is_visible(member) &&
            member_is_at(member, &seed->endpoint)) {
            seed->member = member;
            return 1;
        }
    }
    return 0;
}

/* Tells once that no seed answers: when all were tried, or when there is none to try. */
static void tell_silence(struct membership *core)
{
    struct seeds *seeds = &core->seeds;

    for (size_t i = 0; i < seeds->count; i++)
        if (!is_self(core, &seeds->items[i]) && !seeds->items[i].tried)
            return;
    for (size_t i = 0; i < seeds->count; i++)
        seeds->items[i].tried = 0;
    event_plain(core, MLB_MEMBERSHIP_SEEDS_SILENT, MLB_OK, NULL);
}

void seeds_answered(struct membership *core)
{
    for (size_t i = 0; i < core->seeds.count; i++)
        core->seeds.items[i].tried = 0;
}

static void mark_due(struct membership *core, struct seed *seed)
{
    if (seed->due || seed->running || is_self(core, seed) || is_member(core, seed))
        return;
    seed->due = 1;
    core->seeds.due++;
}

void seeds_continue(struct membership *core)
{
    struct seeds *seeds = &core->seeds;

    while (seeds->due > 0 && seeds->running < SEED_STREAMS_MAX) {
        struct seed *seed = NULL;

        if (seeds->cursor >= seeds->count)
            seeds->cursor = 0;
        seed = &seeds->items[seeds->cursor++];
        if (!seed->due)
            continue;
        seed->due = 0;
        seeds->due--;
        if (push_pull_dial(core, &seed->endpoint, STREAM_SEED) != MLB_OK)
            continue;
        seed->running = 1;
        seeds->running++;
    }
}

void seeds_due(struct membership *core)
{
    timer_set(core, &core->timers[TIMER_SEEDS],
              core->now + membership_jitter(core, milliseconds(core->timing.seed_interval)));
    for (size_t i = 0; i < core->seeds.count; i++)
        mark_due(core, &core->seeds.items[i]);
    seeds_continue(core);
}

void seeds_finished(struct membership *core, const struct membership_endpoint *endpoint,
                    int32_t result)
{
    struct seed *seed = find(&core->seeds, endpoint);

    core->seeds.running--;
    if (seed) {
        seed->running = 0;
        if (result == MLB_ERROR_EXISTS)
            seed->self_until = core->now + SELF_TIME;
        seed->tried = result != MLB_OK;
        if (seed->tried && !core->leave.left)
            tell_silence(core);
    }
    seeds_continue(core);
}

void seeds_stop(struct membership *core)
{
    timer_set(core, &core->timers[TIMER_SEEDS], MEMBERSHIP_NEVER);
    for (size_t i = 0; i < core->seeds.count; i++)
        core->seeds.items[i].due = 0;
    core->seeds.due = 0;
}

static int has_any_to_try(const struct membership *core)
{
    for (size_t i = 0; i < core->seeds.count; i++)
        if (!is_self(core, &core->seeds.items[i]))
            return 1;
    return 0;
}

void seeds_restart(struct membership *core)
{
    if (!has_any_to_try(core)) {
        timer_set(core, &core->timers[TIMER_SEEDS], MEMBERSHIP_NEVER);
        tell_silence(core);
        return;
    }
    seeds_due(core);
}

static void add(const struct membership *core, struct seeds *seeds,
                const struct membership_endpoint *endpoint)
{
    const struct membership_endpoint normal = {address_normalise(&endpoint->address),
                                               endpoint->port};
    const struct seed *known = find(&core->seeds, &normal);
    struct seed *seed = &seeds->items[seeds->count];

    if (find(seeds, &normal))
        return;
    *seed = known ? *known : (struct seed){.endpoint = normal};
    seed->due = 0;
    if (member_is_at(core->self, &normal))
        seed->self_until = MEMBERSHIP_NEVER;
    seeds->count++;
}

int32_t membership_set_seeds(struct membership *core, uint64_t now,
                             const struct membership_endpoint *seeds, size_t count)
{
    struct seeds next = {.running = core->seeds.running};
    int is_new = 0;

    (void)stall_check(core, now);
    next.items = calloc(count + 1, sizeof(struct seed));
    if (!next.items)
        return MLB_ERROR_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        add(core, &next, &seeds[i]);
    for (size_t i = 0; i < next.count; i++)
        is_new |= !find(&core->seeds, &next.items[i].endpoint);
    free(core->seeds.items);
    core->seeds = next;
    /* Those set before keep their time; with new ones all are tried at once. */
    if (!core->leave.left && (is_new || !has_any_to_try(core)))
        seeds_restart(core);
    membership_settle(core);
    return MLB_OK;
}
