/* SPDX-License-Identifier: MIT */
/*
 * Packet sockets (packet(7)): whole Ethernet frames of one protocol on one interface.
 *
 * Results are 0 or a count, or a negative errno.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What a socket receives: one filter program each. */
enum packet_protocol {
    PACKET_PROTOCOL_ARP,
    PACKET_PROTOCOL_IPV6,
    PACKET_PROTOCOL_COUNT,
};

/* Frames taken with one system call. */
#define PACKET_BATCH_FRAMES 32

struct packet_frame {
    const uint8_t *bytes; /* from the Ethernet header on; valid until the next receive */
    size_t length;
    int tagged; /* not for this host on this interface: of a VLAN, or to another host's address */
};

/* Memory for the frames of one call, shared by all sockets of a thread. */
struct packet_batch;

/* NULL without memory. */
struct packet_batch *packet_batch_new(void);

void packet_batch_free(struct packet_batch *batch);

/*
 * Opens a socket that receives nothing yet: attach the filter first, then bind it. Frames queued
 * between the two would bypass the filter.
 */
int packet_socket_open(void);

int packet_socket_bind(int descriptor, uint32_t interface_index, enum packet_protocol protocol);

/* 0 once the interface is gone that the socket was bound to: it receives nothing any more, even if
 * another interface gets that index. */
int packet_socket_is_bound(int descriptor);

/*
 * Takes at most limit frames without waiting.
 *
 * @return  how many stand in the batch, 0 when none waits, or a negative errno
 */
int packet_socket_receive(int descriptor, struct packet_batch *batch, size_t limit);

/* The frame at a position of the last receive. */
struct packet_frame packet_batch_frame(const struct packet_batch *batch, size_t position);

/* Sends one frame without waiting. */
int packet_socket_send(int descriptor, const void *frame, size_t length);

/*
 * Lets frames to a multicast hardware address in (join not 0) or no longer. Nobody on the LAN is
 * told, unlike with an IPv6 group: for interfaces without IPv6.
 */
int packet_socket_membership(int descriptor, uint32_t interface_index,
                             const uint8_t hardware_address[6], int join);
