/* SPDX-License-Identifier: MIT */
#include "os/own_address.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "address/value.h"
#include "os/socket_address.h"

/* Addresses for documentation (RFC 5737, RFC 3849): no host has them, so they show the way out. */
static const struct mlb_address far_away[] = {
    {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}},
    {.family = MLB_FAMILY_IPV6, .bytes = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
};

static int connect_and_ask(int descriptor, int domain, const struct mlb_address *target,
                           struct mlb_address *source)
{
    struct sockaddr_storage storage = {0};
    /* Any port will do: connecting a UDP socket only looks up the route. */
    socklen_t length = socket_address_set(&storage, domain, target, 9);
    uint16_t port;

    if (connect(descriptor, (const struct sockaddr *)&storage, length) != 0)
        return -errno;
    length = sizeof(storage);
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length) != 0)
        return -errno;
    return socket_address_get(&storage, source, &port);
}

/* The source address that the kernel would take towards a target. No packet is sent. */
static int route_source(const struct mlb_address *target, struct mlb_address *source)
{
    const int domain = target->family == MLB_FAMILY_IPV4 ? AF_INET : AF_INET6;
    const int descriptor = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error;

    if (descriptor < 0)
        return -errno;
    error = connect_and_ask(descriptor, domain, target, source);
    close(descriptor);
    return error;
}

static int is_loopback(const struct mlb_address *address)
{
    static const uint8_t one[16] = {[15] = 1};

    if (address->family == MLB_FAMILY_IPV4)
        return address->bytes[0] == 127;
    return memcmp(address->bytes, one, sizeof(one)) == 0;
}

/* 169.254.0.0/16 (RFC 3927), or of IPv6. */
static int is_link_local(const struct mlb_address *address)
{
    if (address->family == MLB_FAMILY_IPV4)
        return address->bytes[0] == 169 && address->bytes[1] == 254;
    return address_needs_zone(address);
}

static int is_wanted(const struct ifaddrs *entry, uint8_t family, struct mlb_address *address)
{
    struct sockaddr_storage storage = {0};
    uint16_t port;
    size_t length;

    if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP))
        return 0;
    length = entry->ifa_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                    : sizeof(struct sockaddr_in);
    memcpy(&storage, entry->ifa_addr, length);
    return socket_address_get(&storage, address, &port) == 0 && address->family == family &&
           !is_loopback(address) && !is_link_local(address);
}

static int first_of_interfaces(uint8_t family, struct mlb_address *address)
{
    struct ifaddrs *entries = NULL;
    struct mlb_address candidate = {.family = MLB_FAMILY_NONE};
    int error = -EADDRNOTAVAIL;

    if (getifaddrs(&entries) != 0)
        return -errno;
    for (const struct ifaddrs *entry = entries; entry && error; entry = entry->ifa_next) {
        if (!is_wanted(entry, family, &candidate))
            continue;
        *address = candidate;
        error = 0;
    }
    freeifaddrs(entries);
    return error;
}

int own_address_find(uint8_t family, struct mlb_address *address)
{
    struct mlb_address source = {.family = MLB_FAMILY_NONE};

    if (route_source(&far_away[family == MLB_FAMILY_IPV6], &source) != 0 || is_loopback(&source) ||
        is_link_local(&source))
        return first_of_interfaces(family, address);
    *address = source;
    return 0;
}
