/* SPDX-License-Identifier: MIT */
/* TCP between the sockets and the core. */
#include "live/membership/membership.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/container.h"

/* What one dispatch does at most, so that one busy peer starves nobody. */
#define DISPATCH_ACCEPTS 16
#define DISPATCH_READS   4

/* How long the listener is left alone when there are no descriptors. */
#define ACCEPT_PAUSE (NANOSECONDS_PER_SECOND / 10)

/* Streams that the core is through with; beyond it the oldest is given up. */
#define LINGERING_MAX 256

static struct connection *find(const struct mlb_membership *membership, uint64_t number)
{
    struct hash_node *node =
        hash_table_first(&membership->connections, hash_bytes(&number, sizeof(number), 0));

    for (; node; node = hash_table_next(node)) {
        struct connection *connection = CONTAINER_OF(node, struct connection, node);
        if (connection->number == number)
            return connection;
    }
    return NULL;
}

static int is_lingering(const struct connection *connection)
{
    return !list_is_empty(&connection->lingering);
}

/* Closing the descriptor takes it out of the epoll set. */
static void drop(struct mlb_membership *membership, struct connection *connection)
{
    if (is_lingering(connection))
        membership->lingering_count--;
    list_remove(&connection->lingering);
    hash_table_remove(&membership->connections, &connection->node);
    stream_socket_close(connection->socket);
    free(connection);
}

/* It ended by itself; the core hears of those that it is not through with. */
static void ended(struct mlb_membership *membership, struct connection *connection)
{
    const uint64_t number = connection->number;
    const int known = !is_lingering(connection);

    drop(membership, connection);
    if (known)
        membership_stream_closed(membership->core, membership->now, number);
}

static uint32_t wanted_events(const struct connection *connection)
{
    return (stream_socket_reads(connection->socket) ? (uint32_t)EPOLLIN : 0u) |
           (stream_socket_writes(connection->socket) ? (uint32_t)EPOLLOUT : 0u);
}

/* Waits for what it waits for now. 0 or a negative errno. */
static int rewatch(struct mlb_membership *membership, struct connection *connection)
{
    const uint32_t events = wanted_events(connection);
    int error;

    if (events == connection->watched)
        return 0;
    error =
        membership_watch(membership, EPOLL_CTL_MOD, stream_socket_descriptor(connection->socket),
                         events, MEMBERSHIP_SOURCE_CONNECTION, connection->number);
    if (!error)
        connection->watched = events;
    return error;
}

/* Takes the socket over, also where it fails. 0 or a negative errno. */
static int add(struct mlb_membership *membership, uint64_t number, struct stream_socket *socket)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    int error;

    if (!connection) {
        stream_socket_close(socket);
        return -ENOMEM;
    }
    connection->number = number;
    connection->socket = socket;
    connection->watched = wanted_events(connection);
    list_init(&connection->lingering);
    hash_table_insert(&membership->connections, &connection->node,
                      hash_bytes(&number, sizeof(number), 0));
    error = membership_watch(membership, EPOLL_CTL_ADD, stream_socket_descriptor(socket),
                             connection->watched, MEMBERSHIP_SOURCE_CONNECTION, number);
    if (error)
        drop(membership, connection);
    return error;
}

/* The connections wait in the queue of the listener meanwhile. */
static void pause_listener(struct mlb_membership *membership, int error)
{
    membership_trouble(membership, TROUBLE_STREAM, error, "cannot accept connections");
    if (membership_watch(membership, EPOLL_CTL_MOD, membership->listener, 0,
                         MEMBERSHIP_SOURCE_LISTENER, 0) == 0)
        membership->accept_at = membership->now + ACCEPT_PAUSE;
}

static void resume_listener(struct mlb_membership *membership)
{
    const int error = membership_watch(membership, EPOLL_CTL_MOD, membership->listener, EPOLLIN,
                                       MEMBERSHIP_SOURCE_LISTENER, 0);

    membership->accept_at = error ? membership->now + ACCEPT_PAUSE : MEMBERSHIP_NEVER;
}

/* 0, or a negative errno of the listener */
static int accept_one(struct mlb_membership *membership, struct stream_socket *socket,
                      const struct membership_endpoint *peer)
{
    const uint64_t number = membership->next_accepted;
    int error;

    membership->next_accepted += 2;
    error = add(membership, number, socket);
    if (error)
        return error;
    if (membership_stream_accepted(membership->core, membership->now, number, peer) != MLB_OK)
        drop(membership, find(membership, number));
    return 0;
}

void membership_accept(struct mlb_membership *membership)
{
    for (int i = 0; i < DISPATCH_ACCEPTS; i++) {
        struct membership_endpoint peer = {.port = 0};
        struct stream_socket *socket = NULL;
        int error =
            stream_listener_accept(membership->listener, &socket, &peer.address, &peer.port);

        if (error == 0)
            return;
        if (error > 0)
            error = accept_one(membership, socket, &peer);
        if (error < 0) {
            pause_listener(membership, error);
            return;
        }
    }
}

