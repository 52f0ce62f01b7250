/* SPDX-License-Identifier: MIT */
#include "os/datagram_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/socket_address.h"

/* The largest datagram that there can be, so none is ever cut short. */
#define DATAGRAM_SIZE 65536

/* Room for the bursts of a large group, as memberlist asks for. */
#define RECEIVE_BUFFER_SIZE (2 * 1024 * 1024)

struct datagram_socket {
    int descriptor;
    int domain;
    struct mmsghdr headers[DATAGRAM_BATCH];
    struct iovec vectors[DATAGRAM_BATCH];
    struct sockaddr_storage sources[DATAGRAM_BATCH];
    uint8_t bytes[DATAGRAM_BATCH][DATAGRAM_SIZE];
};

/* Without CAP_NET_ADMIN the kernel gives as much of it as net.core.rmem_max allows. */
static void enlarge_buffer(int descriptor)
{
    const int size = RECEIVE_BUFFER_SIZE;

    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static void init_headers(struct datagram_socket *socket)
{
    for (size_t i = 0; i < DATAGRAM_BATCH; i++) {
        socket->vectors[i] = (struct iovec){socket->bytes[i], DATAGRAM_SIZE};
        socket->headers[i].msg_hdr.msg_iov = &socket->vectors[i];
        socket->headers[i].msg_hdr.msg_iovlen = 1;
        socket->headers[i].msg_hdr.msg_name = &socket->sources[i];
    }
}

int datagram_socket_open(const struct mlb_address *address, uint16_t port,
                         struct datagram_socket **ret)
{
    const struct socket_binding binding = {.type = SOCK_DGRAM, .address = address, .port = port};
    struct datagram_socket *socket = calloc(1, sizeof(*socket));

    if (!socket)
        return -ENOMEM;
    socket->descriptor = socket_address_bind(&binding, &socket->domain);
    if (socket->descriptor < 0) {
        const int error = socket->descriptor;

        free(socket);
        return error;
    }
    enlarge_buffer(socket->descriptor);
    init_headers(socket);
    *ret = socket;
    return 0;
}

void datagram_socket_close(struct datagram_socket *socket)
{
    if (!socket)
        return;
    close(socket->descriptor);
    free(socket);
}

int datagram_socket_descriptor(const struct datagram_socket *socket)
{
    return socket->descriptor;
}

int datagram_socket_receive(struct datagram_socket *socket, size_t limit)
{
    const size_t count = limit < DATAGRAM_BATCH ? limit : DATAGRAM_BATCH;
    int received;

    /* The kernel overwrites the lengths with those of what it delivered. */
    for (size_t i = 0; i < count; i++)
        socket->headers[i].msg_hdr.msg_namelen = sizeof(socket->sources[i]);
    received =
        recvmmsg(socket->descriptor, socket->headers, (unsigned int)count, MSG_DONTWAIT, NULL);
    if (received >= 0)
        return received;
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int datagram_socket_at(const struct datagram_socket *socket, size_t position,
                       struct datagram *datagram)
{
    datagram->bytes = socket->bytes[position];
    datagram->length = socket->headers[position].msg_len;
    return socket_address_get(&socket->sources[position], &datagram->source, &datagram->port);
}

int datagram_socket_send(struct datagram_socket *socket, const struct mlb_address *target,
                         uint16_t port, const uint8_t *bytes, size_t length)
{
    struct sockaddr_storage storage;
    const socklen_t size = socket_address_set(&storage, socket->domain, target, port);

    if (size == 0)
        return -EAFNOSUPPORT;
    if (sendto(socket->descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)&storage, size) < 0)
        return -errno;
    return 0;
}
