/* SPDX-License-Identifier: MIT */
/*
 * Streams as TCP makes them: opened by one round trip, in order, never losing a byte but late where
 * the network loses packets, hanging where it is cut, refused where nobody listens.
 */
#include <stdlib.h>
#include <string.h>

#include "simulator/internal.h"
#include "simulator/memory.h"

/* RFC 6298: first timeout of a SYN, and Linux's of data on a fast network; both double. */
#define SYN_TIMEOUT  SIM_SECOND
#define DATA_TIMEOUT (200 * (uint64_t)SIM_MILLISECOND)
/* Linux gives up a SYN after 127 s, data after a quarter of an hour. */
#define SYN_TRIES  7
#define DATA_TRIES 15
/* RFC 6928, and a limit for the window that doubles with each round trip. */
#define WINDOW_FIRST 14600
#define WINDOW_MAX   (1u << 20)

/* What is under way from an end to its peer. */
enum flight_kind {
    FLIGHT_NONE,
    FLIGHT_SYN,
    FLIGHT_DATA,
    FLIGHT_FIN,
    FLIGHT_RESET, /* tells the peer; nothing follows */
    FLIGHT_WINDOW /* nothing: the acknowledgement of data is awaited */
};

struct stream_end {
    struct event flight; /* first member */
    enum flight_kind kind;
    int arrives; /* the flight reaches its end; else it is tried again */
    int tries;
    size_t flight_length;
    size_t window;
    struct stream_end *peer;
    uint32_t node;
    uint32_t life;
    uint64_t number;
    int is_open; /* the core knows it */
    int is_closing;
    int is_done;   /* nothing is to be sent any more */
    int resets;    /* once its flight is over */
    int is_untold; /* its process stands still and has not heard that it is over */
    int is_connected;
    int is_written; /* its process ran since it was connected, and gave the bytes to the kernel */
    uint8_t *bytes; /* not acknowledged yet */
    size_t length;
    size_t capacity;
    struct stream_end *next; /* of the node */
    struct stream_end **link;
};

/* Two ends that live and die together. */
struct stream {
    struct stream_end ends[2]; /* first member */
    int is_over;
    struct stream *next; /* of those that are over */
};

static struct stream *stream_of(struct stream_end *end)
{
    struct stream_end *first = end->peer > end ? end : end->peer;

    return (struct stream *)first;
}

static void unlink_end(struct stream_end *end)
{
    if (!end->link)
        return;
    *end->link = end->next;
    if (end->next)
        end->next->link = end->link;
    end->link = NULL;
}

static void link_end(struct node *node, struct stream_end *end)
{
    end->next = node->ends;
    end->link = &node->ends;
    if (end->next)
        end->next->link = &end->next;
    node->ends = end;
}

/* A stream that nobody knows any more and that no flight will come back to is freed soon. */
static void settle(struct sim *sim, struct stream_end *end)
{
    struct stream *stream = stream_of(end);

    for (size_t i = 0; i < 2; i++) {
        if (stream->ends[i].is_open || stream->ends[i].kind != FLIGHT_NONE)
            return;
    }
    if (stream->is_over)
        return;
    for (size_t i = 0; i < 2; i++)
        unlink_end(&stream->ends[i]);
    stream->is_over = 1;
    stream->next = sim->streams_over;
    sim->streams_over = stream;
}

void streams_collect(struct sim *sim)
{
    while (sim->streams_over) {
        struct stream *stream = sim->streams_over;

        sim->streams_over = stream->next;
        free(stream->ends[0].bytes);
        free(stream->ends[1].bytes);
        free(stream);
    }
}

static int is_alive(const struct sim *sim, const struct stream_end *end)
{
    const struct node *node = &sim->nodes[end->node];

    return node->state != NODE_DOWN && node->life == end->life;
}

static void fly(struct sim *sim, struct stream_end *end, enum flight_kind kind)
{
    const uint64_t timeout = kind == FLIGHT_SYN ? SYN_TIMEOUT : DATA_TIMEOUT;
    const int to_and_fro = kind == FLIGHT_SYN;
    const uint32_t to = end->peer->node;
    uint64_t delay = network_delay(sim);

    end->kind = kind;
    end->arrives =
        network_passes(sim, end->node, to) && (!to_and_fro || network_passes(sim, to, end->node));
    if (!end->arrives)
        delay = timeout << end->tries;
    end->tries++;
    event_queue_add(&sim->events, sim->now + delay, &end->flight);
}

