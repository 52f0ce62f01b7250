/* SPDX-License-Identifier: MIT */
#include "lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATENCY MS(1) / 2

enum delivery_kind {
    PACKET,
    CONNECT,
    BYTES,
    CLOSE,
};

/* Something on its way. */
struct lab_delivery {
    struct lab_delivery *next;
    enum delivery_kind kind;
    uint64_t time;
    size_t from;
    size_t to;
    struct lab_stream *stream;
    size_t side; /* of the stream, at which it arrives */
    size_t length;
    uint8_t bytes[];
};

/* A stream between two nodes, each of which has a number for it. */
struct lab_stream {
    struct lab_stream *next;
    size_t nodes[2]; /* who opened it comes first */
    uint64_t numbers[2];
    uint8_t ended[2];
};

/* Zeroed memory of the lab itself, which the test of failing allocations leaves alone. */
static void *allocate(size_t size)
{
    void *memory = aligned_alloc(16, (size + 15) / 16 * 16);

    assert_non_null(memory);
    return memset(memory, 0, size);
}

static int entropy(void *context, uint8_t *bytes, size_t length)
{
    struct lab *lab = context;

    for (size_t i = 0; i < length; i++)
        bytes[i] =
            (uint8_t)(lab->random = lab->random * 6364136223846793005u + 1442695040888963407u);
    return 0;
}

static uint32_t chance(struct lab *lab, uint32_t limit)
{
    lab->random = lab->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(lab->random >> 33) % limit;
}

struct lab *lab_new(size_t count, uint32_t profile)
{
    struct lab *lab = allocate(sizeof(*lab));

    assert_in_range(count, 1, LAB_NODES);
    lab->count = count;
    lab->now = SEC(1000);
    lab->random = 1;
    for (size_t i = 0; i < count; i++) {
        struct lab_node *node = &lab->nodes[i];

        snprintf(node->name, sizeof(node->name), "node-%zu", i);
        node->endpoint = (struct membership_endpoint){
            {MLB_FAMILY_IPV4, {0}, {192, 0, 2, (uint8_t)(i + 1)}}, MLB_MEMBERSHIP_PORT};
        node->options = (struct membership_options){
            .name = node->name,
            .advertise = node->endpoint,
            .seed = 100 + i,
            .facts_version = 1,
            .entropy = entropy,
            .entropy_context = lab,
        };
        assert_int_equal(membership_timing_init(profile, &node->options.timing), MLB_OK);
    }
    return lab;
}

void lab_free(struct lab *lab)
{
    while (lab->first) {
        struct lab_delivery *delivery = lab->first;

        lab->first = delivery->next;
        free(delivery);
    }
    while (lab->streams) {
        struct lab_stream *stream = lab->streams;

        lab->streams = stream->next;
        free(stream);
    }
    for (size_t i = 0; i < lab->count; i++)
        membership_free(lab->nodes[i].core);
    free(lab);
}

static void send(struct lab *lab, enum delivery_kind kind, size_t from, size_t to,
                 struct lab_stream *stream, size_t side, const uint8_t *bytes, size_t length)
{
    struct lab_delivery *delivery = allocate(sizeof(*delivery) + length);

    *delivery = (struct lab_delivery){
        .kind = kind,
        .time = lab->now + LATENCY,
        .from = from,
        .to = to,
        .stream = stream,
        .side = side,
        .length = length,
    };
    if (length > 0)
        memcpy(delivery->bytes, bytes, length);
    if (lab->last)
        lab->last->next = delivery;
    else
        lab->first = delivery;
    lab->last = delivery;
}

static size_t node_at(const struct lab *lab, const struct membership_endpoint *endpoint)
{
    for (size_t i = 0; i < lab->count; i++)
        if (endpoint->port == lab->nodes[i].endpoint.port &&
            mlb_address_compare(&endpoint->address, &lab->nodes[i].endpoint.address) == 0)
            return i;
    return SIZE_MAX;
}

static void drive_packets(struct lab *lab, size_t number)
{
    static uint8_t buffer[SEAL_PACKET_MAX];
    struct lab_node *node = &lab->nodes[number];
    struct membership_endpoint target;
    size_t length = 0;

    while ((length = membership_output(node->core, lab->now, buffer, sizeof(buffer), &target)) >
           0) {
        const size_t to = node_at(lab, &target);

        node->packets_sent++;
        node->bytes_sent += length;
        if (length > node->largest_packet)
            node->largest_packet = length;
        if (to == SIZE_MAX || (lab->watch && !lab->watch(lab, number, to, buffer, length)) ||
            lab->cut[number][to] || (lab->loss > 0 && chance(lab, 1000) < lab->loss))
            continue;
        send(lab, PACKET, number, to, NULL, 0, buffer, length);
    }
}

static struct lab_stream *stream_of(struct lab *lab, size_t node, uint64_t number, size_t *side)
{
    for (struct lab_stream *stream = lab->streams; stream; stream = stream->next)
        for (*side = 0; *side < 2; ++*side)
            if (stream->nodes[*side] == node && stream->numbers[*side] == number)
                return stream;
    return NULL;
}

