/* SPDX-License-Identifier: MIT */
/* Other pools under existing assignments. */
#include <stdlib.h>

#include "base/container.h"
#include "base/refusals.h"
#include "pool/allocator.h"

/* The new pool in which all addresses of an allocation lie, or NULL. */
static struct pool_state *new_home(const struct pool_map *map, const struct allocation *allocation)
{
    struct pool_state *home = NULL;

    for (uint32_t i = 0; i < allocation->address_count; i++) {
        struct pool_state *state = pool_map_home(map, &allocation->claims[i].held->address);

        if (!state || (home && state != home))
            return NULL;
        home = state;
    }
    return home;
}

/* The new pool of an address, if one of its holders stays there. */
static struct pool_state *new_home_of_held(const struct pool_map *map,
                                           const struct held_address *held)
{
    for (const struct list *link = held->claims.next; link != &held->claims; link = link->next) {
        struct pool_state *home = new_home(map, CONTAINER_OF(link, struct claim, link)->owner);

        if (home)
            return home;
    }
    return NULL;
}

static bool take_in(struct pool_state *state, const struct mlb_address *address)
{
    struct interval_set *set = pool_state_free(state, address);
    const address_value ordinal = pool_state_ordinal(state, address);
    struct interval *interval = interval_set_find(set, ordinal);
    struct interval *spare = NULL;

    if (interval_splits(interval, ordinal)) {
        spare = malloc(sizeof(*spare));
        if (!spare)
            return false;
    }
    interval_set_take(set, interval, ordinal, spare);
    state->assigned[pool_family_index(address->family)]++;
    return true;
}

/* Takes all addresses that stay out of the new pools' free ones. */
static bool take_what_stays(const struct mlb_allocator *allocator, struct pool_map *map)
{
    struct hash_node *node = hash_table_any(&allocator->addresses);

    for (; node; node = hash_table_after(&allocator->addresses, node)) {
        const struct held_address *held = CONTAINER_OF(node, struct held_address, by_address);
        struct pool_state *home = new_home_of_held(map, held);

        if (home && !take_in(home, &held->address))
            return false;
    }
    return true;
}

static void drop_what_leaves(struct mlb_allocator *allocator, const struct pool_map *map)
{
    struct hash_node *node = hash_table_any(&allocator->requests);

    while (node) {
        struct allocation *allocation = CONTAINER_OF(node, struct allocation, by_id);

        node = hash_table_after(&allocator->requests, node);
        if (!new_home(map, allocation))
            allocator_drop(allocator, allocation);
    }
}

/* Groups list addresses by the position of their pool, so all leave before any gets a new one. */
static void move_addresses(struct mlb_allocator *allocator, const struct pool_map *map)
{
    struct hash_node *node = hash_table_any(&allocator->addresses);

    for (; node; node = hash_table_after(&allocator->addresses, node))
        held_address_set_group(CONTAINER_OF(node, struct held_address, by_address), NULL);
    node = hash_table_any(&allocator->addresses);
    for (; node; node = hash_table_after(&allocator->addresses, node)) {
        struct held_address *held = CONTAINER_OF(node, struct held_address, by_address);
        const struct claim *claim = CONTAINER_OF(held->claims.next, struct claim, link);

        held->pool = pool_map_home(map, &held->address);
        held_address_set_group(held, claim->owner->group);
    }
}

static void move_requests(struct mlb_allocator *allocator, const struct pool_map *map)
{
    struct hash_node *node = hash_table_any(&allocator->requests);

    for (; node; node = hash_table_after(&allocator->requests, node)) {
        struct allocation *allocation = CONTAINER_OF(node, struct allocation, by_id);

        allocation->pool = new_home(map, allocation);
        allocation->pool->requests++;
    }
}

int32_t mlb_allocator_set_pools(struct mlb_allocator *allocator,
                                const struct mlb_pool *const *pools, size_t count,
                                struct mlb_diagnostic *diagnostic)
{
    struct pool_map map = {.count = 0};
    int32_t result;

    if (!allocator)
        return refuse_no_object("allocator", diagnostic);
    if (!pools && count > 0)
        return refuse_no_list("pools", count, diagnostic);
    result = pool_map_build(pools, count, &map, diagnostic);
    if (result != MLB_OK)
        return result;
    if (!take_what_stays(allocator, &map)) {
        pool_map_free(&map);
        return refuse_no_memory("the free addresses of the pools", diagnostic);
    }
    drop_what_leaves(allocator, &map);
    move_addresses(allocator, &map);
    move_requests(allocator, &map);
    pool_map_free(&allocator->map);
    allocator->map = map;
    return MLB_OK;
}
