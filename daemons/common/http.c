/* SPDX-License-Identifier: MIT */
#include "common/http.h"

#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/listen.h"

/* The functions that are used, by their names. */
#define FUNCTIONS(X)                   \
    X(MHD_start_daemon)                \
    X(MHD_stop_daemon)                 \
    X(MHD_run)                         \
    X(MHD_get_timeout)                 \
    X(MHD_get_daemon_info)             \
    X(MHD_create_response_from_buffer) \
    X(MHD_add_response_header)         \
    X(MHD_queue_response)              \
    X(MHD_destroy_response)

struct library {
    void *handle;
#define MEMBER(name) __typeof__(name) *(name);
    FUNCTIONS(MEMBER)
#undef MEMBER
};

struct http_server {
    struct library library;
    struct MHD_Daemon *daemon;
    struct ev_loop *loop;
    http_handler handler;
    void *context;
    ev_io io;
    ev_timer timer;
};

static bool load_library(struct library *library, char *error, size_t error_size)
{
    library->handle = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    if (library->handle == NULL) {
        snprintf(error, error_size, "libmicrohttpd cannot be loaded: %s", dlerror());
        return false;
    }
#define LOAD(name) library->name = (__typeof__(name) *)(uintptr_t)dlsym(library->handle, #name);
    FUNCTIONS(LOAD)
#undef LOAD
#define IS_THERE(name) &&library->name != NULL
    if (true FUNCTIONS(IS_THERE))
        return true;
#undef IS_THERE
    snprintf(error, error_size, "libmicrohttpd lacks a function that is needed");
    return false;
}

void http_answer_text(struct http_answer *answer, unsigned status, const char *text)
{
    *answer = (struct http_answer){.status = status, .content_type = "text/plain; charset=utf-8"};
    if (asprintf(&answer->text, "%s\n", text) < 0)
        answer->text = NULL;
    else
        answer->length = strlen(answer->text);
}

FILE *http_answer_begin(struct http_answer *answer)
{
    return open_memstream(&answer->text, &answer->length);
}

void http_answer_end(struct http_answer *answer, FILE *stream, const char *content_type)
{
    if (fclose(stream) != 0) {
        free(answer->text);
        answer->text = NULL;
    }
    answer->status = MHD_HTTP_OK;
    answer->content_type = content_type;
}

static enum MHD_Result send_answer(const struct http_server *server,
                                   struct MHD_Connection *connection, struct http_answer *answer)
{
    const struct library *library = &server->library;
    struct MHD_Response *response;
    enum MHD_Result result;

    if (answer->text == NULL)
        return MHD_NO;
    response = library->MHD_create_response_from_buffer(answer->length, answer->text,
                                                        MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(answer->text);
        return MHD_NO;
    }
    library->MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
    if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        library->MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    result = library->MHD_queue_response(connection, answer->status, response);
    library->MHD_destroy_response(response);
    return result;
}

/* In the form that libmicrohttpd wants. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **request)
{
    const struct http_server *server = context;
    struct http_answer answer = {0};

    (void)version;
    (void)data;
    (void)request;
    if (*data_size > 0)
        return MHD_NO;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        http_answer_text(&answer, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are served");
    else
        server->handler(server->context, url, &answer);
    if (answer.status == 0)
        http_answer_text(&answer, MHD_HTTP_NOT_FOUND, "there is nothing here");
    return send_answer(server, connection, &answer);
}

static void run(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG milliseconds = 0;

    server->library.MHD_run(server->daemon);
    ev_timer_stop(server->loop, &server->timer);
    if (server->library.MHD_get_timeout(server->daemon, &milliseconds) != MHD_YES)
        return;
    ev_timer_set(&server->timer, (double)milliseconds / 1000., 0.);
    ev_timer_start(server->loop, &server->timer);
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    run(io->data);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    run(timer->data);
}

/* Takes the socket over. */
static bool start(struct http_server *server, int socket)
{
    const union MHD_DaemonInfo *info;

    server->daemon = server->library.MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, socket,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)HTTP_TIMEOUT_SECONDS, MHD_OPTION_END);
    if (server->daemon == NULL) {
        close(socket);
        return false;
    }
    info = server->library.MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL)
        return false;
    ev_io_init(&server->io, on_io, info->epoll_fd, EV_READ);
    ev_init(&server->timer, on_timer);
    server->io.data = server;
    server->timer.data = server;
    ev_io_start(server->loop, &server->io);
    return true;
}

struct http_server *http_server_new(struct ev_loop *loop, const char *listen, http_handler handler,
                                    void *context, char *error, size_t error_size)
{
    struct http_server *server = calloc(1, sizeof(*server));
    int socket;

    if (server == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    server->loop = loop;
    server->handler = handler;
    server->context = context;
    socket = listen_open(listen, error, error_size);
    if (socket < 0 || !load_library(&server->library, error, error_size)) {
        if (socket >= 0)
            close(socket);
        http_server_free(server);
        return NULL;
    }
    if (!start(server, socket)) {
        snprintf(error, error_size, "%s: an HTTP server cannot be started there", listen);
        http_server_free(server);
        return NULL;
    }
    return server;
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    ev_io_stop(server->loop, &server->io);
    ev_timer_stop(server->loop, &server->timer);
    if (server->daemon != NULL)
        server->library.MHD_stop_daemon(server->daemon);
    if (server->library.handle != NULL)
        dlclose(server->library.handle);
    free(server);
}