static void connect_to(struct mlb_membership *membership, const struct membership_action *action)
{
    struct stream_socket *socket = NULL;
    int error = stream_socket_connect(&membership->bind_address, &action->target.address,
                                      action->target.port, &socket);

    if (!error)
        error = add(membership, action->stream, socket);
    if (!error)
        return;
    /* What is wrong with the peer or the way to it the core counts; this is our own want. */
    if (stream_listener_is_exhausted(error))
        membership_trouble(membership, TROUBLE_STREAM, error, "cannot open a connection");
    membership_stream_closed(membership->core, membership->now, action->stream);
}

static void send_to(struct mlb_membership *membership, const struct membership_action *action)
{
    struct connection *connection = find(membership, action->stream);

    if (!connection)
        return;
    if (stream_socket_send(connection->socket, action->bytes, action->length) != 0 ||
        rewatch(membership, connection) != 0)
        ended(membership, connection);
}

static void linger(struct mlb_membership *membership, struct connection *connection)
{
    if (membership->lingering_count == LINGERING_MAX)
        drop(membership, list_entry(membership->lingering.next, struct connection, lingering));
    connection->linger_until = membership->now + membership->linger_time;
    list_append(&membership->lingering, &connection->lingering);
    membership->lingering_count++;
}

/* The peer gets all that was sent before it is over, if it reads in time. */
static void finish(struct mlb_membership *membership, const struct membership_action *action)
{
    struct connection *connection = find(membership, action->stream);

    if (!connection || is_lingering(connection))
        return;
    if (stream_socket_finish(connection->socket) != 0 ||
        stream_socket_is_done(connection->socket) || rewatch(membership, connection) != 0)
        drop(membership, connection);
    else
        linger(membership, connection);
}

int membership_run_actions(struct mlb_membership *membership, size_t limit)
{
    struct membership_action action;

    for (size_t i = 0; i < limit; i++) {
        if (membership_next_action(membership->core, &action) != 1)
            return 1;
        switch (action.kind) {
        case MEMBERSHIP_STREAM_CONNECT:
            connect_to(membership, &action);
            break;
        case MEMBERSHIP_STREAM_SEND:
            send_to(membership, &action);
            break;
        case MEMBERSHIP_STREAM_CLOSE:
            finish(membership, &action);
            break;
        }
    }
    return 0;
}

/* Reads once; 0 when nothing more is to be read now, or the connection is gone. */
static int read_once(struct mlb_membership *membership, uint64_t number)
{
    struct connection *connection = find(membership, number);
    int received;

    if (!connection)
        return 0;
    received = stream_socket_read(connection->socket, membership->stream_bytes, STREAM_BUFFER_SIZE);
    if (received == STREAM_SOCKET_ENDED && is_lingering(connection) &&
        !stream_socket_is_done(connection->socket))
        return 0;
    if (received < 0)
        ended(membership, connection);
    if (received <= 0)
        return 0;
    if (!is_lingering(connection)) {
        membership_stream_input(membership->core, membership->now, number, membership->stream_bytes,
                                (size_t)received);
        /* An answer is sent before the end of the stream is seen, which would take it back. */
        (void)membership_run_actions(membership, SIZE_MAX);
    }
    return 1;
}

void membership_on_connection(struct mlb_membership *membership, uint64_t number)
{
    struct connection *connection = find(membership, number);

    /* It may have gone in this very dispatch. */
    if (!connection)
        return;
    if (stream_socket_write(connection->socket) != 0) {
        ended(membership, connection);
        return;
    }
    for (int i = 0; i < DISPATCH_READS && read_once(membership, number); i++)
        continue;
    connection = find(membership, number);
    if (!connection)
        return;
    if (stream_socket_is_done(connection->socket) || rewatch(membership, connection) != 0)
        ended(membership, connection);
}

void membership_streams_tick(struct mlb_membership *membership)
{
    while (!list_is_empty(&membership->lingering)) {
        struct connection *oldest =
            list_entry(membership->lingering.next, struct connection, lingering);
        if (membership->now < oldest->linger_until)
            break;
        drop(membership, oldest);
    }
    if (membership->now >= membership->accept_at)
        resume_listener(membership);
}

uint64_t membership_streams_deadline(const struct mlb_membership *membership)
{
    const struct connection *oldest;

    if (list_is_empty(&membership->lingering))
        return membership->accept_at;
    oldest = list_entry(membership->lingering.next, struct connection, lingering);
    return oldest->linger_until < membership->accept_at ? oldest->linger_until
                                                        : membership->accept_at;
}

void membership_free_streams(struct mlb_membership *membership)
{
    struct hash_node *node;

    while ((node = hash_table_any(&membership->connections)) != NULL)
        drop(membership, CONTAINER_OF(node, struct connection, node));
    hash_table_free(&membership->connections);
}
