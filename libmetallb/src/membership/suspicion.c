/* SPDX-License-Identifier: MIT */
/* Lifeguard's timer (7.4): the more members confirm a suspicion, the shorter it lasts. */
#include <math.h>
#include <stdlib.h>

#include "membership/core.h"

/* Nodes of a suspicion that cannot confirm it: the suspect and the first accuser. */
#define INVOLVED 2

uint64_t suspicion_least(const struct mlb_membership_timing *timing, size_t members)
{
    const double scale = members > 10 ? log10((double)members) : 1.0;
    const uint64_t thousandths = (uint64_t)(scale * 1000.0);

    return timing->suspicion_multiplier * thousandths * milliseconds(timing->probe_interval) / 1000;
}

uint64_t suspicion_left(uint64_t least, uint64_t most, uint32_t wanted, uint32_t confirmations,
                        uint64_t elapsed)
{
    const double second = 1e9;
    const double fraction = log((double)confirmations + 1.0) / log((double)wanted + 1.0);
    const double raw = (double)most / second - fraction * ((double)(most - least) / second);
    uint64_t total = 0;

    if (raw > 0.0)
        total = milliseconds((uint64_t)floor(1000.0 * raw));
    if (total < least)
        total = least;
    return total > elapsed ? total - elapsed : 0;
}

static uint64_t accuser_hash(const struct membership *core, struct span accuser)
{
    return hash_bytes(accuser.bytes, accuser.length, core->hash_seed);
}

void suspicion_begin(struct membership *core, struct member *member, struct span accuser)
{
    const struct mlb_membership_timing *timing = &core->timing;
    uint32_t wanted = timing->suspicion_multiplier > 2 ? timing->suspicion_multiplier - 2 : 0;
    struct suspicion *suspicion = NULL;

    if (core->members.count < (size_t)wanted + INVOLVED)
        wanted = 0;
    suspicion = calloc(1, sizeof(*suspicion) + (wanted + 1) * sizeof(suspicion->accusers[0]));
    if (!suspicion)
        return;
    if (timer_new(core, &suspicion->timer, TIMER_SUSPICION) != MLB_OK) {
        free(suspicion);
        return;
    }
    suspicion->member = member;
    suspicion->start = core->now;
    suspicion->least = suspicion_least(timing, core->members.count);
    suspicion->most = suspicion->least * timing->suspicion_max_multiplier;
    suspicion->wanted = wanted;
    suspicion->accusers[0] = accuser_hash(core, accuser);
    member->suspicion = suspicion;
    list_append(&core->suspicions, &suspicion->link);
    timer_set(core, &suspicion->timer,
              core->now + (wanted > 0 ? suspicion->most : suspicion->least));
}

int suspicion_confirm(struct membership *core, struct suspicion *suspicion, struct span accuser)
{
    const uint64_t hash = accuser_hash(core, accuser);

    if (suspicion->confirmations >= suspicion->wanted)
        return 0;
    for (uint32_t i = 0; i <= suspicion->confirmations; i++)
        if (suspicion->accusers[i] == hash)
            return 0;
    suspicion->accusers[++suspicion->confirmations] = hash;
    timer_set(core, &suspicion->timer,
              core->now + suspicion_left(suspicion->least, suspicion->most, suspicion->wanted,
                                         suspicion->confirmations, core->now - suspicion->start));
    return 1;
}

void suspicion_end(struct membership *core, struct member *member)
{
    struct suspicion *suspicion = member->suspicion;

    if (!suspicion)
        return;
    timer_free(core, &suspicion->timer);
    list_remove(&suspicion->link);
    member->suspicion = NULL;
    free(suspicion);
}

void suspicion_fire(struct membership *core, struct suspicion *suspicion)
{
    const struct memberlist_verdict verdict = {
        .node = member_name(suspicion->member),
        .from = member_name(core->self),
        .incarnation = suspicion->member->incarnation,
    };

    verdict_dead(core, &verdict);
}

void suspicions_extend(struct membership *core, uint64_t duration)
{
    for (struct list *link = core->suspicions.next; link != &core->suspicions; link = link->next) {
        struct suspicion *suspicion = list_entry(link, struct suspicion, link);

        /* One may have begun after the deadline that the duration counts from. */
        suspicion->start += duration;
        if (suspicion->start > core->now)
            suspicion->start = core->now;
        timer_set(core, &suspicion->timer, suspicion->timer.deadline.time + duration);
    }
}
