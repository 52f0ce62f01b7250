/* SPDX-License-Identifier: MIT */
/* Streams, each for one message and perhaps one answer. */
#include <stdlib.h>

#include "address/value.h"
#include "membership/core.h"

/* At most one peer in this time is told what was wrong with its stream. */
#define COMPLAINT_INTERVAL (100 * MILLISECOND)

static struct stream *find(const struct membership *core, uint64_t number)
{
    for (struct list *link = core->streams.next; link != &core->streams; link = link->next) {
        struct stream *stream = list_entry(link, struct stream, link);

        if (stream->number == number)
            return stream;
    }
    return NULL;
}

/* Frees a stream of which nobody is to be told anything more. */
static void stream_free(struct membership *core, struct stream *stream)
{
    timer_free(core, &stream->timer);
    list_remove(&stream->link);
    list_remove(&stream->actions);
    seal_stream_free(stream->input);
    free(stream->bytes);
    free(stream);
}

static void free_all(struct membership *core, struct list *streams)
{
    while (!list_is_empty(streams))
        stream_free(core, list_entry(streams->next, struct stream, link));
}

void streams_free(struct membership *core)
{
    free_all(core, &core->streams);
    free_all(core, &core->closing);
    free(core->given);
}

static struct stream *stream_new(struct membership *core, uint64_t number,
                                 const struct membership_endpoint *peer,
                                 enum stream_purpose purpose)
{
    struct stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return NULL;
    if (timer_new(core, &stream->timer, TIMER_STREAM) != MLB_OK) {
        free(stream);
        return NULL;
    }
    list_init(&stream->link);
    list_init(&stream->actions);
    stream->number = number;
    stream->peer = *peer;
    stream->purpose = purpose;
    stream->input =
        seal_stream_new(core->seal, purpose == STREAM_ACCEPTED ? SEAL_ACCEPTED : SEAL_DIALLED);
    if (!stream->input) {
        stream_free(core, stream);
        return NULL;
    }
    return stream;
}

/*
 * TCP repeats a SYN that was lost ever more rarely, which in a cut network all are. So after one
 * repetition a seed that shows no sign is tried anew: a cut that is healed is noticed soon.
 */
static uint64_t first_deadline(const struct membership *core, const struct stream *stream)
{
    const uint64_t patience = milliseconds(core->timing.seed_interval) * 3 / 2;

    return stream->purpose == STREAM_SEED && core->now + patience < stream->deadline
               ? core->now + patience
               : stream->deadline;
}

static void open_stream(struct membership *core, struct stream *stream, uint64_t deadline)
{
    stream->deadline = deadline;
    list_append(&core->streams, &stream->link);
    core->stream_count++;
    core->accepted_count += stream->purpose == STREAM_ACCEPTED;
    core->facts_streams += stream->purpose == STREAM_FACTS;
    timer_set(core, &stream->timer, first_deadline(core, stream));
}

static void want_action(struct membership *core, struct stream *stream)
{
    if (list_is_empty(&stream->actions))
        list_append(&core->actions, &stream->actions);
}

int32_t stream_send(struct membership *core, struct stream *stream, const uint8_t *message,
                    size_t length)
{
    const enum seal_role role = stream->purpose == STREAM_ACCEPTED ? SEAL_ACCEPTED : SEAL_DIALLED;
    int32_t result =
        seal_close_stream(core->seal, role, message, length, &stream->bytes, &stream->length);

    if (result == MLB_OK)
        want_action(core, stream);
    return result;
}

struct stream *stream_dial(struct membership *core, const struct membership_endpoint *target,
                           enum stream_purpose purpose, const uint8_t *message, size_t length,
                           uint64_t deadline)
{
    struct stream *stream = stream_new(core, core->next_stream, target, purpose);

    if (!stream)
        return NULL;
    if (stream_send(core, stream, message, length) != MLB_OK) {
        stream_free(core, stream);
        return NULL;
    }
    core->next_stream += 2;
    core->statistics.streams_opened++;
    stream->connect = 1;
    open_stream(core, stream, deadline);
    return stream;
}

/* Takes it out of those that run. */
static void leave_running(struct membership *core, struct stream *stream)
{
    list_remove(&stream->link);
    core->stream_count--;
    if (stream->purpose == STREAM_ACCEPTED) {
        core->accepted_count--;
        core->accepted_bytes -= stream->received;
    }
    core->facts_streams -= stream->purpose == STREAM_FACTS;
    timer_set(core, &stream->timer, MEMBERSHIP_NEVER);
}

