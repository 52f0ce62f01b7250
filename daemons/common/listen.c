/* SPDX-License-Identifier: MIT */
#include "common/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 32

struct place {
    char address[64];
    char port[8];
};

/* Splits at the last colon and takes brackets off. */
static bool split(const char *text, struct place *place)
{
    const char *colon = strrchr(text, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - text);

    if (colon == NULL || colon[1] == '\0' || strlen(colon + 1) >= sizeof(place->port) ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    snprintf(place->port, sizeof(place->port), "%s", colon + 1);
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    } else if (memchr(text, ':', length) != NULL) {
        return false;
    }
    if (length >= sizeof(place->address))
        return false;
    memcpy(place->address, text, length);
    place->address[length] = '\0';
    return true;
}

static int listen_on(const struct addrinfo *info)
{
    int yes = 1;
    int no = 0;
    int descriptor =
        socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, info->ai_protocol);

    if (descriptor < 0)
        return -1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (info->ai_family == AF_INET6)
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
    if (bind(descriptor, info->ai_addr, info->ai_addrlen) == 0 && listen(descriptor, BACKLOG) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

int listen_open(const char *text, char *error, size_t error_size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    struct place place;
    int descriptor = -1;

    if (!split(text, &place)) {
        snprintf(error, error_size, "'%s' is not ADDRESS:PORT, [ADDRESS]:PORT or :PORT", text);
        return -1;
    }
    /* All addresses of both families, where the host has IPv6. */
    for (int i = 0; i < 2 && descriptor < 0; i++) {
        const char *any = i == 0 ? "::" : "0.0.0.0";
        int result =
            getaddrinfo(place.address[0] == '\0' ? any : place.address, place.port, &hints, &list);

        if (result != 0) {
            snprintf(error, error_size, "'%s' has no address to listen on: %s", text,
                     gai_strerror(result));
            return -1;
        }
        descriptor = listen_on(list);
        if (descriptor < 0)
            snprintf(error, error_size, "cannot listen on %s: %s", text, strerror(errno));
        freeaddrinfo(list);
    }
    return descriptor;
}