/* Starts what is next on the way from an end, if nothing is. */
static void advance(struct sim *sim, struct stream_end *end)
{
    if (sim->nodes[end->node].state == NODE_RUNNING)
        end->is_written = end->is_connected;
    if (end->kind != FLIGHT_NONE || end->is_done || !end->is_written)
        return;
    end->tries = 0;
    if (end->length) {
        end->flight_length = end->length < end->window ? end->length : end->window;
        fly(sim, end, FLIGHT_DATA);
    } else if (end->is_closing) {
        fly(sim, end, FLIGHT_FIN);
    }
}

/* The core of an end hears that its stream is over. */
static void tell_closed(struct sim *sim, struct stream_end *end)
{
    const int known = end->is_open && is_alive(sim, end);

    end->is_done = 1;
    if (known && sim->nodes[end->node].state == NODE_STALLED) {
        end->is_untold = 1;
        return;
    }
    end->is_open = 0;
    if (!known)
        return;
    membership_stream_closed(sim->nodes[end->node].core, sim->now, end->number);
    sim_pump(sim, end->node);
}

/* The flight of an end is of no use: the peer's machine says that there is no such stream. */
static void refuse(struct sim *sim, struct stream_end *end)
{
    end->kind = FLIGHT_NONE;
    tell_closed(sim, end);
    end->peer->is_open = 0;
    end->peer->is_done = 1;
}

static void arrive_syn(struct sim *sim, struct stream_end *end)
{
    struct stream_end *peer = end->peer;
    struct node *node = &sim->nodes[peer->node];
    const struct membership_endpoint source = sim_endpoint(end->node);
    int32_t result;

    end->kind = FLIGHT_NONE;
    peer->life = node->life;
    peer->number = node->last_accepted += 2;
    result = membership_stream_accepted(node->core, sim->now, peer->number, &source);
    if (result != MLB_OK) {
        refuse(sim, end);
        return;
    }
    peer->is_open = peer->is_connected = end->is_connected = 1;
    link_end(node, peer);
    sim_pump(sim, peer->node);
    advance(sim, end);
}

static void arrive_data(struct sim *sim, struct stream_end *end)
{
    struct stream_end *peer = end->peer;
    const size_t length = end->flight_length;

    if (!peer->is_open) {
        refuse(sim, end);
        return;
    }
    end->kind = FLIGHT_WINDOW;
    sim->nodes[end->node].traffic.stream_bytes += length;
    membership_stream_input(sim->nodes[peer->node].core, sim->now, peer->number, end->bytes,
                            length);
    memmove(end->bytes, end->bytes + length, end->length - length);
    end->length -= length;
    end->window = end->window < WINDOW_MAX ? end->window * 2 : WINDOW_MAX;
    event_queue_add(&sim->events, sim->now + network_delay(sim), &end->flight);
    sim_pump(sim, peer->node);
}

static void arrive_end(struct sim *sim, struct stream_end *end)
{
    end->kind = FLIGHT_NONE;
    end->is_done = 1;
    tell_closed(sim, end->peer);
}

static void arrive(struct sim *sim, struct stream_end *end)
{
    switch (end->kind) {
    case FLIGHT_SYN:
        arrive_syn(sim, end);
        break;
    case FLIGHT_DATA:
        arrive_data(sim, end);
        break;
    default:
        arrive_end(sim, end);
    }
}

/* A flight that does not get through is tried again, until it is given up. */
static void try_again(struct sim *sim, struct stream_end *end)
{
    if (end->tries < (end->kind == FLIGHT_SYN ? SYN_TRIES : DATA_TRIES)) {
        fly(sim, end, end->kind);
        return;
    }
    refuse(sim, end);
}

static int has_peer(const struct sim *sim, const struct stream_end *end)
{
    const struct node *node = &sim->nodes[end->peer->node];

    return node->state != NODE_DOWN && (end->kind == FLIGHT_SYN || is_alive(sim, end->peer));
}

/* Whether nobody waits for what a flight brings. */
static int is_void(const struct sim *sim, const struct stream_end *end)
{
    if (end->kind == FLIGHT_RESET)
        return !has_peer(sim, end);
    return !is_alive(sim, end) || (end->kind == FLIGHT_SYN && end->is_done);
}

static void end_of_flight(struct sim *sim, struct stream_end *end)
{
    const struct node *target = &sim->nodes[end->peer->node];

    if (end->kind == FLIGHT_WINDOW) {
        end->kind = FLIGHT_NONE;
        advance(sim, end);
    } else if (is_void(sim, end)) {
        end->kind = FLIGHT_NONE;
        end->is_done = 1;
        if (end->resets)
            fly(sim, end, FLIGHT_RESET);
        end->resets = 0;
    } else if (end->arrives && has_peer(sim, end)) {
        arrive(sim, end);
    } else if (end->arrives && (target->state != NODE_DOWN || target->refuses)) {
        refuse(sim, end);
    } else {
        try_again(sim, end);
    }
}

