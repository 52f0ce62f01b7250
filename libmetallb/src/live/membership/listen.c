/* SPDX-License-Identifier: MIT */
/* Where a membership listens, and where it tells the others to reach it. */
#include "live/membership/membership.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "address/value.h"
#include "base/diagnostic.h"
#include "os/own_address.h"

static const char *scope_of(const struct mlb_address *address, char text[MLB_ADDRESS_TEXT_SIZE])
{
    if (address->family == MLB_FAMILY_NONE)
        return "all addresses";
    mlb_address_format(address, text, MLB_ADDRESS_TEXT_SIZE, NULL);
    return text;
}

/* Names what is in the way: the address and port, or the capability for a low port. */
static int32_t refuse_port(const struct mlb_membership *membership, const char *protocol, int error,
                           struct mlb_diagnostic *diagnostic)
{
    char text[MLB_ADDRESS_TEXT_SIZE];
    const char *scope = scope_of(&membership->bind_address, text);
    char subject[MLB_ADDRESS_TEXT_SIZE + 32];
    char action[MLB_ADDRESS_TEXT_SIZE + 128];

    snprintf(subject, sizeof(subject), "%s port %u", scope, membership->bind_port);
    snprintf(action, sizeof(action), "cannot listen on %s, port %u (%s)", scope,
             membership->bind_port, protocol);
    if (error == -EACCES)
        snprintf(subject, sizeof(subject), "CAP_NET_BIND_SERVICE");
    return diagnostic_set_system(diagnostic, -error, subject, action);
}

int32_t membership_listen(struct mlb_membership *membership, struct mlb_diagnostic *diagnostic)
{
    int error = datagram_socket_open(&membership->bind_address, membership->bind_port,
                                     &membership->packets);

    if (error)
        return refuse_port(membership, "UDP", error, diagnostic);
    membership->listener = stream_listener_open(&membership->bind_address, membership->bind_port);
    if (membership->listener < 0)
        return refuse_port(membership, "TCP", membership->listener, diagnostic);
    error =
        membership_watch(membership, EPOLL_CTL_ADD, datagram_socket_descriptor(membership->packets),
                         EPOLLIN, MEMBERSHIP_SOURCE_PACKETS, 0);
    if (!error)
        error = membership_watch(membership, EPOLL_CTL_ADD, membership->listener, EPOLLIN,
                                 MEMBERSHIP_SOURCE_LISTENER, 0);
    return error ? diagnostic_set_system(diagnostic, -error, NULL, "cannot watch the sockets")
                 : MLB_OK;
}

/* An own address of a family that the sockets are bound to; IPv4 first, which all members have. */
static int find_own_address(const struct mlb_address *bind_address, struct mlb_address *ret)
{
    int error = -EADDRNOTAVAIL;

    if (bind_address->family != MLB_FAMILY_IPV6)
        error = own_address_find(MLB_FAMILY_IPV4, ret);
    if (error && bind_address->family != MLB_FAMILY_IPV4)
        error = own_address_find(MLB_FAMILY_IPV6, ret);
    return error;
}

int32_t membership_choose_advertised(const struct mlb_membership *membership,
                                     const struct mlb_membership_options *options,
                                     struct membership_endpoint *ret,
                                     struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address *bind_address = &membership->bind_address;

    ret->port = options->advertise_port ? options->advertise_port : membership->bind_port;
    if (options->advertise_address.family != MLB_FAMILY_NONE) {
        ret->address = address_normalise(&options->advertise_address);
        return MLB_OK;
    }
    if (bind_address->family != MLB_FAMILY_NONE && !address_is_unspecified(bind_address)) {
        ret->address = *bind_address;
        return MLB_OK;
    }
    if (find_own_address(bind_address, &ret->address) == 0)
        return MLB_OK;
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "advertise_address", NULL,
                          "this host has neither a route nor an address that others could reach "
                          "it by; give the address to advertise");
}
