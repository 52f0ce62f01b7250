/* SPDX-License-Identifier: MIT */
#include "common/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/control_socket.h"

/* Who waits in the queue is left there for so long after a failure that may pass, such as a lack of
 * descriptors: the queue stays readable, and asking again at once would keep the processor busy. */
#define ACCEPT_RETRY_SECONDS 0.2

struct client {
    struct control *control;
    int fd; /* -1: the place is free */
    ev_io io;
    ev_timer timeout;
    char *line; /* what was received, CONTROL_LINE_MAX bytes */
    size_t line_length;
    char *reply;
    size_t reply_length;
    size_t reply_sent;
    bool follows; /* it stays and gets what is published */
};

struct control {
    struct ev_loop *loop;
    control_handler handler;
    void *context;
    struct control_socket socket;
    ev_io io;
    ev_timer retry;
    struct client *answered; /* during a call of the handler */
    struct client clients[CONTROL_CLIENTS_MAX];
};

static void client_close(struct client *client)
{
    struct control *control = client->control;

    ev_io_stop(control->loop, &client->io);
    ev_timer_stop(control->loop, &client->timeout);
    close(client->fd);
    client->fd = -1;
    free(client->line);
    free(client->reply);
    client->line = NULL;
    client->reply = NULL;
    /* A place is free again. */
    ev_io_start(control->loop, &control->io);
}

static void watch(struct client *client, int events)
{
    ev_io_stop(client->control->loop, &client->io);
    ev_io_set(&client->io, client->fd, events);
    ev_io_start(client->control->loop, &client->io);
}

/* All is sent: who follows is only heard now, for the end of the connection. */
static void client_rest(struct client *client)
{
    free(client->reply);
    client->reply = NULL;
    client->reply_length = 0;
    client->reply_sent = 0;
    ev_timer_stop(client->control->loop, &client->timeout);
    watch(client, EV_READ);
}

static void client_write(struct client *client)
{
    ssize_t sent = send(client->fd, client->reply + client->reply_sent,
                        client->reply_length - client->reply_sent, MSG_NOSIGNAL);

    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (sent < 0) {
        client_close(client);
        return;
    }
    client->reply_sent += (size_t)sent;
    if (client->reply_sent < client->reply_length)
        return;
    if (client->follows)
        client_rest(client);
    else
        client_close(client);
}

static void client_answer(struct client *client, size_t length)
{
    struct control *control = client->control;

    client->line[length] = '\0';
    control->answered = client;
    client->reply = control->handler(control->context, client->line, &client->reply_length);
    control->answered = NULL;
    if (client->reply == NULL) {
        client_close(client);
        return;
    }
    watch(client, EV_WRITE);
    client_write(client);
}

void control_follow(struct control *control)
{
    if (control->answered != NULL)
        control->answered->follows = true;
}

static void client_append(struct client *client, const char *text, size_t length)
{
    size_t waiting = client->reply_length - client->reply_sent;
    char *reply = waiting + length > CONTROL_BACKLOG_MAX ? NULL : malloc(waiting + length);

    if (reply == NULL) {
        client_close(client);
        return;
    }
    if (waiting > 0)
        memcpy(reply, client->reply + client->reply_sent, waiting);
    memcpy(reply + waiting, text, length);
    free(client->reply);
    client->reply = reply;
    client->reply_length = waiting + length;
    client->reply_sent = 0;
    watch(client, EV_WRITE);
}

void control_publish(struct control *control, const char *text, size_t length)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd >= 0 && control->clients[i].follows)
            client_append(&control->clients[i], text, length);
}

/* Who follows has nothing to say any more but that he goes. */
static void client_hear(struct client *client)
{
    char bytes[64];
    ssize_t received = read(client->fd, bytes, sizeof(bytes));

    if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR))
        client_close(client);
}

static void client_read(struct client *client)
{
    ssize_t received = read(client->fd, client->line + client->line_length,
                            CONTROL_LINE_MAX - client->line_length);
    char *newline;

    if (received < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (received <= 0) {
        client_close(client);
        return;
    }
    client->line_length += (size_t)received;
    newline = memchr(client->line, '\n', client->line_length);
    if (newline != NULL)
        client_answer(client, (size_t)(newline - client->line));
    else if (client->line_length == CONTROL_LINE_MAX)
        client_close(client);
}

static void on_client(struct ev_loop *loop, ev_io *io, int events)
{
    struct client *client = io->data;

    (void)loop;
    (void)events;
    if (client->reply != NULL)
        client_write(client);
    else if (client->follows)
        client_hear(client);
    else
        client_read(client);
}

static void on_timeout(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    client_close(timer->data);
}

static void client_open(struct control *control, struct client *client, int fd)
{
    client->line = malloc(CONTROL_LINE_MAX + 1);
    if (client->line == NULL) {
        close(fd);
        return;
    }
    client->fd = fd;
    client->follows = false;
    client->line_length = 0;
    client->reply_length = 0;
    client->reply_sent = 0;
    ev_io_init(&client->io, on_client, fd, EV_READ);
    client->io.data = client;
    ev_timer_init(&client->timeout, on_timeout, CONTROL_TIMEOUT_SECONDS, 0.);
    client->timeout.data = client;
    ev_io_start(control->loop, &client->io);
    ev_timer_start(control->loop, &client->timeout);
}

static struct client *free_place(struct control *control)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd < 0)
            return &control->clients[i];
    return NULL;
}

static void on_connection(struct ev_loop *loop, ev_io *io, int events)
{
    struct control *control = io->data;
    struct client *client = free_place(control);
    int fd;

    (void)events;
    /* Those who wait stay in the kernel's queue until a place is free. */
    if (client == NULL) {
        ev_io_stop(loop, io);
        return;
    }
    fd = accept4(control->socket.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        client_open(control, client, fd);
        return;
    }
    ev_io_stop(loop, io);
    ev_timer_stop(loop, &control->retry);
    ev_timer_set(&control->retry, ACCEPT_RETRY_SECONDS, 0.);
    ev_timer_start(loop, &control->retry);
}

static void on_accept_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct control *control = timer->data;

    (void)events;
    ev_io_start(loop, &control->io);
}

struct control *control_new(struct ev_loop *loop, const char *path, control_handler handler,
                            void *context, char *error, size_t error_size)
{
    struct control *control = calloc(1, sizeof(*control));

    if (control == NULL) {
        snprintf(error, error_size, "control socket %s: %s", path, strerror(ENOMEM));
        return NULL;
    }
    control->loop = loop;
    control->handler = handler;
    control->context = context;
    ev_io_init(&control->io, on_connection, -1, EV_READ);
    control->io.data = control;
    ev_init(&control->retry, on_accept_retry);
    control->retry.data = control;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        control->clients[i].control = control;
        control->clients[i].fd = -1;
    }
    if (control_socket_open(&control->socket, path, CONTROL_CLIENTS_MAX, error, error_size) != 0) {
        control_free(control);
        return NULL;
    }
    ev_io_set(&control->io, control->socket.fd, EV_READ);
    ev_io_start(loop, &control->io);
    return control;
}

void control_free(struct control *control)
{
    if (control == NULL)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd >= 0)
            client_close(&control->clients[i]);
    ev_io_stop(control->loop, &control->io);
    ev_timer_stop(control->loop, &control->retry);
    control_socket_close(&control->socket);
    free(control);
}
