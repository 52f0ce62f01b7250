/* SPDX-License-Identifier: MIT */
#include "metallbctl/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "metallbctl/command.h"

#define ANSWER_SIZE_MAX (256u << 20)
#define ANSWER_SECONDS  10

static int complain(const char *command, const char *path, int error)
{
    if (error == ENOENT || error == ECONNREFUSED)
        fprintf(stderr, "metallbctl %s: nobody listens on %s; see --control\n", command, path);
    else
        fprintf(stderr, "metallbctl %s: %s: %s\n", command, path, strerror(error));
    return -1;
}

/* Returns a connected socket, or -1 with the reason on standard error. */
static int connect_to(const char *command, const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(name.sun_path))
        return complain(command, path, ENAMETOOLONG);
    memcpy(name.sun_path, path, strlen(path) + 1);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0)
        return complain(command, path, errno);
    struct timeval limit = {.tv_sec = ANSWER_SECONDS};
    if (setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0 ||
        connect(connection, (const struct sockaddr *)&name, sizeof(name)) != 0) {
        int error = errno;
        close(connection);
        return complain(command, path, error);
    }
    return connection;
}

static int send_request(int connection, const char *request)
{
    size_t length = strlen(request);
    size_t sent = 0;
    while (sent < length) {
        ssize_t count = send(connection, request + sent, length - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR)
            return -errno;
        if (count > 0)
            sent += (size_t)count;
    }
    return 0;
}

/* Reads to the end of the connection; the caller frees the NUL-terminated answer. */
static int read_answer(int connection, char **answer)
{
    size_t capacity = 64u << 10;
    size_t length = 0;
    char *text = malloc(capacity);
    while (text != NULL) {
        ssize_t count = recv(connection, text + length, capacity - length - 1, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            int error = count < 0 ? -errno : 0;
            text[length] = '\0';
            *answer = error == 0 ? text : NULL;
            if (error != 0)
                free(text);
            return error;
        }
        length += (size_t)count;
        if (capacity - length > 1)
            continue;
        if (capacity >= ANSWER_SIZE_MAX) {
            free(text);
            return -EMSGSIZE;
        }
        capacity *= 2;
        char *larger = realloc(text, capacity);
        if (larger == NULL)
            free(text);
        text = larger;
    }
    return -ENOMEM;
}

/* Connects and sends; returns the socket or -1. */
static int begin(const char *command, const char *path, const char *request)
{
    int connection = connect_to(command, path);
    int error = connection < 0 ? 0 : send_request(connection, request);
    if (error == 0)
        return connection;
    close(connection);
    return complain(command, path, error == -EAGAIN ? ETIMEDOUT : -error);
}

int ask(const char *command, const char *path, const char *request, char **answer)
{
    int connection = begin(command, path, request);
    if (connection < 0)
        return EXIT_BAD;
    int error = read_answer(connection, answer);
    close(connection);
    if (error == 0)
        return EXIT_GOOD;
    complain(command, path, error == -EAGAIN ? ETIMEDOUT : -error);
    return EXIT_BAD;
}

/* Waits as long as it takes: nothing may happen for days. */
static FILE *open_stream(const char *command, const char *path, const char *request)
{
    struct timeval none = {0};
    int connection = begin(command, path, request);
    if (connection < 0)
        return NULL;
    FILE *stream = setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none)) == 0
                       ? fdopen(connection, "r")
                       : NULL;
    if (stream == NULL) {
        complain(command, path, errno);
        close(connection);
    }
    return stream;
}

int ask_lines(const char *command, const char *path, const char *request,
              int (*take)(const char *line, void *context), void *context)
{
    FILE *stream = open_stream(command, path, request);
    if (stream == NULL)
        return EXIT_BAD;
    char *line = NULL;
    size_t size = 0;
    int status = EXIT_GOOD;
    while (status == EXIT_GOOD && getline(&line, &size, stream) > 0)
        status = take(line, context);
    free(line);
    fclose(stream);
    return status;
}
