/* SPDX-License-Identifier: MIT */
/* Which addresses a node can have. */
#include "live/membership/membership.h"

#include "address/value.h"

static const char *ipv4_fault(const uint8_t *bytes)
{
    if (bytes[0] == 0)
        return "it is no address of a host";
    if (bytes[0] >= 224 && bytes[0] < 240)
        return "it is a multicast address, which many hosts share";
    /* RFC 1112 §4, class E, and RFC 919, limited broadcast. */
    if (bytes[0] >= 240)
        return "no host can have it";
    return NULL;
}

static const char *ipv6_fault(const struct mlb_address *address)
{
    if (address_is_unspecified(address))
        return "it is no address of a host";
    if (address->bytes[0] == 0xff)
        return "it is a multicast address, which many hosts share";
    if (address_needs_zone(address))
        return "it is valid on one link only; take a global or unique local address";
    return NULL;
}

const char *membership_address_fault(const struct mlb_address *address)
{
    return address->family == MLB_FAMILY_IPV4 ? ipv4_fault(address->bytes) : ipv6_fault(address);
}
