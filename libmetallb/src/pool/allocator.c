/* SPDX-License-Identifier: MIT */
#include "pool/allocator.h"

#include <stdlib.h>
#include <string.h>

#include "address/count.h"
#include "base/container.h"
#include "base/structs.h"
#include "pool/assignment.h"

_Static_assert(sizeof(struct mlb_pool_counters) == 104, "part of the ABI");

int32_t mlb_allocator_new(struct mlb_allocator **allocator, struct mlb_diagnostic *diagnostic)
{
    struct mlb_allocator *fresh;

    if (!allocator)
        return MLB_ERROR_INVALID_ARGUMENT;
    fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return MLB_ERROR_NO_MEMORY;
    if (!hash_table_init(&fresh->requests) || !hash_table_init(&fresh->addresses) ||
        !hash_table_init(&fresh->groups)) {
        mlb_allocator_free(fresh);
        return MLB_ERROR_NO_MEMORY;
    }
    *allocator = fresh;
    return MLB_OK;
}

static void free_allocation(struct hash_node *node)
{
    free(CONTAINER_OF(node, struct allocation, by_id));
}

static void free_held(struct hash_node *node)
{
    free(CONTAINER_OF(node, struct held_address, by_address));
}

static void free_group(struct hash_node *node)
{
    free(CONTAINER_OF(node, struct sharing_group, by_keys));
}

static void free_all(struct hash_table *table, void (*free_one)(struct hash_node *node))
{
    struct hash_node *node = hash_table_any(table);

    while (node) {
        struct hash_node *doomed = node;

        node = hash_table_after(table, node);
        free_one(doomed);
    }
    hash_table_free(table);
}

void mlb_allocator_free(struct mlb_allocator *allocator)
{
    if (!allocator)
        return;
    free_all(&allocator->requests, free_allocation);
    free_all(&allocator->addresses, free_held);
    free_all(&allocator->groups, free_group);
    pool_map_free(&allocator->map);
    free(allocator);
}

int32_t mlb_allocator_release(struct mlb_allocator *allocator, const char *id,
                              struct mlb_diagnostic *diagnostic)
{
    struct allocation *allocation;

    if (!allocator || !id)
        return MLB_ERROR_INVALID_ARGUMENT;
    allocation = allocator_find_id(allocator, id);
    if (!allocation)
        return MLB_ERROR_NOT_FOUND;
    allocator_drop(allocator, allocation);
    return MLB_OK;
}

int32_t mlb_allocator_find(const struct mlb_allocator *allocator, const char *id,
                           struct mlb_assignment *assignment, struct mlb_diagnostic *diagnostic)
{
    const struct allocation *allocation;

    if (!allocator || !id || !struct_is_writable(assignment, first_size_mlb_assignment))
        return MLB_ERROR_INVALID_ARGUMENT;
    allocation = allocator_find_id(allocator, id);
    if (!allocation)
        return MLB_ERROR_NOT_FOUND;
    assignment_fill(allocation, assignment);
    return MLB_OK;
}

static int32_t copy_text(const char *text, char *buffer, size_t size)
{
    const size_t length = strlen(text);

    if (length >= size)
        return MLB_ERROR_BUFFER_TOO_SMALL;
    memcpy(buffer, text, length + 1);
    return MLB_OK;
}

int32_t mlb_allocator_holder(const struct mlb_allocator *allocator,
                             const struct mlb_address *address, size_t index, char *buffer,
                             size_t size, struct mlb_diagnostic *diagnostic)
{
    const struct held_address *held;
    const struct list *link;
    struct mlb_address normal;

    if (!allocator || !address || !buffer || address_family_bits(address->family) == 0)
        return MLB_ERROR_INVALID_ARGUMENT;
    normal = address_normalise(address);
    held = allocator_find_held(allocator, &normal);
    if (!held)
        return MLB_ERROR_NOT_FOUND;
    for (link = held->claims.next; link != &held->claims && index > 0; link = link->next)
        index--;
    if (link == &held->claims)
        return MLB_ERROR_NOT_FOUND;
    return copy_text(CONTAINER_OF(link, struct claim, link)->owner->id, buffer, size);
}

int32_t mlb_allocator_pool_of(const struct mlb_allocator *allocator,
                              const struct mlb_address *address, char *buffer, size_t size,
                              struct mlb_diagnostic *diagnostic)
{
    const struct pool_state *state;
    struct mlb_address normal;

    if (!allocator || !address || !buffer || address_family_bits(address->family) == 0)
        return MLB_ERROR_INVALID_ARGUMENT;
    normal = address_normalise(address);
    state = pool_map_home(&allocator->map, &normal);
    if (!state)
        return MLB_ERROR_NOT_IN_POOL;
    return copy_text(state->pool->name, buffer, size);
}

int32_t mlb_allocator_pool_counters(const struct mlb_allocator *allocator, const char *pool,
                                    struct mlb_pool_counters *counters,
                                    struct mlb_diagnostic *diagnostic)
{
    struct mlb_pool_counters own = {0};
    const struct pool_state *state;

    if (!allocator || !pool || !struct_is_writable(counters, first_size_mlb_pool_counters))
        return MLB_ERROR_INVALID_ARGUMENT;
    state = pool_map_find_name(&allocator->map, pool);
    if (!state)
        return MLB_ERROR_NOT_FOUND;
    own.requests = state->requests;
    own.assigned_ipv4 = count_of(state->assigned[POOL_IPV4]);
    own.assigned_ipv6 = count_of(state->assigned[POOL_IPV6]);
    own.available_ipv4 = count_difference(state->pool->usable[POOL_IPV4], own.assigned_ipv4);
    own.available_ipv6 = count_difference(state->pool->usable[POOL_IPV6], own.assigned_ipv6);
    struct_write(counters, &own, sizeof(own));
    return MLB_OK;
}
