/* SPDX-License-Identifier: MIT */
#include "os/stream_socket.h"

#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address/value.h"
#include "os/socket_address.h"

/* Connections that broke in the queue of the listener and are passed over at one go. */
#define BROKEN_MAX 64

struct stream_socket {
    int descriptor;
    int connecting;
    int finishing;  /* no more is to be sent */
    int sent_end;   /* the peer was told so */
    int peer_ended; /* and it told us */
    uint8_t *bytes; /* what waits, from first on */
    size_t first;
    size_t length; /* of all in bytes, first included */
};

int stream_listener_open(const struct mlb_address *address, uint16_t port)
{
    const struct socket_binding binding = {
        .type = SOCK_STREAM, .address = address, .port = port, .reuse = 1};
    int domain;
    const int descriptor = socket_address_bind(&binding, &domain);

    if (descriptor < 0 || listen(descriptor, SOMAXCONN) == 0)
        return descriptor;
    domain = -errno;
    close(descriptor);
    return domain;
}

static struct stream_socket *make(int descriptor)
{
    struct stream_socket *socket = calloc(1, sizeof(*socket));
    const int on = 1;

    if (!socket)
        return NULL;
    socket->descriptor = descriptor;
    /* Small messages leave at once; a refusal costs time, not the connection. */
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return socket;
}

int stream_listener_is_exhausted(int error)
{
    return error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM;
}

/* What accept(2) says of a listener itself; other errors are of the connection that waited. */
static int is_of_listener(int error)
{
    return stream_listener_is_exhausted(error) || error == -EBADF || error == -EINVAL ||
           error == -ENOTSOCK || error == -EOPNOTSUPP || error == -EFAULT;
}

/* A descriptor, -EAGAIN when none waits, or an error of the listener. */
static int accept_sound(int listener, struct sockaddr_storage *storage)
{
    int error = -EAGAIN;

    for (int i = 0; i < BROKEN_MAX; i++) {
        socklen_t length = sizeof(*storage);
        const int descriptor =
            accept4(listener, (struct sockaddr *)storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0)
            return descriptor;
        error = -errno;
        if (error == -EAGAIN || is_of_listener(error))
            return error;
    }
    return -EAGAIN;
}

int stream_listener_accept(int listener, struct stream_socket **ret, struct mlb_address *peer,
                           uint16_t *port)
{
    struct sockaddr_storage storage = {0};
    struct mlb_address address;
    struct stream_socket *socket;
    const int descriptor = accept_sound(listener, &storage);
    int error;

    if (descriptor < 0)
        return descriptor == -EAGAIN ? 0 : descriptor;
    error = socket_address_get(&storage, &address, port);
    socket = error ? NULL : make(descriptor);
    if (!socket) {
        close(descriptor);
        return error ? error : -ENOMEM;
    }
    *peer = address;
    *ret = socket;
    return 1;
}

static int bind_source(int descriptor, int domain, const struct mlb_address *source)
{
    struct sockaddr_storage storage;
    const socklen_t length = socket_address_set(&storage, domain, source, 0);
    const int on = 1;

    if (source->family == MLB_FAMILY_NONE || address_is_unspecified(source))
        return 0;
    /* The port is chosen with the target, so that as many connections as ports fit each peer. */
    setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    return bind(descriptor, (const struct sockaddr *)&storage, length) == 0 ? 0 : -errno;
}

static int begin_connection(struct stream_socket *stream, int domain,
                            const struct mlb_address *source, const struct mlb_address *target,
                            uint16_t port)
{
    struct sockaddr_storage storage;
    const socklen_t length = socket_address_set(&storage, domain, target, port);
    const int error = bind_source(stream->descriptor, domain, source);

    if (error)
        return error;
    if (connect(stream->descriptor, (const struct sockaddr *)&storage, length) == 0)
        return 0;
    /* Interrupted, it goes on by itself too (connect(2)). */
    if (errno != EINPROGRESS && errno != EINTR)
        return -errno;
    stream->connecting = 1;
    return 0;
}

