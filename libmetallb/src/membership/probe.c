/* SPDX-License-Identifier: MIT */
/* The one probe that runs: direct, then by others and by stream (7.8). */
#include "membership/core.h"

#define INDIRECT_CHECKS_MAX 16

void probe_build_ping(const struct membership *core, struct writer *writer, struct span node,
                      uint32_t sequence)
{
    const struct memberlist_ping ping = {
        .node = node,
        .source_address = {core->self->address, core->self->address_length},
        .source_node = member_name(core->self),
        .sequence = sequence,
        .source_port = core->self->port,
    };

    memberlist_build_ping(writer, &ping);
}

static void send_probe(struct membership *core)
{
    const struct probe *probe = &core->probe;
    const struct member *target = probe->target;
    const struct membership_endpoint endpoint = member_endpoint(target);
    const struct memberlist_verdict verdict = {
        .node = member_name(target),
        .from = member_name(core->self),
        .incarnation = target->incarnation,
    };
    uint8_t buffers[2][MESSAGE_MAX];
    struct writer ping = writer_to(buffers[0], sizeof(buffers[0]));
    struct writer suspect = writer_to(buffers[1], sizeof(buffers[1]));

    probe_build_ping(core, &ping, member_name(target), probe->sequence);
    if (target->state == MLB_MEMBER_ALIVE) {
        packet_push(core, &endpoint, &ping, NULL, 0, member_piggyback(target));
        return;
    }
    /* 7.8.1: it learns that it is suspected, so that it can refute. */
    memberlist_build_verdict(&suspect, MEMBERLIST_SUSPECT, &verdict);
    packet_push(core, &endpoint, &ping, &suspect, member_understands(target, 5), PIGGYBACK_NOTHING);
}

/* The next member in the order; at its end those long gone are forgotten. NULL for nobody. */
static struct member *next_target(struct membership *core)
{
    struct probe *probe = &core->probe;

    for (size_t steps = core->members.count + 1; steps > 0; steps--) {
        struct member *member = NULL;

        if (probe->position >= core->members.count) {
            member_table_reap(core);
            probe->position = 0;
        }
        member = core->members.order[probe->position++];
        if (member != core->self && member_is_visible(member))
            return member;
    }
    return NULL;
}

static void begin(struct membership *core)
{
    const uint64_t interval = milliseconds(core->timing.probe_interval);
    const uint64_t timeout = milliseconds(core->timing.probe_timeout);
    struct probe *probe = &core->probe;

    probe->target = next_target(core);
    if (!probe->target)
        return;
    probe->sequence = ++core->sequence;
    probe->nacks_expected = 0;
    probe->nacks_received = 0;
    probe->stream_answered = 0;
    probe->end = core->now + awareness_scale(core, interval);
    core->statistics.probes++;
    send_probe(core);
    timer_set(core, &core->timers[TIMER_PROBE_TIMEOUT], core->now + timeout);
    timer_set(core, &core->timers[TIMER_PROBE_END], probe->end);
}

/* One that was due meanwhile follows at once; of several only one. */
static void finish(struct membership *core)
{
    struct probe *probe = &core->probe;

    probe->target = NULL;
    timer_set(core, &core->timers[TIMER_PROBE_TIMEOUT], MEMBERSHIP_NEVER);
    timer_set(core, &core->timers[TIMER_PROBE_END], MEMBERSHIP_NEVER);
    streams_end_pings(core);
    if (!probe->missed)
        return;
    probe->missed = 0;
    begin(core);
}

void probe_abandon(struct membership *core)
{
    core->probe.missed = 0;
    finish(core);
}

/* Nodes that start together do not probe together. */
void probe_start(struct membership *core)
{
    const uint64_t interval = milliseconds(core->timing.probe_interval);

    core->probe.next = core->now + random_below(&core->random, interval);
    timer_set(core, &core->timers[TIMER_PROBE], core->probe.next);
}

void probe_due(struct membership *core)
{
    const uint64_t interval = milliseconds(core->timing.probe_interval);
    struct probe *probe = &core->probe;

    probe->next += interval;
    if (probe->next <= core->now)
        probe->next = core->now + interval;
    timer_set(core, &core->timers[TIMER_PROBE], probe->next);
    if (probe->target && probe->end <= core->now)
        probe_end(core);
    if (probe->target)
        probe->missed = 1;
    else
        begin(core);
}

