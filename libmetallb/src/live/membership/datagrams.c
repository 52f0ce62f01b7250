/* SPDX-License-Identifier: MIT */
/* UDP between the socket and the core. */
#include "live/membership/membership.h"

#include <errno.h>

/* What one dispatch does at most, so that a flood of packets starves nobody. */
#define DISPATCH_PACKETS 256
#define DISPATCH_OUTPUT  1024

/* What queued up while this node stood still, at a guess: the whole buffer of the socket. */
#define DISPATCH_DROPPED 8192

/* Whether packets may wait still. */
static int receive_batch(struct mlb_membership *membership)
{
    const int received = datagram_socket_receive(membership->packets, DATAGRAM_BATCH);
    struct datagram datagram;

    if (received < 0)
        membership_trouble(membership, TROUBLE_RECEIVE, received, "cannot receive packets");
    for (int i = 0; i < received; i++) {
        struct membership_endpoint source;

        if (datagram_socket_at(membership->packets, (size_t)i, &datagram) != 0)
            continue;
        source = (struct membership_endpoint){.address = datagram.source, .port = datagram.port};
        membership_input(membership->core, membership->now, &source, datagram.bytes,
                         datagram.length);
    }
    return received == DATAGRAM_BATCH;
}

static void drop_packets(struct mlb_membership *membership)
{
    for (int i = 0; i < DISPATCH_DROPPED; i += DATAGRAM_BATCH) {
        if (datagram_socket_receive(membership->packets, DATAGRAM_BATCH) < DATAGRAM_BATCH)
            return;
    }
}

void membership_receive_packets(struct mlb_membership *membership)
{
    int more = 1;

    if (membership_drops_input(membership->core)) {
        drop_packets(membership);
        return;
    }
    for (int i = 0; i < DISPATCH_PACKETS && more; i += DATAGRAM_BATCH) {
        more = receive_batch(membership);
        /* Answers leave before more questions are read: who asks measures the time. */
        membership_send_packets(membership);
    }
}

void membership_send_packets(struct mlb_membership *membership)
{
    struct membership_endpoint target;

    for (int i = 0; i < DISPATCH_OUTPUT; i++) {
        const size_t length = membership_output(membership->core, membership->now,
                                                membership->packet, SEAL_PACKET_MAX, &target);
        int error;

        if (length == 0)
            return;
        error = datagram_socket_send(membership->packets, &target.address, target.port,
                                     membership->packet, length);
        if (!error)
            continue;
        membership->packets_failed++;
        membership_trouble(membership, TROUBLE_SEND, error, "cannot send packets");
    }
    membership->work_waits = 1;
}
