/* SPDX-License-Identifier: MIT */
#include "address/value.h"

#include <string.h>

#define MAPPED_PREFIX 0xffff

unsigned address_family_bits(uint8_t family)
{
    if (family == MLB_FAMILY_IPV4)
        return 32;
    return family == MLB_FAMILY_IPV6 ? 128 : 0;
}

address_value address_family_last(uint8_t family)
{
    return family == MLB_FAMILY_IPV4 ? (address_value)UINT32_MAX : ~(address_value)0;
}

const char *address_family_name(uint8_t family)
{
    return family == MLB_FAMILY_IPV4 ? "IPv4" : "IPv6";
}

address_value address_to_value(const struct mlb_address *address)
{
    const unsigned count = address_family_bits(address->family) / 8;
    address_value value = 0;

    for (unsigned i = 0; i < count; i++)
        value = value << 8 | address->bytes[i];
    return value;
}

struct mlb_address address_from_value(uint8_t family, address_value value)
{
    struct mlb_address address = {.family = family};

    for (unsigned i = address_family_bits(family) / 8; i > 0; i--) {
        address.bytes[i - 1] = (uint8_t)value;
        value >>= 8;
    }
    return address;
}

bool address_is_mapped(const struct mlb_address *address)
{
    return address->family == MLB_FAMILY_IPV6 && address_to_value(address) >> 32 == MAPPED_PREFIX;
}

bool address_is_unspecified(const struct mlb_address *address)
{
    return address_to_value(address) == 0;
}

bool address_needs_zone(const struct mlb_address *address)
{
    return address->family == MLB_FAMILY_IPV6 && address->bytes[0] == 0xfe &&
           (address->bytes[1] & 0xc0) == 0x80;
}

struct mlb_address address_normalise(const struct mlb_address *address)
{
    const uint8_t family = address_is_mapped(address) ? MLB_FAMILY_IPV4 : address->family;

    return address_from_value(family, address_to_value(address) & address_family_last(family));
}

bool range_is_valid(const struct mlb_range *range)
{
    return address_family_bits(range->first.family) != 0 &&
           range->first.family == range->last.family &&
           address_to_value(&range->first) <= address_to_value(&range->last);
}

struct mlb_range range_from_prefix(const struct mlb_address *address, unsigned length)
{
    const unsigned host_bits = address_family_bits(address->family) - length;
    const address_value hosts =
        host_bits < 128 ? ((address_value)1 << host_bits) - 1 : ~(address_value)0;
    const address_value value = address_to_value(address);

    return (struct mlb_range){
        .first = address_from_value(address->family, value & ~hosts),
        .last = address_from_value(address->family, value | hosts),
    };
}