static void ask_others(struct membership *core)
{
    struct probe *probe = &core->probe;
    const struct member *target = probe->target;
    struct member *helpers[INDIRECT_CHECKS_MAX];
    const size_t count =
        members_pick(core, member_is_alive, target, helpers, core->timing.indirect_checks);

    for (size_t i = 0; i < count; i++) {
        const struct membership_endpoint endpoint = member_endpoint(helpers[i]);
        const struct memberlist_indirect_ping message = {
            .node = member_name(target),
            .target = {target->address, target->address_length},
            .source_address = {core->self->address, core->self->address_length},
            .source_node = member_name(core->self),
            .sequence = probe->sequence,
            .port = target->port,
            .source_port = core->self->port,
            .nack = member_understands(helpers[i], 4),
        };
        uint8_t buffer[MESSAGE_MAX];
        struct writer writer = writer_to(buffer, sizeof(buffer));

        memberlist_build_indirect_ping(&writer, &message);
        packet_push(core, &endpoint, &writer, NULL, 0, member_piggyback(helpers[i]));
        probe->nacks_expected += message.nack != 0;
    }
}

static void ask_by_stream(struct membership *core)
{
    const struct probe *probe = &core->probe;
    const struct membership_endpoint endpoint = member_endpoint(probe->target);
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    if (core->timing.flags & MLB_MEMBERSHIP_NO_STREAM_PINGS ||
        !member_understands(probe->target, 3))
        return;
    probe_build_ping(core, &writer, member_name(probe->target), probe->sequence);
    if (writer.failed)
        return;
    (void)stream_dial(core, &endpoint, STREAM_PING, buffer, writer.used, probe->end);
}

/* 7.8.3 */
void probe_timeout(struct membership *core)
{
    if (!core->probe.target)
        return;
    timer_set(core, &core->timers[TIMER_PROBE_TIMEOUT], MEMBERSHIP_NEVER);
    ask_others(core);
    ask_by_stream(core);
}

/*
 * 7.8.5: helpers that did not even say no speak for a fault of our own. With a timeout of half the
 * interval or more their answers cannot be here in time, so they are not waited for.
 */
static int32_t failure_score(const struct membership *core)
{
    const struct probe *probe = &core->probe;
    const uint64_t duration = awareness_scale(core, milliseconds(core->timing.probe_interval));

    if (probe->nacks_expected == 0 ||
        2 * milliseconds(core->timing.probe_timeout) + duration / 10 > duration)
        return 1;
    return probe->nacks_received < probe->nacks_expected
               ? (int32_t)(probe->nacks_expected - probe->nacks_received)
               : 0;
}

void probe_end(struct membership *core)
{
    struct probe *probe = &core->probe;
    const struct member *target = probe->target;

    if (!target)
        return;
    if (probe->stream_answered) {
        awareness_add(core, -1);
    } else {
        const struct memberlist_verdict verdict = {
            .node = member_name(target),
            .from = member_name(core->self),
            .incarnation = target->incarnation,
        };

        core->statistics.probes_failed++;
        awareness_add(core, failure_score(core));
        verdict_suspect(core, &verdict);
    }
    finish(core);
}

/*
 * Gossip may miss us with the refutation of one that answers after all, and it does not say twice
 * what it has refuted (7.3.1): its state tells.
 */
static void ask_suspect(struct membership *core, const struct member *target)
{
    const struct membership_endpoint endpoint = member_endpoint(target);

    (void)push_pull_dial(core, &endpoint, STREAM_SUSPECT);
}

void probe_ack(struct membership *core, uint32_t sequence)
{
    const struct member *target = core->probe.target;

    if (!target || sequence != core->probe.sequence)
        return;
    awareness_add(core, -1);
    if (target->state == MLB_MEMBER_SUSPECT)
        ask_suspect(core, target);
    finish(core);
}

/* 7.8.4: what only a stream shows counts at the end. */
void probe_stream_ack(struct membership *core, uint32_t sequence)
{
    if (core->probe.target && sequence == core->probe.sequence)
        core->probe.stream_answered = 1;
}

void probe_nack(struct membership *core, uint32_t sequence)
{
    if (core->probe.target && sequence == core->probe.sequence)
        core->probe.nacks_received++;
}
