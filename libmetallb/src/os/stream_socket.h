/* SPDX-License-Identifier: MIT */
/*
 * TCP (tcp(7)): a listener, and connections either way that never block. What cannot be sent at
 * once waits in memory until stream_socket_write() finds room.
 *
 * A connection that is closed while bytes of the peer wait unread is reset, and the peer then loses
 * what was sent to it last. So an exchange ends with stream_socket_finish(); the caller goes on
 * reading, throws away what comes, and closes when stream_socket_is_done() or its patience ends.
 *
 * Results are 0 or a count, or a negative errno.
 */
#pragma once

#include <metallb/address.h>

#include <errno.h>

struct stream_socket;

/* The result of reading behind the last byte of the peer. */
#define STREAM_SOCKET_ENDED (-ESHUTDOWN)

/*
 * Opens a listener.
 *
 * @param address  family MLB_FAMILY_NONE: all addresses of both families
 * @param port     0: any that is free
 * @return         its descriptor, or a negative errno
 */
int stream_listener_open(const struct mlb_address *address, uint16_t port);

/*
 * Accepts one connection.
 *
 * @return  1 with a connection, 0 when none waits, a negative errno otherwise; connections that
 *          broke while they waited are passed over
 */
int stream_listener_accept(int listener, struct stream_socket **ret, struct mlb_address *peer,
                           uint16_t *port);

/*
 * Whether accepting failed for want of descriptors or memory: the connection waits still, and the
 * listener stays readable, so it must be left alone for a while.
 */
int stream_listener_is_exhausted(int error);

/*
 * Begins a connection, which stream_socket_write() completes.
 *
 * @param source  address to connect from; family MLB_FAMILY_NONE: as the routes say. An unspecified
 *                address (0.0.0.0 or ::) says no more than its family. A target of another family
 *                gives -EAFNOSUPPORT
 */
int stream_socket_connect(const struct mlb_address *source, const struct mlb_address *target,
                          uint16_t port, struct stream_socket **ret);

/* Drops the connection and what was still to be sent; NULL is ignored. */
void stream_socket_close(struct stream_socket *socket);

int stream_socket_descriptor(const struct stream_socket *socket);

/* Whether to wait for the descriptor to be readable. */
int stream_socket_reads(const struct stream_socket *socket);

/* Whether to wait for it to be writable. */
int stream_socket_writes(const struct stream_socket *socket);

/*
 * Sends bytes, behind those that wait already.
 *
 * @return  0, -ENOMEM, or the error of the connection
 */
int stream_socket_send(struct stream_socket *socket, const uint8_t *bytes, size_t length);

/*
 * Completes the connecting, and sends what waits as far as there is room.
 *
 * @return  0, or the error of the connection, such as -ECONNREFUSED
 */
int stream_socket_write(struct stream_socket *socket);

/*
 * Receives without waiting.
 *
 * @return  bytes received, 0 when none wait, STREAM_SOCKET_ENDED, or the error of the connection
 */
int stream_socket_read(struct stream_socket *socket, uint8_t *buffer, size_t capacity);

/*
 * Nothing more will be sent: tells the peer so as soon as what waits is sent.
 *
 * @return  0, or the error of the connection
 */
int stream_socket_finish(struct stream_socket *socket);

/* Whether either side has sent all and said so: closing it loses nothing. */
int stream_socket_is_done(const struct stream_socket *socket);
