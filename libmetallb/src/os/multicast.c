/* SPDX-License-Identifier: MIT */
#include "os/multicast.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void multicast_close(struct multicast *multicast)
{
    for (size_t i = 0; i < multicast->count; i++)
        close(multicast->sockets[i]);
    free(multicast->sockets);
    *multicast = (struct multicast){0};
}

/* Never bound, so it holds memberships and receives nothing. */
static int add_socket(struct multicast *multicast)
{
    int *grown = realloc(multicast->sockets, (multicast->count + 1) * sizeof(*grown));
    int descriptor;

    if (!grown)
        return -ENOMEM;
    multicast->sockets = grown;
    descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -errno;
    multicast->sockets[multicast->count++] = descriptor;
    return 0;
}

static int change(int descriptor, int option, uint32_t interface_index,
                  const struct mlb_address *group)
{
    struct ipv6_mreq request = {.ipv6mr_interface = interface_index};

    memcpy(&request.ipv6mr_multiaddr, group->bytes, sizeof(request.ipv6mr_multiaddr));
    if (setsockopt(descriptor, IPPROTO_IPV6, option, &request, sizeof(request)) != 0)
        return -errno;
    return 0;
}

int multicast_join(struct multicast *multicast, uint32_t interface_index,
                   const struct mlb_address *group)
{
    for (;;) {
        const int fresh = multicast->next == multicast->count;
        int error = fresh ? add_socket(multicast) : 0;

        if (!error)
            error = change(multicast->sockets[multicast->next], IPV6_JOIN_GROUP, interface_index,
                           group);
        if (error == -EADDRINUSE)
            return 0;
        /* Full; one that refuses its first membership will not be helped by another. */
        if (error != -ENOMEM || fresh)
            return error;
        multicast->next++;
    }
}

void multicast_leave(struct multicast *multicast, uint32_t interface_index,
                     const struct mlb_address *group)
{
    for (size_t i = 0; i < multicast->count; i++) {
        if (change(multicast->sockets[i], IPV6_LEAVE_GROUP, interface_index, group) == 0) {
            if (i < multicast->next)
                multicast->next = i;
            return;
        }
    }
}
