/* SPDX-License-Identifier: MIT */
/* What the core wants: filters, multicast groups, frames to send. */
#include "live/announcer/announcer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"

/* How long a full socket is left alone. */
#define SEND_INTERVAL (2 * NANOSECONDS_PER_SECOND / 1000)

/* How long to wait before a filter that could not be replaced is tried again. */
#define FILTER_RETRY_INTERVAL NANOSECONDS_PER_SECOND

/* Groups joined and left in one dispatch: the kernel walks a list for each, so that ten thousand
 * take a second, in which requests would wait. */
#define GROUP_CHANGES 256

/* RFC 2464 §7: 33:33 and the last four bytes of the group. */
static void group_hardware_address(const struct mlb_address *group, uint8_t result[6])
{
    result[0] = 0x33;
    result[1] = 0x33;
    memcpy(result + 2, group->bytes + 12, 4);
}

static void change_hardware_filter(const struct port *port, const struct mlb_address *group,
                                   int join)
{
    uint8_t hardware_address[6];

    group_hardware_address(group, hardware_address);
    packet_socket_membership(port->sockets[PACKET_PROTOCOL_IPV6], port->index, hardware_address,
                             join);
}

static void join_group(struct mlb_announcer *announcer, uint32_t index,
                       const struct mlb_address *group)
{
    struct port *port = announcer_find_port(announcer, index);
    const int error = multicast_join(&announcer->groups, index, group);

    /* Netlink tells in a moment of an interface that is gone. */
    if (!error || error == -ENODEV || !port || port->sockets[PACKET_PROTOCOL_IPV6] < 0)
        return;
    /* Without IPv6 on the interface no MLD report goes out, but what reaches us is answered. */
    change_hardware_filter(port, group, 1);
    if (!port->group_failed)
        announcer_error(announcer, port, error,
                        "cannot join solicited-node groups; snooping switches will not forward");
    port->group_failed = 1;
}

static void leave_group(struct mlb_announcer *announcer, uint32_t index,
                        const struct mlb_address *group)
{
    const struct port *port = announcer_find_port(announcer, index);

    multicast_leave(&announcer->groups, index, group);
    if (port && port->group_failed && port->sockets[PACKET_PROTOCOL_IPV6] >= 0)
        change_hardware_filter(port, group, 0);
}

static void apply_change(struct mlb_announcer *announcer, const struct announce_change *change)
{
    switch (change->kind) {
    case ANNOUNCE_FILTER_ADD:
        filter_add(announcer->filter, &change->address);
        break;
    case ANNOUNCE_FILTER_REMOVE:
        filter_remove(announcer->filter, &change->address);
        break;
    case ANNOUNCE_GROUP_JOIN:
        join_group(announcer, change->interface_index, &change->address);
        break;
    case ANNOUNCE_GROUP_LEAVE:
        leave_group(announcer, change->interface_index, &change->address);
        break;
    }
}

static int rebuild_filter(struct mlb_announcer *announcer)
{
    const size_t count = announce_count(announcer->core);
    struct mlb_address *addresses = calloc(count + 1, sizeof(*addresses));
    int error;

    if (!addresses)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        announce_address_at(announcer->core, i, &addresses[i]);
    error = filter_rebuild(announcer->filter, addresses, count);
    free(addresses);
    return error;
}

static int attach_filter(struct mlb_announcer *announcer)
{
    for (size_t i = 0; i < announcer->port_count; i++) {
        const struct port *port = &announcer->ports[i];
        for (int protocol = 0; protocol < PACKET_PROTOCOL_COUNT; protocol++) {
            int error = 0;
            if (port->sockets[protocol] >= 0)
                error = filter_attach(announcer->filter, port->sockets[protocol],
                                      (enum packet_protocol)protocol);
            if (error)
                return error;
        }
    }
    return 0;
}

/* All changes of one dispatch make one new program. */
static void refresh_filter(struct mlb_announcer *announcer)
{
    int error = 0;

    if (filter_is_stale(announcer->filter)) {
        error = rebuild_filter(announcer);
        announcer->attach_wanted = 1;
    }
    if (!error && announcer->attach_wanted)
        error = attach_filter(announcer);
    if (!error) {
        announcer->attach_wanted = 0;
        announcer->filter_at = 0;
        return;
    }
    announcer_error(announcer, NULL, error, "cannot replace the packet filter");
    announcer->filter_at = announcer->now + FILTER_RETRY_INTERVAL;
}

