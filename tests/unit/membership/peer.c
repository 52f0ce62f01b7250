/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

static const uint8_t versions[] = {1, 5, 2, 0, 0, 0};

struct membership_endpoint peer_at(uint8_t host)
{
    return (struct membership_endpoint){{MLB_FAMILY_IPV4, {0}, {192, 0, 2, host}},
                                        MLB_MEMBERSHIP_PORT};
}

struct span peer_text(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

struct peer *peer_new(uint32_t profile)
{
    struct peer *peer = calloc(1, sizeof(*peer));

    assert_non_null(peer);
    peer->now = SEC(100);
    peer->options = (struct membership_options){
        .name = "self",
        .advertise = peer_at(1),
        .seed = 7,
        .facts_version = 10,
        .flags = MLB_MEMBERSHIP_NO_COMPRESSION,
    };
    assert_int_equal(membership_timing_init(profile, &peer->options.timing), MLB_OK);
    assert_int_equal(seal_new(&(struct seal_options){0}, &peer->seal), MLB_OK);
    return peer;
}

void peer_begin(struct peer *peer)
{
    assert_int_equal(membership_new(&peer->options, peer->now, &peer->core), MLB_OK);
}

void peer_free(struct peer *peer)
{
    membership_free(peer->core);
    seal_free(peer->seal);
    free(peer);
}

struct memberlist_node peer_node(const char *name, uint8_t host, uint32_t incarnation)
{
    static uint8_t addresses[256][4];

    memcpy(addresses[host], (uint8_t[]){192, 0, 2, host}, 4);
    return (struct memberlist_node){
        .name = peer_text(name),
        .address = {addresses[host], 4},
        .versions = {versions, sizeof(versions)},
        .incarnation = incarnation,
        .port = MLB_MEMBERSHIP_PORT,
    };
}

void peer_send(struct peer *peer, const uint8_t *message, size_t length)
{
    static uint8_t packet[SEAL_PACKET_MAX];
    const struct span span = {message, length};
    const struct membership_endpoint source = peer_at(99);
    const size_t sealed = seal_close_packet(peer->seal, &span, 1, 0, packet, sizeof(packet));

    assert_true(sealed > 0);
    membership_input(peer->core, peer->now, &source, packet, sealed);
    peer_drain(peer);
}

static void send_written(struct peer *peer, const struct writer *writer)
{
    assert_false(writer->failed);
    peer_send(peer, writer->start, writer->used);
}

void peer_tell(struct peer *peer, const struct memberlist_node *node)
{
    static uint8_t buffer[SEAL_PACKET_MAX / 2];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_alive(&writer, node);
    send_written(peer, &writer);
}

void peer_alive(struct peer *peer, const char *name, uint8_t host, uint32_t incarnation)
{
    const struct memberlist_node node = peer_node(name, host, incarnation);

    peer_tell(peer, &node);
}

static void send_verdict(struct peer *peer, enum memberlist_type type, const char *name,
                         const char *from, uint32_t incarnation)
{
    const struct memberlist_verdict verdict = {peer_text(name), peer_text(from), incarnation};
    uint8_t buffer[1400];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_verdict(&writer, type, &verdict);
    send_written(peer, &writer);
}

void peer_suspect(struct peer *peer, const char *name, const char *from, uint32_t incarnation)
{
    send_verdict(peer, MEMBERLIST_SUSPECT, name, from, incarnation);
}

void peer_dead(struct peer *peer, const char *name, const char *from, uint32_t incarnation)
{
    send_verdict(peer, MEMBERLIST_DEAD, name, from, incarnation);
}

void peer_ack(struct peer *peer, uint32_t sequence)
{
    const struct memberlist_ack ack = {.sequence = sequence};
    uint8_t buffer[64];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_ack(&writer, &ack);
    send_written(peer, &writer);
}

struct taking {
    struct peer *peer;
    struct membership_endpoint target;
};

static void take(void *context, const uint8_t *message, size_t length)
{
    const struct taking *taking = context;
    struct peer *peer = taking->peer;
    struct peer_message *to = &peer->messages[peer->count];

    assert_in_range(length, 1, sizeof(to->bytes));
    assert_in_range(peer->count, 0, PEER_MESSAGES - 1);
    to->target = taking->target;
    to->packet = peer->packets;
    to->length = length;
    memcpy(to->bytes, message, length);
    peer->count++;
}

static void answer_pings(struct peer *peer)
{
    struct memberlist_ping ping;

    while (peer->answers && peer->answered < peer->count) {
        const struct peer_message *message = &peer->messages[peer->answered++];

        if (message->bytes[0] != MEMBERLIST_PING)
            continue;
        assert_int_equal(memberlist_parse_ping(message->bytes + 1, message->length - 1, &ping),
                         MLB_OK);
        peer_ack(peer, ping.sequence);
    }
}

void peer_drain(struct peer *peer)
{
    static uint8_t buffer[SEAL_PACKET_MAX];
    struct taking taking = {.peer = peer};
    size_t length = 0;

    while ((length = membership_output(peer->core, peer->now, buffer, sizeof(buffer),
                                       &taking.target)) > 0) {
        assert_int_equal(seal_open_packet(peer->seal, buffer, length, take, &taking), MLB_OK);
        peer->packets++;
    }
    answer_pings(peer);
    while (peer->event_count < 64 &&
           membership_next_event(peer->core, &peer->events[peer->event_count]))
        peer->event_count++;
}

void peer_pass(struct peer *peer, uint64_t duration)
{
    const uint64_t end = peer->now + duration;
    uint64_t due;

    while ((due = membership_deadline(peer->core)) <= end) {
        if (due > peer->now)
            peer->now = due;
        membership_tick(peer->core, peer->now);
        assert_true(membership_deadline(peer->core) > peer->now);
        peer_drain(peer);
    }
    peer->now = end;
}

void peer_forget(struct peer *peer)
{
    peer->count = 0;
    peer->answered = 0;
    peer->event_count = 0;
}

const struct peer_message *peer_next(const struct peer *peer, enum memberlist_type type,
                                     uint8_t host, size_t *position)
{
    while (*position < peer->count) {
        const struct peer_message *message = &peer->messages[(*position)++];

        if (message->bytes[0] == type && (host == 0 || message->target.address.bytes[3] == host))
            return message;
    }
    return NULL;
}

const struct peer_message *peer_first(const struct peer *peer, enum memberlist_type type,
                                      uint8_t host)
{
    size_t position = 0;

    return peer_next(peer, type, host, &position);
}

size_t peer_count(const struct peer *peer, enum memberlist_type type, uint8_t host)
{
    size_t position = 0;
    size_t count = 0;

    while (peer_next(peer, type, host, &position))
        count++;
    return count;
}

size_t peer_events(const struct peer *peer, uint32_t kind, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < peer->event_count; i++)
        count += peer->events[i].kind == kind &&
                 (name == NULL || strcmp(peer->events[i].name, name) == 0);
    return count;
}