void stream_end(struct membership *core, struct stream *stream)
{
    leave_running(core, stream);
    /* Nobody knows of it yet. */
    if (stream->connect) {
        stream_free(core, stream);
        return;
    }
    seal_stream_free(stream->input);
    stream->input = NULL;
    stream->close = 1;
    list_append(&core->closing, &stream->link);
    want_action(core, stream);
}

void streams_end_pings(struct membership *core)
{
    struct list *link = core->streams.next;

    while (link != &core->streams) {
        struct stream *stream = list_entry(link, struct stream, link);

        link = link->next;
        if (stream->purpose == STREAM_PING)
            stream_end(core, stream);
    }
}

static int is_exchange(enum stream_purpose purpose)
{
    return purpose == STREAM_PERIODIC || purpose == STREAM_SEED || purpose == STREAM_REPEAT ||
           purpose == STREAM_RECOVERY || purpose == STREAM_SUSPECT;
}

/* Ends a stream, by itself or by the peer, and tells who waited for it. */
static void conclude(struct membership *core, struct stream *stream, int32_t result, int by_peer)
{
    const enum stream_purpose purpose = stream->purpose;
    const struct membership_endpoint peer = stream->peer;

    if (result != MLB_OK && result != MLB_ERROR_EXISTS)
        core->statistics.streams_failed++;
    if (by_peer) {
        leave_running(core, stream);
        stream_free(core, stream);
    } else {
        stream_end(core, stream);
    }
    if (is_exchange(purpose))
        push_pull_finished(core, purpose, &peer, result);
}

void stream_timeout(struct membership *core, struct stream *stream)
{
    conclude(core, stream, MLB_ERROR_SYSTEM, 0);
}

static int peer_has_too_many(const struct membership *core, const struct mlb_address *address)
{
    size_t count = 0;

    for (struct list *link = core->streams.next; link != &core->streams; link = link->next) {
        const struct stream *stream = list_entry(link, struct stream, link);

        if (stream->purpose == STREAM_ACCEPTED &&
            mlb_address_compare(&stream->peer.address, address) == 0)
            count++;
    }
    return count >= MEMBERSHIP_STREAMS_PER_PEER_MAX;
}

/*
 * Who has no key can hold streams open and fill them, from many addresses. An honest exchange takes
 * milliseconds and little room, so the oldest stream, and the largest, are the least loss.
 */
static struct stream *oldest_accepted(const struct membership *core)
{
    struct list *link = core->streams.next;

    while (list_entry(link, struct stream, link)->purpose != STREAM_ACCEPTED)
        link = link->next;
    return list_entry(link, struct stream, link);
}

static struct stream *largest_accepted(const struct membership *core)
{
    struct stream *largest = NULL;

    for (struct list *link = core->streams.next; link != &core->streams; link = link->next) {
        struct stream *stream = list_entry(link, struct stream, link);

        if (stream->purpose == STREAM_ACCEPTED &&
            (!largest || stream->received > largest->received))
            largest = stream;
    }
    return largest;
}

int32_t membership_stream_accepted(struct membership *core, uint64_t now, uint64_t stream,
                                   const struct membership_endpoint *peer)
{
    const struct membership_endpoint endpoint = {address_normalise(&peer->address), peer->port};
    struct stream *accepted = NULL;

    (void)stall_check(core, now);
    if (peer_has_too_many(core, &endpoint.address))
        return MLB_ERROR_EXHAUSTED;
    accepted = stream_new(core, stream, &endpoint, STREAM_ACCEPTED);
    if (!accepted)
        return MLB_ERROR_EXHAUSTED;
    if (core->accepted_count >= MEMBERSHIP_STREAMS_MAX)
        conclude(core, oldest_accepted(core), MLB_ERROR_EXHAUSTED, 0);
    core->statistics.streams_accepted++;
    open_stream(core, accepted, core->now + milliseconds(core->timing.stream_timeout));
    return MLB_OK;
}

/* Tells a peer what was wrong, but does not let itself be kept busy with that. */
static void complain(struct membership *core, struct stream *stream)
{
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    if (stream->purpose != STREAM_ACCEPTED || core->now < core->next_complaint)
        return;
    core->next_complaint = core->now + COMPLAINT_INTERVAL;
    memberlist_build_error(&writer, "the stream cannot be read");
    if (!writer.failed)
        (void)stream_send(core, stream, buffer, writer.used);
}

static int32_t answer_ping(struct membership *core, struct stream *stream, struct span message)
{
    struct memberlist_ping ping;
    struct memberlist_ack ack = {0};
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    if (memberlist_parse_ping(message.bytes + 1, message.length - 1, &ping) != MLB_OK ||
        (ping.node.length > 0 && !name_is_own(core, ping.node)))
        return MLB_ERROR_MALFORMED;
    ack.sequence = ping.sequence;
    memberlist_build_ack(&writer, &ack);
    return writer.failed ? MLB_ERROR_INTERNAL : stream_send(core, stream, buffer, writer.used);
}

