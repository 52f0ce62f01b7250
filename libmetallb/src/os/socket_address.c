/* SPDX-License-Identifier: MIT */
#include "os/socket_address.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "address/value.h"

/* RFC 4291 §2.5.5.2: ::ffff:0:0/96 holds the IPv4 addresses. */
#define MAPPED_PREFIX_LENGTH 12
static const uint8_t mapped_prefix[MAPPED_PREFIX_LENGTH] = {[10] = 0xff, [11] = 0xff};

static socklen_t set_ipv4(struct sockaddr_storage *ret, const struct mlb_address *address,
                          uint16_t port)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};

    if (address->family == MLB_FAMILY_IPV6)
        return 0;
    if (address->family == MLB_FAMILY_IPV4)
        memcpy(&ipv4.sin_addr, address->bytes, 4);
    memcpy(ret, &ipv4, sizeof(ipv4));
    return sizeof(ipv4);
}

static socklen_t set_ipv6(struct sockaddr_storage *ret, const struct mlb_address *address,
                          uint16_t port)
{
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    if (address->family == MLB_FAMILY_IPV6) {
        memcpy(ipv6.sin6_addr.s6_addr, address->bytes, 16);
    } else if (address->family == MLB_FAMILY_IPV4) {
        memcpy(ipv6.sin6_addr.s6_addr, mapped_prefix, MAPPED_PREFIX_LENGTH);
        memcpy(ipv6.sin6_addr.s6_addr + MAPPED_PREFIX_LENGTH, address->bytes, 4);
    }
    memcpy(ret, &ipv6, sizeof(ipv6));
    return sizeof(ipv6);
}

socklen_t socket_address_set(struct sockaddr_storage *ret, int domain,
                             const struct mlb_address *address, uint16_t port)
{
    return domain == AF_INET ? set_ipv4(ret, address, port) : set_ipv6(ret, address, port);
}

static void get_ipv6(const struct sockaddr_in6 *ipv6, struct mlb_address *address)
{
    struct mlb_address plain = {.family = MLB_FAMILY_IPV6};

    memcpy(plain.bytes, ipv6->sin6_addr.s6_addr, sizeof(plain.bytes));
    *address = address_normalise(&plain);
}

int socket_address_get(const struct sockaddr_storage *storage, struct mlb_address *address,
                       uint16_t *port)
{
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;

    switch (storage->ss_family) {
    case AF_INET:
        memcpy(&ipv4, storage, sizeof(ipv4));
        *address = (struct mlb_address){.family = MLB_FAMILY_IPV4};
        memcpy(address->bytes, &ipv4.sin_addr, 4);
        *port = ntohs(ipv4.sin_port);
        return 0;
    case AF_INET6:
        memcpy(&ipv6, storage, sizeof(ipv6));
        get_ipv6(&ipv6, address);
        *port = ntohs(ipv6.sin6_port);
        return 0;
    default:
        return -EAFNOSUPPORT;
    }
}

static int set_options(int descriptor, const struct socket_binding *binding, int domain)
{
    const int on = 1;
    const int only_ipv6 = binding->address->family == MLB_FAMILY_IPV6;

    /* Set either way: net.ipv6.bindv6only decides otherwise. */
    if (domain == AF_INET6 &&
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof(only_ipv6)) != 0)
        return -errno;
    if (binding->reuse && setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
        return -errno;
    return 0;
}

static int bind_in_domain(const struct socket_binding *binding, int domain)
{
    struct sockaddr_storage storage;
    const socklen_t length = socket_address_set(&storage, domain, binding->address, binding->port);
    const int descriptor = socket(domain, binding->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (descriptor < 0)
        return -errno;
    error = set_options(descriptor, binding, domain);
    if (!error && bind(descriptor, (const struct sockaddr *)&storage, length) != 0)
        error = -errno;
    if (!error)
        return descriptor;
    close(descriptor);
    return error;
}

/* What a kernel says that was built or started without IPv6, or denies it to this namespace. */
static int lacks_ipv6(int error)
{
    return error == -EAFNOSUPPORT || error == -EPROTONOSUPPORT || error == -EADDRNOTAVAIL;
}

int socket_address_bind(const struct socket_binding *binding, int *domain)
{
    const uint8_t family = binding->address->family;
    const int first = family == MLB_FAMILY_IPV4 ? AF_INET : AF_INET6;
    int descriptor = bind_in_domain(binding, first);

    if (family == MLB_FAMILY_NONE && lacks_ipv6(descriptor)) {
        descriptor = bind_in_domain(binding, AF_INET);
        if (descriptor >= 0)
            *domain = AF_INET;
        return descriptor;
    }
    if (descriptor >= 0)
        *domain = first;
    return descriptor;
}
