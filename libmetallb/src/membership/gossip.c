/* SPDX-License-Identifier: MIT */
/* Rounds of gossip (7.11): a few members are told what is new. */
#include "membership/core.h"

#define GOSSIP_NODES_MAX 16

/* Members of a group that is small enough to tell each one directly. */
#define TOLD_DIRECTLY_MAX 64

uint32_t gossip_limit(uint32_t multiplier, size_t members)
{
    uint32_t digits = 1;

    /* The least number of digits with 10^digits >= members + 1. */
    for (uint64_t power = 10; power < (uint64_t)members + 1; power *= 10)
        digits++;
    return multiplier * digits;
}

/* A round follows the one before after the interval; without one, at once. */
static void wake(struct membership *core)
{
    struct timer *timer = &core->timers[TIMER_GOSSIP];
    uint64_t time = core->now;

    if (timer->deadline.position > 0 || core->members.count < 2)
        return;
    if (core->gossiped_once && core->gossiped + milliseconds(core->timing.gossip_interval) > time)
        time = core->gossiped + milliseconds(core->timing.gossip_interval);
    timer_set(core, timer, time);
}

void gossip_put(struct membership *core, const struct member *member, const struct writer *message,
                uint8_t *told)
{
    if (message->failed ||
        broadcast_queue_put(&core->broadcasts, member->node.hash, member->name, member->name_length,
                            message->start, (uint16_t)message->used, told) != MLB_OK) {
        if (told)
            *told = 1;
        return;
    }
    wake(core);
}

void gossip_put_user(struct membership *core, const struct member *member,
                     const struct writer *message)
{
    if (message->failed)
        return;
    (void)broadcast_queue_put(&core->user_broadcasts, member->node.hash, member->name,
                              member->name_length, message->start, (uint16_t)message->used, NULL);
    wake(core);
}

/* The dead hear for a while that they are taken for dead, so that they can say that they live. */
static int is_told(const struct membership *core, const struct member *member)
{
    if (member->state == MLB_MEMBER_FAILED)
        return core->now - member->changed <= milliseconds(core->timing.gossip_to_the_dead);
    return member_is_visible(member);
}

/* Who has not shown that it ignores facts. */
static int takes_facts(const struct membership *core, const struct member *member)
{
    (void)core;
    return member_is_visible(member) && !member->ignores_facts;
}

void gossip_tell_all(struct membership *core, const struct writer *message)
{
    if (message->failed || core->members.count > TOLD_DIRECTLY_MAX)
        return;
    for (size_t i = 0; i < core->members.count; i++) {
        const struct member *member = core->members.order[i];
        const struct membership_endpoint endpoint = member_endpoint(member);

        if (member == core->self || !member_is_visible(member) ||
            (message->start[0] == MEMBERLIST_USER && member->ignores_facts))
            continue;
        packet_push(core, &endpoint, message, NULL, member_understands(member, 5),
                    PIGGYBACK_NOTHING);
    }
}

/* Targets that ignore facts are made up for by others; what nobody takes is dropped. */
static void gossip_facts(struct membership *core, size_t ignoring)
{
    struct member *targets[GOSSIP_NODES_MAX];
    size_t count = 0;

    if (ignoring == 0 || broadcast_queue_count(&core->user_broadcasts) == 0)
        return;
    count = members_pick(core, takes_facts, NULL, targets, ignoring);
    for (size_t i = 0; i < count; i++)
        packet_push_gossip(core, targets[i]);
    if (count == 0)
        broadcast_queue_clear(&core->user_broadcasts);
}

void gossip_round(struct membership *core)
{
    struct member *targets[GOSSIP_NODES_MAX];
    size_t count = 0;
    size_t ignoring = 0;

    timer_set(core, &core->timers[TIMER_GOSSIP], MEMBERSHIP_NEVER);
    if (broadcast_queue_count(&core->broadcasts) == 0 &&
        broadcast_queue_count(&core->user_broadcasts) == 0)
        return;
    core->gossiped = core->now;
    core->gossiped_once = 1;
    count = members_pick(core, is_told, NULL, targets, core->timing.gossip_nodes);
    for (size_t i = 0; i < count; i++) {
        packet_push_gossip(core, targets[i]);
        ignoring += targets[i]->ignores_facts;
    }
    gossip_facts(core, ignoring);
    wake(core);
}