void streams_event(struct sim *sim, struct event *event)
{
    struct stream_end *end = (struct stream_end *)event;
    struct node *target = &sim->nodes[end->peer->node];

    if (target->state == NODE_STALLED && end->kind != FLIGHT_WINDOW) {
        network_queue_waiting(target, event);
        return;
    }
    end_of_flight(sim, end);
    settle(sim, end);
}

void streams_release(struct sim *sim, struct event *event)
{
    struct stream_end *end = (struct stream_end *)event;

    end->kind = FLIGHT_NONE;
    end->is_open = 0;
    settle(sim, end);
}

static struct stream_end *find(struct node *node, uint64_t number)
{
    struct stream_end *end = node->ends;

    while (end && (end->number != number || end->life != node->life))
        end = end->next;
    return end;
}

static void connect_stream(struct sim *sim, uint32_t from, uint64_t number,
                           const struct membership_endpoint *target)
{
    struct node *node = &sim->nodes[from];
    const uint32_t to = network_number(target);
    struct stream *stream = need(1, sizeof(*stream));

    for (size_t i = 0; i < 2; i++) {
        stream->ends[i].peer = &stream->ends[1 - i];
        stream->ends[i].flight.kind = EVENT_STREAM;
        stream->ends[i].window = WINDOW_FIRST;
    }
    /* Where there is no host a SYN is lost, as it is with a host that lost its power. */
    stream->ends[1].node = to < sim->node_count ? to : from;
    stream->ends[0].node = from;
    stream->ends[0].life = node->life;
    stream->ends[0].number = number;
    stream->ends[0].is_open = 1;
    node->traffic.streams++;
    link_end(node, &stream->ends[0]);
    if (to < sim->node_count) {
        fly(sim, &stream->ends[0], FLIGHT_SYN);
        return;
    }
    stream->ends[0].kind = FLIGHT_SYN;
    stream->ends[0].tries = SYN_TRIES;
    event_queue_add(&sim->events, sim->now + (SYN_TIMEOUT << SYN_TRIES), &stream->ends[0].flight);
}

static void send_bytes(struct sim *sim, struct stream_end *end, const uint8_t *bytes, size_t length)
{
    if (end->length + length > end->capacity) {
        end->capacity = end->length + length;
        end->bytes = need_array(end->bytes, end->capacity, 1);
    }
    memcpy(end->bytes + end->length, bytes, length);
    end->length += length;
    advance(sim, end);
}

static void close_end(struct sim *sim, struct stream_end *end)
{
    end->is_open = 0;
    end->is_closing = 1;
    /* A stream of which its process has not heard that it is connected is given up. */
    if (!end->is_written) {
        end->is_done = !end->is_connected;
        end->is_written = 1;
        end->length = 0;
    }
    advance(sim, end);
    settle(sim, end);
}

void streams_act(struct sim *sim, uint32_t node, const struct membership_action *action)
{
    struct stream_end *end;

    if (action->kind == MEMBERSHIP_STREAM_CONNECT) {
        connect_stream(sim, node, action->stream, &action->target);
        return;
    }
    end = find(&sim->nodes[node], action->stream);
    if (!end || !end->is_open)
        return;
    if (action->kind == MEMBERSHIP_STREAM_SEND)
        send_bytes(sim, end, action->bytes, action->length);
    else
        close_end(sim, end);
}

void streams_drop(struct sim *sim, uint32_t node, int refuses)
{
    while (sim->nodes[node].ends) {
        struct stream_end *end = sim->nodes[node].ends;

        unlink_end(end);
        end->is_open = 0;
        end->is_done = 1;
        if (refuses && end->is_connected && end->peer->is_open) {
            end->resets = end->kind != FLIGHT_NONE;
            if (!end->resets)
                fly(sim, end, FLIGHT_RESET);
        }
        settle(sim, end);
    }
}

void streams_tell(struct sim *sim, uint32_t node)
{
    struct stream_end *end = sim->nodes[node].ends;

    while (end) {
        if (end->is_untold) {
            end->is_untold = 0;
            tell_closed(sim, end);
            settle(sim, end);
            end = sim->nodes[node].ends;
        } else {
            advance(sim, end);
            end = end->next;
        }
    }
}