static void open_stream(struct lab *lab, size_t number, const struct membership_action *action)
{
    const size_t to = node_at(lab, &action->target);
    struct lab_stream *stream = allocate(sizeof(*stream));

    *stream = (struct lab_stream){
        .next = lab->streams,
        .nodes = {number, to},
        .numbers = {action->stream, 0},
    };
    lab->streams = stream;
    if (to != SIZE_MAX)
        send(lab, CONNECT, number, to, stream, 1, NULL, 0);
}

static void drive_streams(struct lab *lab, size_t number)
{
    struct membership_action action;

    while (membership_next_action(lab->nodes[number].core, &action)) {
        size_t side = 0;
        struct lab_stream *stream = NULL;

        if (action.kind == MEMBERSHIP_STREAM_CONNECT) {
            open_stream(lab, number, &action);
            continue;
        }
        stream = stream_of(lab, number, action.stream, &side);
        assert_non_null(stream);
        assert_false(stream->ended[side]);
        if (action.kind == MEMBERSHIP_STREAM_CLOSE)
            stream->ended[side] = 1;
        if (stream->nodes[1 - side] != SIZE_MAX)
            send(lab, action.kind == MEMBERSHIP_STREAM_SEND ? BYTES : CLOSE, number,
                 stream->nodes[1 - side], stream, 1 - side, action.bytes, action.length);
    }
}

void lab_drive(struct lab *lab, size_t number)
{
    struct lab_node *node = &lab->nodes[number];
    struct mlb_membership_event event = {.struct_size = sizeof(event)};

    drive_packets(lab, number);
    drive_streams(lab, number);
    while (membership_next_event(node->core, &event)) {
        if (node->event_count == LAB_EVENTS) {
            memmove(node->events, node->events + 1, (LAB_EVENTS - 1) * sizeof(event));
            node->event_count--;
        }
        node->events[node->event_count++] = event;
    }
}

/* A stream whose host is there but not its program. */
static void refuse(struct lab *lab, const struct lab_delivery *delivery)
{
    delivery->stream->ended[1] = 1;
    send(lab, CLOSE, delivery->to, delivery->from, delivery->stream, 0, NULL, 0);
}

static void accept_stream(struct lab *lab, const struct lab_delivery *delivery)
{
    struct lab_node *node = &lab->nodes[delivery->to];
    struct membership_endpoint peer = lab->nodes[delivery->from].endpoint;

    peer.port = 40000;
    delivery->stream->numbers[1] = 2 * node->accepted++ + 1;
    if (membership_stream_accepted(node->core, lab->now, delivery->stream->numbers[1], &peer) !=
        MLB_OK)
        refuse(lab, delivery);
}

static void deliver(struct lab *lab, const struct lab_delivery *delivery)
{
    struct lab_node *node = &lab->nodes[delivery->to];
    struct lab_stream *stream = delivery->stream;
    const size_t side = delivery->side;

    if (lab->cut[delivery->from][delivery->to])
        return;
    if (!node->core) {
        if (delivery->kind == CONNECT)
            refuse(lab, delivery);
        return;
    }
    switch (delivery->kind) {
    case PACKET:
        if (!membership_drops_input(node->core))
            membership_input(node->core, lab->now, &lab->nodes[delivery->from].endpoint,
                             delivery->bytes, delivery->length);
        break;
    case CONNECT:
        accept_stream(lab, delivery);
        break;
    case BYTES:
        if (!stream->ended[side])
            membership_stream_input(node->core, lab->now, stream->numbers[side], delivery->bytes,
                                    delivery->length);
        break;
    case CLOSE:
        if (!stream->ended[side]) {
            stream->ended[side] = 1;
            membership_stream_closed(node->core, lab->now, stream->numbers[side]);
        }
        break;
    }
    lab_drive(lab, delivery->to);
}

static int stands_still(const struct lab *lab, size_t node)
{
    return lab->nodes[node].stands_until > lab->now;
}

/* What comes to a node that stands still waits until it goes on. */
static int deliver_next(struct lab *lab, uint64_t until)
{
    struct lab_delivery *previous = NULL;

    for (struct lab_delivery *delivery = lab->first; delivery && delivery->time <= until;
         previous = delivery, delivery = delivery->next) {
        if (stands_still(lab, delivery->to))
            continue;
        if (previous)
            previous->next = delivery->next;
        else
            lab->first = delivery->next;
        if (lab->last == delivery)
            lab->last = previous;
        deliver(lab, delivery);
        free(delivery);
        return 1;
    }
    return 0;
}

static uint64_t earliest(const struct lab *lab)
{
    uint64_t time = MEMBERSHIP_NEVER;

    for (const struct lab_delivery *delivery = lab->first; delivery; delivery = delivery->next)
        if (!stands_still(lab, delivery->to) && delivery->time < time)
            time = delivery->time;
    for (size_t i = 0; i < lab->count; i++) {
        uint64_t due = MEMBERSHIP_NEVER;

        if (!lab->nodes[i].core)
            continue;
        due = membership_deadline(lab->nodes[i].core);
        if (due < lab->nodes[i].stands_until)
            due = lab->nodes[i].stands_until;
        if (due < time)
            time = due;
    }
    return time > lab->now ? time : lab->now;
}

