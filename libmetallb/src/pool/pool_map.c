/* SPDX-License-Identifier: MIT */
#include "pool/pool_map.h"

#include <stdlib.h>
#include <string.h>

#include "address/count.h"
#include "base/container.h"
#include "base/diagnostic.h"

static uint64_t hash_name(const char *name)
{
    return hash_bytes(name, strlen(name), 0);
}

struct pool_state *pool_map_find_name(const struct pool_map *map, const char *name)
{
    struct hash_node *node;

    if (map->count == 0)
        return NULL;
    node = hash_table_first(&map->by_name, hash_name(name));
    for (; node; node = hash_table_next(node)) {
        struct pool_state *state = CONTAINER_OF(node, struct pool_state, by_name);

        if (strcmp(state->pool->name, name) == 0)
            return state;
    }
    return NULL;
}

struct pool_state *pool_map_find_address(const struct pool_map *map,
                                         const struct mlb_address *address)
{
    size_t low = 0;
    size_t high = map->entry_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (mlb_address_compare(&map->entries[middle].range.last, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == map->entry_count || !mlb_range_contains(&map->entries[low].range, address))
        return NULL;
    return map->entries[low].state;
}

struct pool_state *pool_map_home(const struct pool_map *map, const struct mlb_address *address)
{
    struct pool_state *state = pool_map_find_address(map, address);

    return state && mlb_pool_contains(state->pool, address) ? state : NULL;
}

struct interval_set *pool_state_free(struct pool_state *state, const struct mlb_address *address)
{
    return &state->free[pool_family_index(address->family)];
}

address_value pool_state_ordinal(const struct pool_state *state, const struct mlb_address *address)
{
    return pool_entry_ordinal(pool_find_entry(state->pool, address), address);
}

static bool fill_free_sets(struct pool_state *state)
{
    for (unsigned i = 0; i < POOL_FAMILIES; i++) {
        struct mlb_count last = state->pool->usable[i];

        if (count_is_zero(last))
            continue;
        last = count_difference(last, count_of(1));
        if (!interval_set_fill(&state->free[i], 0,
                               (address_value)last.words[1] << 64 | last.words[0]))
            return false;
    }
    return true;
}

static int32_t add_state(struct pool_map *map, const struct mlb_pool *pool,
                         struct mlb_diagnostic *diagnostic)
{
    struct pool_state *state = &map->states[map->count];

    if (pool_map_find_name(map, pool->name))
        return diagnostic_set(diagnostic, MLB_ERROR_EXISTS, pool->name, pool->name,
                              "two pools have the name %s; give each its own", pool->name);
    *state = (struct pool_state){.position = (uint32_t)map->count};
    for (unsigned i = 0; i < POOL_FAMILIES; i++)
        interval_set_init(&state->free[i]);
    state->pool = pool_copy(pool);
    if (!state->pool)
        return MLB_ERROR_NO_MEMORY;
    map->count++;
    hash_table_insert(&map->by_name, &state->by_name, hash_name(pool->name));
    for (size_t i = 0; i < pool->count; i++)
        map->entries[map->entry_count++] =
            (struct pool_map_entry){.range = pool->entries[i].range, .state = state};
    return fill_free_sets(state) ? MLB_OK : MLB_ERROR_NO_MEMORY;
}

static int order_entries(const void *a, const void *b)
{
    const struct pool_map_entry *first = a;
    const struct pool_map_entry *second = b;

    return mlb_address_compare(&first->range.first, &second->range.first);
}

/* Sorts all entries; neighbours alone can be the first to overlap. */
static int32_t sort_entries(struct pool_map *map, struct mlb_diagnostic *diagnostic)
{
    if (map->entry_count > 0)
        qsort(map->entries, map->entry_count, sizeof(*map->entries), order_entries);
    for (size_t i = 1; i < map->entry_count; i++) {
        const struct pool_map_entry *a = &map->entries[i - 1];
        const struct pool_map_entry *b = &map->entries[i];

        if (!mlb_range_overlaps(&a->range, &b->range))
            continue;
        return a->state->position < b->state->position
                   ? mlb_pool_check_overlap(b->state->pool, a->state->pool, diagnostic)
                   : mlb_pool_check_overlap(a->state->pool, b->state->pool, diagnostic);
    }
    return MLB_OK;
}

static bool reserve(struct pool_map *map, const struct mlb_pool *const *pools, size_t count)
{
    size_t entries = 0;

    for (size_t i = 0; i < count; i++)
        entries += pools[i]->count;
    map->states = calloc(count + 1, sizeof(*map->states));
    map->entries = calloc(entries + 1, sizeof(*map->entries));
    return map->states && map->entries && hash_table_init(&map->by_name);
}

int32_t pool_map_build(const struct mlb_pool *const *pools, size_t count, struct pool_map *map,
                       struct mlb_diagnostic *diagnostic)
{
    struct pool_map fresh = {.count = 0};
    int32_t result = MLB_OK;

    for (size_t i = 0; i < count; i++)
        if (!pools[i])
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "pools", NULL,
                                  "pool %zu of %zu is missing (NULL)", i + 1, count);
    if (!reserve(&fresh, pools, count))
        result = MLB_ERROR_NO_MEMORY;
    for (size_t i = 0; i < count && result == MLB_OK; i++)
        result = add_state(&fresh, pools[i], diagnostic);
    if (result == MLB_OK)
        result = sort_entries(&fresh, diagnostic);
    if (result != MLB_OK) {
        pool_map_free(&fresh);
        if (result == MLB_ERROR_NO_MEMORY)
            diagnostic_set(diagnostic, result, NULL, NULL, "no memory for %zu pools", count);
        return result;
    }
    *map = fresh;
    return MLB_OK;
}

void pool_map_free(struct pool_map *map)
{
    for (size_t i = 0; i < map->count; i++) {
        for (unsigned family = 0; family < POOL_FAMILIES; family++)
            interval_set_free(&map->states[i].free[family]);
        mlb_pool_free(map->states[i].pool);
    }
    free(map->states);
    free(map->entries);
    hash_table_free(&map->by_name);
    *map = (struct pool_map){.count = 0};
}