void announcer_apply_changes(struct mlb_announcer *announcer)
{
    struct announce_change change;
    size_t groups = 0;

    announcer->changes_wait = 0;
    while (groups < GROUP_CHANGES && announce_next_change(announcer->core, &change) == 1) {
        apply_change(announcer, &change);
        groups += change.kind == ANNOUNCE_GROUP_JOIN || change.kind == ANNOUNCE_GROUP_LEAVE;
    }
    if (groups == GROUP_CHANGES) {
        announcer->changes_wait = 1;
        return;
    }
    if (announcer->now >= announcer_filter_deadline(announcer))
        refresh_filter(announcer);
}

uint64_t announcer_filter_deadline(const struct mlb_announcer *announcer)
{
    if (filter_is_stale(announcer->filter) || announcer->attach_wanted)
        return announcer->filter_at;
    return ANNOUNCE_NEVER;
}

static int is_full(int error)
{
    return error == -EAGAIN || error == -ENOBUFS;
}

/* The interface is going down or away, which netlink tells in a moment. */
static int is_going(int error)
{
    return error == -ENETDOWN || error == -ENXIO || error == -ENODEV || error == -ENETUNREACH;
}

/* What finds no room is lost, like a frame on the wire: who asked asks again. */
static void keep_for_later(struct mlb_announcer *announcer, struct port *port,
                           enum packet_protocol protocol, const uint8_t *bytes, size_t length)
{
    struct pending_frame *frame;

    if (!port->pending)
        port->pending = calloc(1, sizeof(*port->pending));
    if (!port->pending || port->pending->count == PENDING_FRAMES)
        return;
    frame = &port->pending->frames[(port->pending->first + port->pending->count) % PENDING_FRAMES];
    frame->length = length;
    frame->protocol = protocol;
    memcpy(frame->bytes, bytes, length);
    port->pending->count++;
    if (announcer->send_at == ANNOUNCE_NEVER)
        announcer->send_at = announcer->now + SEND_INTERVAL;
}

static void send_frame(struct mlb_announcer *announcer, struct port *port,
                       enum packet_protocol protocol, const uint8_t *bytes, size_t length)
{
    int error;

    if (port->sockets[protocol] < 0)
        return;
    if (port->pending && port->pending->count > 0) {
        keep_for_later(announcer, port, protocol, bytes, length);
        return;
    }
    error = packet_socket_send(port->sockets[protocol], bytes, length);
    if (is_full(error))
        keep_for_later(announcer, port, protocol, bytes, length);
    else if (error && !is_going(error))
        announcer_error(announcer, port, error, "cannot send");
}

/* 0 when nothing waits any more. */
static int send_pending(struct port *port)
{
    struct pending_ring *ring = port->pending;

    while (ring && ring->count > 0) {
        const struct pending_frame *frame = &ring->frames[ring->first];
        if (is_full(
                packet_socket_send(port->sockets[frame->protocol], frame->bytes, frame->length)))
            return 1;
        ring->first = (ring->first + 1) % PENDING_FRAMES;
        ring->count--;
    }
    return 0;
}

static void send_all_pending(struct mlb_announcer *announcer)
{
    int waiting = 0;

    if (announcer->now < announcer->send_at)
        return;
    for (size_t i = 0; i < announcer->port_count; i++)
        waiting |= send_pending(&announcer->ports[i]);
    announcer->send_at = waiting ? announcer->now + SEND_INTERVAL : ANNOUNCE_NEVER;
}

void announcer_send_frames(struct mlb_announcer *announcer)
{
    uint8_t bytes[ANNOUNCE_FRAME_SIZE_MAX];
    enum announce_frame_kind kind;
    uint32_t index;
    size_t length;

    send_all_pending(announcer);
    while ((length = announce_output(announcer->core, announcer->now, bytes, sizeof(bytes), &index,
                                     &kind)) > 0) {
        struct port *port = announcer_find_port(announcer, index);
        if (port)
            send_frame(announcer, port,
                       kind == ANNOUNCE_FRAME_ARP ? PACKET_PROTOCOL_ARP : PACKET_PROTOCOL_IPV6,
                       bytes, length);
    }
}

void announcer_drop_pending(struct mlb_announcer *announcer)
{
    for (size_t i = 0; i < announcer->port_count; i++) {
        if (announcer->ports[i].pending)
            announcer->ports[i].pending->count = 0;
    }
    announcer->send_at = ANNOUNCE_NEVER;
}
