/* SPDX-License-Identifier: MIT */
#pragma once

#include "address/value.h"

/*
 * One entry of a pool and its usable addresses as numbers ("ordinals") without gaps. What a pool
 * leaves out has no ordinal, so that the arithmetic on free addresses never meets a hole.
 */
struct pool_entry {
    address_value base; /* ordinal of its first usable address, after those of earlier entries */
    struct mlb_range range;
    bool avoid_buggy; /* leave out IPv4 addresses that end in .0 and .255 */
};

/* Tells whether the entry holds an address that may be given out. */
bool pool_entry_contains(const struct pool_entry *entry, const struct mlb_address *address);

/* Tells whether an address lies in the range but is left out for its last octet. */
bool pool_entry_leaves_out(const struct pool_entry *entry, const struct mlb_address *address);

/* How many addresses of the entry may be given out. */
struct mlb_count pool_entry_count(const struct pool_entry *entry);

/* The ordinal of an address that the entry contains, and the address of one of its ordinals. */
address_value pool_entry_ordinal(const struct pool_entry *entry, const struct mlb_address *address);
struct mlb_address pool_entry_address(const struct pool_entry *entry, address_value ordinal);
