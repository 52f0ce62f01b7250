/* SPDX-License-Identifier: MIT */
#include "pool/entry.h"

#include "address/count.h"

/* Of each 256 IPv4 addresses, those that end in 1 to 254. */
#define USABLE_OF_BLOCK 254

static bool has_holes(const struct pool_entry *entry)
{
    return entry->avoid_buggy && entry->range.first.family == MLB_FAMILY_IPV4;
}

/* How many of the addresses from 0.0.0.0 up to, but without, value end in 1 to 254. */
static address_value usable_before(address_value value)
{
    const address_value octet = value & 255;

    return (value >> 8) * USABLE_OF_BLOCK + (octet > 0 ? octet - 1 : 0);
}

static address_value nth_usable(address_value number)
{
    return number / USABLE_OF_BLOCK << 8 | (number % USABLE_OF_BLOCK + 1);
}

bool pool_entry_leaves_out(const struct pool_entry *entry, const struct mlb_address *address)
{
    const unsigned octet = (unsigned)(address_to_value(address) & 255);

    return has_holes(entry) && mlb_range_contains(&entry->range, address) &&
           (octet == 0 || octet == 255);
}

bool pool_entry_contains(const struct pool_entry *entry, const struct mlb_address *address)
{
    return mlb_range_contains(&entry->range, address) && !pool_entry_leaves_out(entry, address);
}

struct mlb_count pool_entry_count(const struct pool_entry *entry)
{
    const address_value first = address_to_value(&entry->range.first);
    const address_value last = address_to_value(&entry->range.last);

    if (!has_holes(entry))
        return count_between(first, last);
    return count_of((uint64_t)(usable_before(last + 1) - usable_before(first)));
}

address_value pool_entry_ordinal(const struct pool_entry *entry, const struct mlb_address *address)
{
    const address_value first = address_to_value(&entry->range.first);
    const address_value value = address_to_value(address);

    if (!has_holes(entry))
        return entry->base + (value - first);
    return entry->base + (usable_before(value) - usable_before(first));
}

struct mlb_address pool_entry_address(const struct pool_entry *entry, address_value ordinal)
{
    const uint8_t family = entry->range.first.family;
    const address_value first = address_to_value(&entry->range.first);
    const address_value number = ordinal - entry->base;

    if (!has_holes(entry))
        return address_from_value(family, first + number);
    return address_from_value(family, nth_usable(usable_before(first) + number));
}
