/* SPDX-License-Identifier: MIT */
/*
 * A UDP socket (udp(7)) that is bound and not connected: it hears all peers and is not told of ICMP
 * errors, which anybody could forge.
 *
 * Where it is bound to all addresses the kernel chooses the source of what is sent by its routes,
 * which need not be the address that a peer sent to.
 *
 * Results are 0 or a count, or a negative errno.
 */
#pragma once

#include <metallb/address.h>

struct datagram_socket;

/* Datagrams taken with one system call. */
#define DATAGRAM_BATCH 16

struct datagram {
    struct mlb_address source; /* IPv4 also where the socket is one of IPv6 */
    uint16_t port;
    const uint8_t *bytes; /* valid until the next receive */
    size_t length;
};

/*
 * Opens a socket.
 *
 * @param address  family MLB_FAMILY_NONE: all addresses of both families
 * @param port     0: any that is free
 */
int datagram_socket_open(const struct mlb_address *address, uint16_t port,
                         struct datagram_socket **ret);

/* NULL is ignored. */
void datagram_socket_close(struct datagram_socket *socket);

/* To wait for: readable when there is something to receive. */
int datagram_socket_descriptor(const struct datagram_socket *socket);

/*
 * Takes at most limit datagrams (and at most DATAGRAM_BATCH) without waiting.
 *
 * @return  how many were taken, 0 when none waits, or a negative errno
 */
int datagram_socket_receive(struct datagram_socket *socket, size_t limit);

/*
 * A datagram of the last receive.
 *
 * @return  0, or -EAFNOSUPPORT for a source that is no IP address
 */
int datagram_socket_at(const struct datagram_socket *socket, size_t position,
                       struct datagram *datagram);

/*
 * Sends a datagram without waiting. What cannot be sent now is lost, as it may be on the wire.
 *
 * @return  0, or a negative errno, after which the socket is as good as before
 */
int datagram_socket_send(struct datagram_socket *socket, const struct mlb_address *target,
                         uint16_t port, const uint8_t *bytes, size_t length);
