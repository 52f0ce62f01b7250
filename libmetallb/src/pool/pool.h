/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/pool.h>

#include "pool/entry.h"

/* Indexes of what is kept per family. */
enum { POOL_IPV4, POOL_IPV6, POOL_FAMILIES };

/* A growing list of indexes of entries. */
struct entry_list {
    uint32_t *indexes;
    size_t count;
};

struct mlb_pool {
    struct pool_entry *entries; /* as added */
    size_t count;
    size_t capacity;                            /* of entries and of each list of indexes */
    struct entry_list by_address;               /* all entries, ascending by address */
    struct entry_list of_family[POOL_FAMILIES]; /* as added, so ascending by ordinal */
    struct mlb_count usable[POOL_FAMILIES];
    uint32_t flags;
    char name[MLB_POOL_NAME_MAX + 1];
};

/* POOL_IPV4 or POOL_IPV6 of a known family. */
unsigned pool_family_index(uint8_t family);

/* A pool with the same name, flags and entries, or NULL without memory. */
struct mlb_pool *pool_copy(const struct mlb_pool *pool);

/* The entry whose range holds an address, whether it may be given out or not; or NULL. */
const struct pool_entry *pool_find_entry(const struct mlb_pool *pool,
                                         const struct mlb_address *address);

/* The address of an ordinal below the count of its family. */
struct mlb_address pool_address_at(const struct mlb_pool *pool, unsigned family_index,
                                   address_value ordinal);
