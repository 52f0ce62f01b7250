/* SPDX-License-Identifier: MIT */
/*
 * A small HTTP server on the loop of a daemon: for monitoring, which asks for short texts (GET and
 * HEAD) now and then. Connections and the time of each are bounded.
 *
 * libmicrohttpd is loaded when a server is made: it brings GnuTLS along, which costs a process
 * megabytes, also one that serves nothing.
 */
#pragma once

#include <ev.h>
#include <stddef.h>
#include <stdio.h>

#define HTTP_CONNECTIONS_MAX 32
#define HTTP_TIMEOUT_SECONDS 10

struct http_server;

struct http_answer {
    unsigned status;          /* such as 200; 0: there is nothing at this path */
    const char *content_type; /* static */
    char *text;               /* from malloc(); the server frees it */
    size_t length;
};

/* Answers a path such as "/metrics". */
typedef void (*http_handler)(void *context, const char *path, struct http_answer *answer);

/*
 * Listens on "ADDRESS:PORT", "[ADDRESS]:PORT" or ":PORT" (all addresses).
 *
 * @param error  receives a sentence that names what was to be listened on
 * @return       NULL on failure; the caller frees it with http_server_free()
 */
struct http_server *http_server_new(struct ev_loop *loop, const char *listen, http_handler handler,
                                    void *context, char *error, size_t error_size);

/* Ends all connections; NULL is ignored. */
void http_server_free(struct http_server *server);

/* Sets an answer of a short text in words. */
void http_answer_text(struct http_answer *answer, unsigned status, const char *text);

/* Begins a longer answer: what is written to the stream; NULL without memory. */
FILE *http_answer_begin(struct http_answer *answer);

/* Closes the stream; the answer is a success. */
void http_answer_end(struct http_answer *answer, FILE *stream, const char *content_type);