static void step(struct lab *lab, uint64_t time)
{
    lab->now = time;
    /* The process that goes on looks at the clock first. */
    for (size_t i = 0; i < lab->count; i++) {
        if (!lab->nodes[i].core || stands_still(lab, i) ||
            membership_deadline(lab->nodes[i].core) > lab->now)
            continue;
        membership_tick(lab->nodes[i].core, lab->now);
        assert_true(membership_deadline(lab->nodes[i].core) > lab->now);
        lab_drive(lab, i);
    }
    while (deliver_next(lab, lab->now))
        ;
}

void lab_run(struct lab *lab, uint64_t duration)
{
    const uint64_t end = lab->now + duration;

    for (uint64_t time = earliest(lab); time <= end; time = earliest(lab))
        step(lab, time);
    lab->now = end;
}

uint64_t lab_run_until(struct lab *lab, int (*is_so)(struct lab *lab), uint64_t limit)
{
    const uint64_t start = lab->now;

    while (!is_so(lab)) {
        const uint64_t time = earliest(lab);

        if (time > start + limit)
            return UINT64_MAX;
        step(lab, time);
    }
    return lab->now - start;
}

void lab_start(struct lab *lab, size_t number, size_t seed)
{
    struct lab_node *node = &lab->nodes[number];

    membership_free(node->core);
    node->core = NULL;
    assert_int_equal(membership_new(&node->options, lab->now, &node->core), MLB_OK);
    if (seed != SIZE_MAX)
        assert_int_equal(membership_set_seeds(node->core, lab->now, &lab->nodes[seed].endpoint, 1),
                         MLB_OK);
    lab_drive(lab, number);
}

void lab_start_all(struct lab *lab)
{
    for (size_t i = 0; i < lab->count; i++)
        lab_start(lab, i, 0);
    assert_true(lab_run_until(lab, lab_is_whole, SEC(60)) < SEC(60));
}

void lab_crash(struct lab *lab, size_t node)
{
    membership_free(lab->nodes[node].core);
    lab->nodes[node].core = NULL;
}

void lab_stand_still(struct lab *lab, size_t node, uint64_t duration)
{
    lab->nodes[node].stands_until = lab->now + duration;
}

void lab_cut(struct lab *lab, size_t a, size_t b, int cut)
{
    lab->cut[a][b] = lab->cut[b][a] = (uint8_t)cut;
}

void lab_split(struct lab *lab, size_t size, int cut)
{
    for (size_t a = 0; a < size; a++)
        for (size_t b = size; b < lab->count; b++)
            lab_cut(lab, a, b, cut);
}

struct mlb_member lab_member(struct lab *lab, size_t node, size_t member)
{
    struct mlb_member found = {.struct_size = sizeof(found), .state = UINT32_MAX};

    (void)membership_find(lab->nodes[node].core, lab->nodes[member].name, &found);
    return found;
}

int lab_state(struct lab *lab, size_t node, size_t member)
{
    return (int)lab_member(lab, node, member).state;
}

uint32_t lab_incarnation(struct lab *lab, size_t node, size_t member)
{
    return lab_member(lab, node, member).incarnation;
}

int lab_is_whole(struct lab *lab)
{
    for (size_t a = 0; a < lab->count; a++) {
        for (size_t b = 0; b < lab->count && lab->nodes[a].core; b++) {
            const int is_alive = lab_state(lab, a, b) == MLB_MEMBER_ALIVE;

            if (is_alive != (lab->nodes[b].core != NULL))
                return 0;
        }
    }
    return 1;
}

size_t lab_events(struct lab *lab, size_t node, uint32_t kind, size_t member)
{
    size_t count = 0;

    for (size_t i = 0; i < lab->nodes[node].event_count; i++) {
        const struct mlb_membership_event *event = &lab->nodes[node].events[i];

        count += event->kind == kind &&
                 (member == SIZE_MAX || strcmp(event->name, lab->nodes[member].name) == 0);
    }
    return count;
}

void lab_forget_events(struct lab *lab)
{
    for (size_t i = 0; i < lab->count; i++)
        lab->nodes[i].event_count = 0;
}

const char *lab_facts(struct lab *lab, size_t node, size_t member)
{
    static uint8_t facts[MLB_MEMBERSHIP_FACTS_MAX + 1];
    size_t length = 0;

    if (membership_facts(lab->nodes[node].core, lab->nodes[member].name, facts,
                         MLB_MEMBERSHIP_FACTS_MAX, &length, NULL) != MLB_OK)
        return NULL;
    facts[length] = '\0';
    return (const char *)facts;
}

struct mlb_membership_statistics lab_statistics(struct lab *lab, size_t node)
{
    struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};

    membership_statistics(lab->nodes[node].core, &statistics);
    return statistics;
}
