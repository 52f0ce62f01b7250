/* SPDX-License-Identifier: MIT */
/* Full exchanges of state: regularly, with seeds, and what they teach (7.7, 7.12). */
#include <stdlib.h>

#include "membership/core.h"

/* Bytes of a node entry beside name and meta data at most, and of the head. */
#define ENTRY_SIZE 96
#define HEAD_SIZE  64

/* Nodes of a list that may be the peer itself: at the address that it dialled from. */
#define PEERS_MAX 4

uint64_t push_pull_scale(uint64_t interval, size_t members)
{
    uint64_t factor = 1;

    /* 7.12: ceil(log2(n) - 5) + 1 for more than 32 members. */
    for (size_t limit = 32; limit < members; limit *= 2)
        factor++;
    return interval * factor;
}

void push_pull_start(struct membership *core)
{
    const uint64_t interval = milliseconds(core->timing.push_pull_interval);

    timer_set(core, &core->timers[TIMER_PUSH_PULL],
              core->now + interval + random_below(&core->random, interval));
}

void push_pull_due(struct membership *core)
{
    const uint64_t interval = milliseconds(core->timing.push_pull_interval);
    struct member *member = NULL;

    timer_set(core, &core->timers[TIMER_PUSH_PULL],
              core->now + push_pull_scale(interval, core->members.count));
    if (members_pick(core, member_is_alive, NULL, &member, 1) == 1) {
        const struct membership_endpoint endpoint = member_endpoint(member);

        (void)push_pull_dial(core, &endpoint, STREAM_PERIODIC);
    }
}

static size_t nodes_size(const struct membership *core)
{
    size_t size = HEAD_SIZE;

    for (size_t i = 0; i < core->members.count; i++) {
        const struct member *member = core->members.order[i];

        size += ENTRY_SIZE + member->name_length + member->meta_length;
    }
    return size;
}

/*
 * The whole state as one message. After a long stall it is this node alone: others may have
 * forgotten meanwhile what we still hold for alive. So it is for one that has left, whom nobody
 * tells news, though others that have it as a seed still ask. Without facts for members of other
 * kinds: to serf they are an error each time.
 */
static int32_t build_state(const struct membership *core, int join, int with_facts, uint8_t **ret,
                           size_t *length)
{
    const int self_only = core->recovery.outdated || core->leave.left;
    const size_t facts_size = with_facts ? facts_state_size(core, self_only) : 0;
    const size_t size = nodes_size(core) + facts_size;
    const size_t count = self_only ? 1 : core->members.count;
    const struct memberlist_push_pull head = {
        .join = join,
        .nodes = (uint32_t)count,
        .user_state_length = (uint32_t)facts_size,
    };
    uint8_t *bytes = malloc(size);
    struct writer writer = writer_to(bytes, size);

    if (!bytes)
        return MLB_ERROR_NO_MEMORY;
    memberlist_build_push_pull(&writer, &head);
    for (size_t i = 0; i < count; i++) {
        const struct memberlist_node node =
            member_node(self_only ? core->self : core->members.order[i]);

        memberlist_build_node(&writer, &node);
    }
    if (with_facts)
        facts_build_state(core, &writer, self_only);
    if (writer.failed) {
        free(bytes);
        return MLB_ERROR_INTERNAL;
    }
    *ret = bytes;
    *length = writer.used;
    return MLB_OK;
}

int32_t push_pull_dial(struct membership *core, const struct membership_endpoint *target,
                       enum stream_purpose purpose)
{
    uint8_t *bytes = NULL;
    size_t length = 0;
    struct stream *stream = NULL;
    int32_t result = build_state(core, purpose == STREAM_SEED, !facts_are_in_vain(core, target),
                                 &bytes, &length);

    if (result != MLB_OK)
        return result;
    stream = stream_dial(core, target, purpose, bytes, length,
                         core->now + milliseconds(core->timing.stream_timeout));
    free(bytes);
    return stream ? MLB_OK : MLB_ERROR_NO_MEMORY;
}

static int32_t answer(struct membership *core, struct stream *stream, int join, int with_facts)
{
    uint8_t *bytes = NULL;
    size_t length = 0;
    int32_t result = build_state(core, join, with_facts, &bytes, &length);

    if (result == MLB_OK)
        result = stream_send(core, stream, bytes, length);
    free(bytes);
    return result;
}

