/* SPDX-License-Identifier: MIT */
/* Going of one's own will (7.13), and coming back. */
#include "membership/core.h"

static void departed(struct membership *core)
{
    core->leave.waiting = 0;
    timer_set(core, &core->timers[TIMER_LEAVE], MEMBERSHIP_NEVER);
    event_plain(core, MLB_MEMBERSHIP_DEPARTED, MLB_OK, NULL);
}

void leave_settle(struct membership *core)
{
    if (core->leave.waiting && core->leave.told)
        departed(core);
}

void leave_timeout(struct membership *core)
{
    timer_set(core, &core->timers[TIMER_LEAVE], MEMBERSHIP_NEVER);
    if (core->leave.waiting)
        departed(core);
}

/* Who is not told by then would go on counting on this node until the next full exchange. */
static void tell_directly(struct membership *core, const struct memberlist_verdict *verdict)
{
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_verdict(&writer, MEMBERLIST_DEAD, verdict);
    gossip_tell_all(core, &writer);
}

int32_t membership_leave(struct membership *core, uint64_t now, uint64_t timeout)
{
    struct memberlist_verdict verdict = {
        .node = member_name(core->self),
        .from = member_name(core->self),
        .incarnation = core->self->incarnation,
    };

    if (core->leave.left)
        return MLB_ERROR_WRONG_STATE;
    (void)stall_check(core, now);
    core->leave = (struct leave){.left = 1, .waiting = 1};
    /* It goes on to watch the others, so that it knows them when it comes back. */
    seeds_stop(core);
    verdict.incarnation = core->self->incarnation;
    verdict_dead(core, &verdict);
    tell_directly(core, &verdict);
    timer_set(core, &core->timers[TIMER_LEAVE], core->now + timeout);
    /* Nobody is there to be told. */
    if (core->members.states[MLB_MEMBER_ALIVE] + core->members.states[MLB_MEMBER_SUSPECT] == 0)
        departed(core);
    membership_settle(core);
    return MLB_OK;
}

int32_t membership_return(struct membership *core, uint64_t now)
{
    if (!core->leave.left)
        return MLB_ERROR_WRONG_STATE;
    (void)stall_check(core, now);
    core->leave = (struct leave){0};
    timer_set(core, &core->timers[TIMER_LEAVE], MEMBERSHIP_NEVER);
    member_set_state(core, core->self, MLB_MEMBER_ALIVE);
    verdict_announce_self(core);
    facts_publish(core);
    /* Nobody told it news meanwhile, so it asks, and has nothing to tell but of itself. */
    core->recovery.wanted = 1;
    core->recovery.outdated = 1;
    core->recovery.quiet = 1;
    seeds_restart(core);
    membership_settle(core);
    return MLB_OK;
}