static struct mlb_member find(const struct peer *peer, const char *name)
{
    struct mlb_member member = {.struct_size = sizeof(member), .state = UINT32_MAX};

    (void)membership_find(peer->core, name, &member);
    return member;
}

int peer_state(const struct peer *peer, const char *name)
{
    return (int)find(peer, name).state;
}

uint32_t peer_incarnation(const struct peer *peer, const char *name)
{
    return find(peer, name).incarnation;
}

struct mlb_membership_statistics peer_statistics(const struct peer *peer)
{
    struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};

    membership_statistics(peer->core, &statistics);
    return statistics;
}

struct membership_action peer_action(struct peer *peer, enum membership_action_kind kind)
{
    struct membership_action action;

    assert_int_equal(membership_next_action(peer->core, &action), 1);
    assert_int_equal(action.kind, kind);
    return action;
}

void peer_stream(struct peer *peer, uint64_t stream, enum seal_role role, const uint8_t *message,
                 size_t length)
{
    uint8_t *bytes = NULL;
    size_t sealed = 0;

    assert_int_equal(seal_close_stream(peer->seal, role, message, length, &bytes, &sealed), MLB_OK);
    membership_stream_input(peer->core, peer->now, stream, bytes, sealed);
    free(bytes);
    peer_drain(peer);
}

size_t peer_open(struct peer *peer, const struct membership_action *action, enum seal_role role,
                 uint8_t *message, size_t capacity)
{
    struct seal_stream *stream = seal_stream_new(peer->seal, role);
    struct span opened;

    assert_non_null(stream);
    assert_int_equal(seal_stream_input(stream, action->bytes, action->length), 1);
    opened = seal_stream_message(stream);
    assert_in_range(opened.length, 1, capacity);
    memcpy(message, opened.bytes, opened.length);
    seal_stream_free(stream);
    return opened.length;
}

size_t peer_build_state(uint8_t *buffer, size_t capacity, const struct memberlist_node *nodes,
                        size_t count, const uint8_t *user_state, size_t user_length)
{
    const struct memberlist_push_pull head = {0, (uint32_t)count, (uint32_t)user_length};
    struct writer writer = writer_to(buffer, capacity);

    memberlist_build_push_pull(&writer, &head);
    for (size_t i = 0; i < count; i++)
        memberlist_build_node(&writer, &nodes[i]);
    if (user_length > 0)
        write_bytes(&writer, user_state, user_length);
    assert_false(writer.failed);
    return writer.used;
}
