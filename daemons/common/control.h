/* SPDX-License-Identifier: MIT */
/*
 * The control socket of a daemon: a Unix stream socket where a client sends one line and receives
 * one document, after which the connection ends. Clients, line length and time are bounded, so
 * that no client can hold up the daemon.
 */
#pragma once

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#define CONTROL_CLIENTS_MAX     16
#define CONTROL_LINE_MAX        4096
#define CONTROL_TIMEOUT_SECONDS 5.0
#define CONTROL_BACKLOG_MAX     (1u << 20)

struct control;

/* Answers a line (NUL-terminated, without its newline): returns memory from malloc that the server
 * sends and frees, or NULL, which ends the connection without an answer. */
typedef char *(*control_handler)(void *context, const char *line, size_t *length);

/*
 * Listens on a path. The directory above it is made when missing (mode 0755); the socket has mode
 * 0660. A socket left by a process that ended is replaced; one that somebody listens on, and a
 * file that is no socket, are errors.
 *
 * @param error  receives a sentence that names the path
 * @return       NULL on failure; the caller frees it with control_free()
 */
struct control *control_new(struct ev_loop *loop, const char *path, control_handler handler,
                            void *context, char *error, size_t error_size);

/* Called by a handler: the client that is answered stays connected and gets what is published from
 * then on. */
void control_follow(struct control *control);

/* Sends a text to all clients that stayed; one that does not read is cut off, so that what waits
 * for it is bounded by CONTROL_BACKLOG_MAX bytes. */
void control_publish(struct control *control, const char *text, size_t length);

/* Ends all connections and removes the socket, if it is still the one made here; NULL is
 * ignored. */
void control_free(struct control *control);
