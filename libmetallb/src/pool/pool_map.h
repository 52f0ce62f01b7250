/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/hash_table.h"
#include "pool/interval_set.h"
#include "pool/pool.h"

/* A pool in use: which of its ordinals are free, and how many are not. */
struct pool_state {
    struct hash_node by_name;
    struct mlb_pool *pool; /* own copy */
    struct interval_set free[POOL_FAMILIES];
    uint64_t assigned[POOL_FAMILIES];
    uint32_t requests;
    uint32_t position; /* among the pools */
};

/* An entry of any of the pools. */
struct pool_map_entry {
    struct mlb_range range;
    struct pool_state *state;
};

/* Pools without a common address, found by name and by address. */
struct pool_map {
    struct pool_state *states;
    size_t count;
    struct pool_map_entry *entries; /* ascending by address */
    size_t entry_count;
    struct hash_table by_name;
};

/*
 * Copies pools into a new map, with all their addresses free.
 *
 * @return  MLB_OK, MLB_ERROR_EXISTS, MLB_ERROR_OVERLAP, MLB_ERROR_INVALID_ARGUMENT,
 *          MLB_ERROR_NO_MEMORY; *map is only written when it succeeds
 */
int32_t pool_map_build(const struct mlb_pool *const *pools, size_t count, struct pool_map *map,
                       struct mlb_diagnostic *diagnostic);

/* Frees what a map holds; one of zeros is empty. */
void pool_map_free(struct pool_map *map);

struct pool_state *pool_map_find_name(const struct pool_map *map, const char *name);

/* The pool of which an entry holds an address, whether it may be given out or not; or NULL. */
struct pool_state *pool_map_find_address(const struct pool_map *map,
                                         const struct mlb_address *address);

/* The pool that may give out an address, or NULL. */
struct pool_state *pool_map_home(const struct pool_map *map, const struct mlb_address *address);

/* The free ordinals of an address's family, and its own ordinal. */
struct interval_set *pool_state_free(struct pool_state *state, const struct mlb_address *address);
address_value pool_state_ordinal(const struct pool_state *state, const struct mlb_address *address);
