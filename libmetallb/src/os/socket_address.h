/* SPDX-License-Identifier: MIT */
/* Between the library's addresses and those of sockets (ip(7), ipv6(7)). */
#pragma once

#include <metallb/address.h>

#include <sys/socket.h>

/*
 * Writes an address for a socket of a domain. An IPv6 socket reaches IPv4 by mapped addresses.
 *
 * @param domain   AF_INET or AF_INET6
 * @param address  family MLB_FAMILY_NONE: the unspecified address of the domain
 * @return         its length; 0 where the socket cannot reach this family
 */
socklen_t socket_address_set(struct sockaddr_storage *ret, int domain,
                             const struct mlb_address *address, uint16_t port);

/*
 * Reads an address; a mapped one is given as IPv4.
 *
 * @return  0, or -EAFNOSUPPORT for another domain, with nothing written
 */
int socket_address_get(const struct sockaddr_storage *storage, struct mlb_address *address,
                       uint16_t *port);

/* How a socket is opened to be bound. */
struct socket_binding {
    int type; /* SOCK_DGRAM or SOCK_STREAM */
    const struct mlb_address *address;
    uint16_t port;
    int reuse; /* bind also while connections of an earlier process wait for their end */
};

/*
 * Opens and binds a socket that does not block.
 *
 * With family MLB_FAMILY_NONE it takes all addresses of both families through one IPv6 socket, or
 * those of IPv4 alone where the kernel has no IPv6. An unspecified address (0.0.0.0 or ::) means
 * all addresses of its family.
 *
 * @param domain  receives AF_INET or AF_INET6
 * @return        the descriptor, or a negative errno
 */
int socket_address_bind(const struct socket_binding *binding, int *domain);