int stream_socket_connect(const struct mlb_address *source, const struct mlb_address *target,
                          uint16_t port, struct stream_socket **ret)
{
    const int domain = target->family == MLB_FAMILY_IPV4 ? AF_INET : AF_INET6;
    struct stream_socket *stream;
    int descriptor;
    int error;

    if (source->family != MLB_FAMILY_NONE && source->family != target->family)
        return -EAFNOSUPPORT;
    descriptor = socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -errno;
    stream = make(descriptor);
    if (!stream) {
        close(descriptor);
        return -ENOMEM;
    }
    error = begin_connection(stream, domain, source, target, port);
    if (error) {
        stream_socket_close(stream);
        return error;
    }
    *ret = stream;
    return 0;
}

void stream_socket_close(struct stream_socket *socket)
{
    if (!socket)
        return;
    close(socket->descriptor);
    free(socket->bytes);
    free(socket);
}

int stream_socket_descriptor(const struct stream_socket *socket)
{
    return socket->descriptor;
}

int stream_socket_reads(const struct stream_socket *socket)
{
    return !socket->connecting && !socket->peer_ended;
}

int stream_socket_writes(const struct stream_socket *socket)
{
    return socket->connecting || socket->first < socket->length;
}

/* Bytes that the kernel took, or a negative errno. */
static ssize_t write_some(const struct stream_socket *socket, const uint8_t *bytes, size_t length)
{
    const ssize_t written = send(socket->descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (written >= 0)
        return written;
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static int keep(struct stream_socket *socket, const uint8_t *bytes, size_t length)
{
    const size_t waiting = socket->length - socket->first;
    uint8_t *grown;

    if (length > SIZE_MAX - waiting)
        return -ENOMEM;
    if (socket->first > 0)
        memmove(socket->bytes, socket->bytes + socket->first, waiting);
    socket->first = 0;
    socket->length = waiting;
    grown = realloc(socket->bytes, waiting + length);
    if (!grown)
        return -ENOMEM;
    memcpy(grown + waiting, bytes, length);
    socket->bytes = grown;
    socket->length += length;
    return 0;
}

int stream_socket_send(struct stream_socket *socket, const uint8_t *bytes, size_t length)
{
    ssize_t written = 0;

    if (!stream_socket_writes(socket))
        written = write_some(socket, bytes, length);
    if (written < 0)
        return (int)written;
    if ((size_t)written == length)
        return 0;
    return keep(socket, bytes + written, length - (size_t)written);
}

/* Whether the connection stands, has failed, or is not decided yet (-EINPROGRESS). */
static int complete_connection(struct stream_socket *stream)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof(peer);
    int error = 0;
    socklen_t size = sizeof(error);

    if (getsockopt(stream->descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return -errno;
    if (error)
        return -error;
    if (getpeername(stream->descriptor, (struct sockaddr *)&peer, &length) != 0)
        return errno == ENOTCONN ? -EINPROGRESS : -errno;
    stream->connecting = 0;
    return 0;
}

static void forget_sent(struct stream_socket *socket)
{
    free(socket->bytes);
    socket->bytes = NULL;
    socket->first = 0;
    socket->length = 0;
}

static int send_end(struct stream_socket *socket)
{
    if (!socket->finishing || socket->sent_end)
        return 0;
    socket->sent_end = 1;
    return shutdown(socket->descriptor, SHUT_WR) == 0 ? 0 : -errno;
}

int stream_socket_write(struct stream_socket *socket)
{
    if (socket->connecting) {
        const int error = complete_connection(socket);

        if (error)
            return error == -EINPROGRESS ? 0 : error;
    }
    while (socket->first < socket->length) {
        const ssize_t written =
            write_some(socket, socket->bytes + socket->first, socket->length - socket->first);
        if (written <= 0)
            return (int)written;
        socket->first += (size_t)written;
    }
    forget_sent(socket);
    return send_end(socket);
}

int stream_socket_read(struct stream_socket *socket, uint8_t *buffer, size_t capacity)
{
    const size_t limit = capacity < INT_MAX ? capacity : INT_MAX;
    ssize_t received;

    if (!stream_socket_reads(socket))
        return socket->peer_ended ? STREAM_SOCKET_ENDED : 0;
    received = recv(socket->descriptor, buffer, limit, MSG_DONTWAIT);
    if (received > 0)
        return (int)received;
    if (received < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    socket->peer_ended = 1;
    return STREAM_SOCKET_ENDED;
}

int stream_socket_finish(struct stream_socket *socket)
{
    socket->finishing = 1;
    return stream_socket_write(socket);
}

int stream_socket_is_done(const struct stream_socket *socket)
{
    return socket->sent_end && socket->peer_ended;
}