static int32_t take_user(struct membership *core, struct span message)
{
    struct reader reader = reader_of(message.bytes + 1, message.length - 1);
    uint32_t length = 0;
    const uint8_t *bytes = NULL;

    if (memberlist_read_user_length(&reader, &length) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    bytes = read_span(&reader, length);
    if (!bytes)
        return MLB_ERROR_MALFORMED;
    input_user_message(core, (struct span){bytes, length});
    return MLB_OK;
}

static int32_t take_accepted(struct membership *core, struct stream *stream, struct span message)
{
    switch (message.bytes[0]) {
    case MEMBERLIST_PING:
        return answer_ping(core, stream, message);
    case MEMBERLIST_USER:
        return take_user(core, message);
    case MEMBERLIST_PUSH_PULL:
        return push_pull_input(core, stream, message);
    default:
        return MLB_ERROR_MALFORMED;
    }
}

static int32_t take_answer(struct membership *core, struct stream *stream, struct span message)
{
    struct memberlist_ack ack;

    if (is_exchange(stream->purpose))
        return message.bytes[0] == MEMBERLIST_PUSH_PULL ? push_pull_input(core, stream, message)
                                                        : MLB_ERROR_MALFORMED;
    if (stream->purpose != STREAM_PING || message.bytes[0] != MEMBERLIST_ACK ||
        memberlist_parse_ack(message.bytes + 1, message.length - 1, &ack) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    probe_stream_ack(core, ack.sequence);
    return MLB_OK;
}

static void take_message(struct membership *core, struct stream *stream)
{
    const struct span message = seal_stream_message(stream->input);
    int32_t result = MLB_ERROR_MALFORMED;

    if (message.length > 0)
        result = stream->purpose == STREAM_ACCEPTED ? take_accepted(core, stream, message)
                                                    : take_answer(core, stream, message);
    if (result == MLB_ERROR_MALFORMED)
        core->statistics.messages_refused++;
    conclude(core, stream, result, 0);
}

/* Counts bytes that came in; 0 if that ended the stream itself. */
static int count_input(struct membership *core, struct stream *stream, size_t length)
{
    stream->received += length;
    if (stream->purpose != STREAM_ACCEPTED)
        return 1;
    core->accepted_bytes += length;
    while (core->accepted_bytes > MEMBERSHIP_STREAMS_BYTES_MAX) {
        struct stream *largest = largest_accepted(core);

        conclude(core, largest, MLB_ERROR_EXHAUSTED, 0);
        if (largest == stream)
            return 0;
    }
    return 1;
}

void membership_stream_input(struct membership *core, uint64_t now, uint64_t stream,
                             const uint8_t *bytes, size_t length)
{
    struct stream *found = NULL;
    int result = 0;

    (void)stall_check(core, now);
    found = find(core, stream);
    if (!found || !count_input(core, found, length))
        return;
    timer_set(core, &found->timer, found->deadline);
    result = seal_stream_input(found->input, bytes, length);
    if (result == 1) {
        take_message(core, found);
    } else if (result < 0) {
        complain(core, found);
        conclude(core, found, result, 0);
    }
    membership_settle(core);
}

void membership_stream_closed(struct membership *core, uint64_t now, uint64_t stream)
{
    struct stream *found = NULL;

    (void)stall_check(core, now);
    found = find(core, stream);
    if (!found)
        return;
    /* Facts are not answered: the peer closes when it has read them. */
    conclude(core, found, found->purpose == STREAM_FACTS ? MLB_OK : MLB_ERROR_SYSTEM, 1);
    membership_settle(core);
}

int membership_next_action(struct membership *core, struct membership_action *action)
{
    struct stream *stream = NULL;

    free(core->given);
    core->given = NULL;
    if (list_is_empty(&core->actions))
        return 0;
    stream = list_entry(core->actions.next, struct stream, actions);
    *action = (struct membership_action){.stream = stream->number};
    if (stream->connect) {
        action->kind = MEMBERSHIP_STREAM_CONNECT;
        action->target = stream->peer;
        stream->connect = 0;
    } else if (stream->bytes) {
        action->kind = MEMBERSHIP_STREAM_SEND;
        action->bytes = stream->bytes;
        action->length = stream->length;
        core->given = stream->bytes;
        stream->bytes = NULL;
    } else {
        action->kind = MEMBERSHIP_STREAM_CLOSE;
        stream_free(core, stream);
        return 1;
    }
    if (!stream->bytes && !stream->close)
        list_remove(&stream->actions);
    return 1;
}
