/* SPDX-License-Identifier: MIT */
/*
 * A process that stood still has missed what was said, and others may have taken it for dead. It
 * accuses nobody for its own silence, hears nothing of what queued up, and asks one member for the
 * state of the group before it goes on.
 */
#include "membership/core.h"

/* How long the group is waited for. */
#define RECOVERY_TIME (2000 * MILLISECOND)

/* How many members are asked meanwhile. */
#define RECOVERY_ATTEMPTS 8

/* How long packets are dropped that had queued up. */
#define DEAF_TIME (10 * MILLISECOND)

static void stalled(struct membership *core, uint64_t duration)
{
    core->statistics.stalls++;
    core->recovery.resumed = core->now;
    core->deaf = 1;
    timer_set(core, &core->timers[TIMER_LISTEN], core->now + DEAF_TIME);
    relays_free(core);
    suspicions_extend(core, duration);
    probe_abandon(core);
    core->recovery.wanted = 1;
    core->recovery.quiet = core->leave.left;
    core->recovery.runs = 0;
    /* The others forget who failed after that time; what failed before may be unknown here. */
    core->recovery.outdated = duration > milliseconds(core->timing.gossip_to_the_dead) / 2;
    /* What waited to be told is about members that the others may have forgotten meanwhile. */
    if (core->recovery.outdated) {
        broadcast_queue_clear(&core->broadcasts);
        broadcast_queue_clear(&core->user_broadcasts);
    }
}

int stall_check(struct membership *core, uint64_t now)
{
    const struct deadline *first = deadline_heap_first(&core->deadlines);
    uint64_t due = first ? first->time : MEMBERSHIP_NEVER;

    if (now > core->now)
        core->now = now;
    if (due < core->recovery.resumed)
        due = core->recovery.resumed;
    /* No suspicion is shorter than the interval of probes, which is cheaper to compare with. */
    if (core->now <= due || core->now - due <= milliseconds(core->timing.probe_interval) ||
        core->now - due <= suspicion_least(&core->timing, core->members.count))
        return 0;
    stalled(core, core->now - due);
    return 1;
}

void stall_listen(struct membership *core)
{
    timer_set(core, &core->timers[TIMER_LISTEN], MEMBERSHIP_NEVER);
    core->deaf = 0;
}

static void recovered(struct membership *core)
{
    core->recovery.runs = 0;
    timer_set(core, &core->timers[TIMER_RECOVERY], MEMBERSHIP_NEVER);
    /* Nobody could tell: what is believed of the others is too old to be told on. */
    if (core->recovery.outdated)
        push_pull_suspect_all(core);
    core->recovery.outdated = 0;
    if (!core->recovery.quiet)
        event_plain(core, MLB_MEMBERSHIP_RECOVERED, MLB_OK, NULL);
}

/* Asks a member by chance; who is alone has nothing to learn, unless a seed answers. */
static void ask(struct membership *core)
{
    struct member *member = NULL;

    if (members_pick(core, member_is_in_group, NULL, &member, 1) == 1) {
        const struct membership_endpoint endpoint = member_endpoint(member);

        if (core->recovery.attempts++ < RECOVERY_ATTEMPTS)
            (void)push_pull_dial(core, &endpoint, STREAM_RECOVERY);
        return;
    }
    if (core->seeds.count == 0)
        recovered(core);
}

void recovery_want(struct membership *core)
{
    if (core->recovery.runs || core->recovery.wanted)
        return;
    core->recovery.wanted = 1;
    core->recovery.quiet = 0;
}

void recovery_settle(struct membership *core)
{
    if (!core->recovery.wanted)
        return;
    core->recovery.wanted = 0;
    if (core->recovery.runs)
        return;
    core->recovery.runs = 1;
    core->recovery.attempts = 0;
    if (!core->recovery.quiet)
        event_plain(core, MLB_MEMBERSHIP_STALLED, MLB_OK, NULL);
    timer_set(core, &core->timers[TIMER_RECOVERY], core->now + RECOVERY_TIME);
    ask(core);
}

void recovery_finished(struct membership *core, int32_t result)
{
    if (!core->recovery.runs)
        return;
    /* Who could tell of itself alone leaves us outdated: another one is asked. */
    if (result == MLB_OK && !core->recovery.outdated)
        recovered(core);
    else
        ask(core);
}

void recovery_timeout(struct membership *core)
{
    timer_set(core, &core->timers[TIMER_RECOVERY], MEMBERSHIP_NEVER);
    if (core->recovery.runs)
        recovered(core);
}