/* What a peer told, checked to be complete. */
struct state {
    struct memberlist_push_pull head;
    struct reader nodes;
    struct span user_state;
    int is_compatible; /* at least one other node speaks our versions, or there is none */
};

static int32_t parse_state(const struct membership *core, struct span message, struct state *state)
{
    struct reader reader = reader_of(message.bytes + 1, message.length - 1);
    size_t others = 0;
    size_t compatible = 0;

    if (memberlist_read_push_pull(&reader, &state->head) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    state->nodes = reader;
    for (uint32_t i = 0; i < state->head.nodes; i++) {
        struct memberlist_node node;

        if (memberlist_read_node(&reader, &node) != MLB_OK)
            return MLB_ERROR_MALFORMED;
        if (node.state != MLB_MEMBER_ALIVE || name_is_own(core, node.name))
            continue;
        others++;
        compatible += versions_are_compatible(core, node.versions) != 0;
    }
    state->user_state.length = state->head.user_state_length;
    state->user_state.bytes = read_span(&reader, state->user_state.length);
    state->is_compatible = others == 0 || compatible > 0;
    return reader.failed ? MLB_ERROR_MALFORMED : MLB_OK;
}

/* 7.7: what others only suspect, or take for dead, we suspect ourselves. */
static void merge_node(struct membership *core, const struct memberlist_node *node)
{
    struct memberlist_verdict verdict = {
        .node = node->name,
        .from = node->name,
        .incarnation = node->incarnation,
    };

    if (node->state == MLB_MEMBER_ALIVE) {
        verdict_alive(core, node);
        return;
    }
    if (node->state > MLB_MEMBER_LEFT || node->incarnation > INCARNATION_MAX ||
        !name_is_valid(node->name)) {
        core->statistics.messages_refused++;
        return;
    }
    if (node->state == MLB_MEMBER_LEFT) {
        verdict_dead(core, &verdict);
        return;
    }
    verdict.from = member_name(core->self);
    verdict_suspect(core, &verdict);
}

static void clear_listed(struct membership *core)
{
    for (size_t i = 0; i < core->members.count; i++)
        core->members.order[i]->listed = 0;
}

/* After a long stall: who is not listed was forgotten, so it must show that it is alive. */
static void suspect_unlisted(struct membership *core)
{
    for (size_t i = 0; i < core->members.count; i++) {
        const struct member *member = core->members.order[i];
        const struct memberlist_verdict verdict = {
            .node = member_name(member),
            .from = member_name(core->self),
            .incarnation = member->incarnation,
        };

        if (member != core->self && !member->listed)
            verdict_suspect(core, &verdict);
    }
}

void push_pull_suspect_all(struct membership *core)
{
    clear_listed(core);
    suspect_unlisted(core);
}

void push_pull_tell_alive(struct membership *core, const struct membership_endpoint *target)
{
    const struct memberlist_node node = member_node(core->self);
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_alive(&writer, &node);
    packet_push(core, target, &writer, NULL, 0, PIGGYBACK_NEWS);
}

/* Merges all nodes; gives the addresses at which the peer itself may be. */
static size_t merge_nodes(struct membership *core, const struct state *state,
                          const struct mlb_address *peer, struct membership_endpoint *peers)
{
    const struct member *self = core->self;
    struct reader reader = state->nodes;
    size_t count = 0;

    for (uint32_t i = 0; i < state->head.nodes; i++) {
        struct memberlist_node node;
        struct member *member = NULL;
        struct membership_endpoint endpoint;

        if (memberlist_read_node(&reader, &node) != MLB_OK)
            break;
        if (node.port == 0)
            node.port = self->port;
        merge_node(core, &node);
        member = member_find(core, node.name);
        if (!member)
            continue;
        member->listed = 1;
        endpoint = (struct membership_endpoint){address_of_span(node.address), node.port};
        if (member != self && node.state == MLB_MEMBER_ALIVE && count < PEERS_MAX &&
            mlb_address_compare(&endpoint.address, peer) == 0)
            peers[count++] = endpoint;
    }
    return count;
}

/* One that was taken for suspect may have been away: what it believes of others may be old. */
static void merge_peer(struct membership *core, const struct stream *stream,
                       const struct state *state)
{
    struct reader reader = state->nodes;

    for (uint32_t i = 0; i < state->head.nodes; i++) {
        struct memberlist_node node;
        struct membership_endpoint endpoint;

        if (memberlist_read_node(&reader, &node) != MLB_OK)
            return;
        endpoint = (struct membership_endpoint){address_of_span(node.address), node.port};
        if (node.state == MLB_MEMBER_ALIVE && endpoints_are_equal(&endpoint, &stream->peer))
            verdict_alive(core, &node);
    }
}

/* Who sent a state without facts: who dialled may be any of several at one address. */
static void learn_kind(struct membership *core, const struct stream *stream,
                       const struct membership_endpoint *peers, size_t count)
{
    if (stream->purpose != STREAM_ACCEPTED)
        facts_are_ignored(core, &stream->peer);
    else if (count == 1)
        facts_are_ignored(core, &peers[0]);
}

/*
 * Merges what a peer told. Where it took this node for suspect or dead it hears at once that it is
 * not, and who dialled exchanges the state again: the peer has refuted too by then, so a group that
 * was split knows after two exchanges that it is one.
 */
static void merge(struct membership *core, const struct stream *stream, const struct state *state)
{
    const uint64_t refutations = core->statistics.refutations;
    struct membership_endpoint peers[PEERS_MAX];
    size_t count = 0;

    clear_listed(core);
    count = merge_nodes(core, state, &stream->peer.address, peers);
    /* Who tells of itself alone, as one that has left, does not know better either. */
    if (stream->purpose != STREAM_ACCEPTED && core->recovery.outdated && state->head.nodes > 1) {
        suspect_unlisted(core);
        core->recovery.outdated = 0;
    }
    if (facts_are_in(state->user_state))
        facts_input_state(core, state->user_state);
    else
        learn_kind(core, stream, peers, count);
    if (core->statistics.refutations == refutations)
        return;
    if (stream->purpose != STREAM_ACCEPTED) {
        push_pull_tell_alive(core, &stream->peer);
        if (stream->purpose != STREAM_REPEAT)
            (void)push_pull_dial(core, &stream->peer, STREAM_REPEAT);
        return;
    }
    for (size_t i = 0; i < count; i++)
        push_pull_tell_alive(core, &peers[i]);
}

int32_t push_pull_input(struct membership *core, struct stream *stream, struct span message)
{
    struct state state = {0};
    int32_t result = parse_state(core, message, &state);

    /* Who accepts answers before it merges. */
    if (result == MLB_OK && stream->purpose == STREAM_ACCEPTED)
        result = answer(core, stream, state.head.join, facts_are_in(state.user_state));
    if (result != MLB_OK)
        return result;
    if (facts_is_own_state(core, state.user_state))
        return MLB_ERROR_EXISTS;
    if (!state.is_compatible)
        return MLB_ERROR_UNSUPPORTED;
    if (stream->purpose == STREAM_ACCEPTED)
        core->statistics.push_pulls++;
    /* Who has left takes no part, but learns what is going on. */
    if (stream->purpose == STREAM_SUSPECT)
        merge_peer(core, stream, &state);
    else
        merge(core, stream, &state);
    return MLB_OK;
}

void push_pull_finished(struct membership *core, enum stream_purpose purpose,
                        const struct membership_endpoint *peer, int32_t result)
{
    const struct span nobody = {NULL, 0};

    if (purpose == STREAM_SUSPECT)
        return;
    if (result == MLB_OK) {
        core->statistics.push_pulls++;
        event_at(core, MLB_MEMBERSHIP_SYNCHRONIZED, nobody, peer);
        seeds_answered(core);
        recovery_finished(core, MLB_OK);
    }
    if (result == MLB_ERROR_UNSUPPORTED)
        event_plain(core, MLB_MEMBERSHIP_ERROR, result,
                    "a node was asked that speaks other versions of the protocol");
    if (purpose == STREAM_SEED)
        seeds_finished(core, peer, result);
    if (purpose == STREAM_RECOVERY && result != MLB_OK)
        recovery_finished(core, result);
}
