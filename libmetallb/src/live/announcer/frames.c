/* SPDX-License-Identifier: MIT */
/* What comes in: frames through the packet sockets, advertisements through those of VRRP. */
#include "live/announcer/announcer.h"

#include <errno.h>

#include "os/vrrp_socket.h"

/* Messages of VRRP in one dispatch; a LAN has a few a second. */
#define VRRP_LIMIT 16

/* What a socket reports while its interface goes down or away; netlink tells the same. */
static int is_passing(int error)
{
    return error == -ENETDOWN || error == -ENXIO || error == -ENODEV || error == -ENOBUFS;
}

static void take_frames(struct mlb_announcer *announcer, struct port *port, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct packet_frame frame = packet_batch_frame(announcer->batch, i);
        const enum announce_verdict verdict = announce_input(
            announcer->core, announcer->now, port->index, frame.bytes, frame.length, frame.tagged);
        port->frames++;
        if (verdict == ANNOUNCE_FOREIGN)
            port->foreign++;
    }
}

size_t announcer_receive_frames(struct mlb_announcer *announcer, uint32_t index,
                                enum packet_protocol protocol, size_t limit)
{
    /* The interface may have gone in this very dispatch. */
    struct port *port = announcer_find_port(announcer, index);
    size_t taken = 0;

    while (port && port->sockets[protocol] >= 0 && taken < limit) {
        const int received =
            packet_socket_receive(port->sockets[protocol], announcer->batch, limit - taken);

        if (received < 0 && !is_passing(received))
            announcer_port_fail(announcer, port, received, "cannot receive");
        else if (received < 0 && !packet_socket_is_bound(port->sockets[protocol]))
            announcer_port_replaced(announcer, port);
        if (received <= 0)
            break;
        take_frames(announcer, port, (size_t)received);
        taken += (size_t)received;
        if (received < PACKET_BATCH_FRAMES)
            break;
    }
    return taken;
}

void announcer_receive_vrrp(struct mlb_announcer *announcer, uint8_t family)
{
    const int descriptor = announcer->vrrp[family == MLB_FAMILY_IPV6];
    struct vrrp_message message;

    for (int i = 0; i < VRRP_LIMIT; i++) {
        if (vrrp_socket_receive(descriptor, family, &message) <= 0)
            return;
        announce_input_vrrp(announcer->core, announcer->now, message.interface_index,
                            &message.source, message.payload, message.length);
    }
}
