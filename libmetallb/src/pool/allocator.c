/* SPDX-License-Identifier: MIT */
#include "pool/allocator.h"

#include <stdlib.h>

#include "address/check.h"
#include "address/count.h"
#include "base/container.h"
#include "base/diagnostic.h"
#include "base/refusals.h"
#include "base/structs.h"
#include "pool/assignment.h"

_Static_assert(sizeof(struct mlb_pool_counters) == 104, "part of the ABI");

int32_t mlb_allocator_new(struct mlb_allocator **allocator, struct mlb_diagnostic *diagnostic)
{
    struct mlb_allocator *fresh;

    if (!allocator)
        return refuse_no_place("allocator", diagnostic);
    fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return refuse_no_memory("an allocator", diagnostic);
    if (!hash_table_init(&fresh->requests) || !hash_table_init(&fresh->addresses) ||
        !hash_table_init(&fresh->groups)) {
        mlb_allocator_free(fresh);
        return refuse_no_memory("an allocator", diagnostic);
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

static int32_t refuse_idle(const char *id, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, id, NULL, QUOTED " holds no address",
                          QUOTE(id));
}

int32_t mlb_allocator_release(struct mlb_allocator *allocator, const char *id,
                              struct mlb_diagnostic *diagnostic)
{
    struct allocation *allocation;

    if (!allocator)
        return refuse_no_object("allocator", diagnostic);
    if (!id)
        return refuse_missing("id", diagnostic);
    allocation = allocator_find_id(allocator, id);
    if (!allocation)
        return refuse_idle(id, diagnostic);
    allocator_drop(allocator, allocation);
    return MLB_OK;
}

int32_t mlb_allocator_find(const struct mlb_allocator *allocator, const char *id,
                           struct mlb_assignment *assignment, struct mlb_diagnostic *diagnostic)
{
    const struct allocation *allocation;
    int32_t result;

    if (!allocator)
        return refuse_no_object("allocator", diagnostic);
    if (!id)
        return refuse_missing("id", diagnostic);
    result =
        struct_check_writable(assignment, first_size_mlb_assignment, "mlb_assignment", diagnostic);
    if (result != MLB_OK)
        return result;
    allocation = allocator_find_id(allocator, id);
    if (!allocation)
        return refuse_idle(id, diagnostic);
    assignment_fill(allocation, assignment);
    return MLB_OK;
}

static int32_t refuse_index(const struct mlb_address *address, size_t holders, size_t index,
                            struct mlb_diagnostic *diagnostic)
{
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    mlb_address_format(address, text, sizeof(text), NULL);
    if (holders == 0)
        return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, text, NULL, "nobody holds %s", text);
    return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, text, NULL,
                          "%s has %zu %s; there is none with the index %zu", text, holders,
                          holders == 1 ? "holder" : "holders", index);
}

int32_t mlb_allocator_holder(const struct mlb_allocator *allocator,
                             const struct mlb_address *address, size_t index, char *buffer,
                             size_t size, struct mlb_diagnostic *diagnostic)
{
    const struct held_address *held;
    const struct list *link;
    struct mlb_address normal;
    size_t place = 0;
    int32_t result;

    if (!allocator)
        return refuse_no_object("allocator", diagnostic);
    result = address_take(address, &normal, diagnostic);
    if (result != MLB_OK)
        return result;
    held = allocator_find_held(allocator, &normal);
    if (!held)
        return refuse_index(&normal, 0, index, diagnostic);
    for (link = held->claims.next; link != &held->claims && place < index; link = link->next)
        place++;
    if (link == &held->claims)
        return refuse_index(&normal, place, index, diagnostic);
    return text_give(CONTAINER_OF(link, struct claim, link)->owner->id, buffer, size, diagnostic);
}

int32_t mlb_allocator_pool_of(const struct mlb_allocator *allocator,
                              const struct mlb_address *address, char *buffer, size_t size,
                              struct mlb_diagnostic *diagnostic)
{
    const struct pool_state *state;
    struct mlb_address normal;
    int32_t result;

    if (!allocator)
        return refuse_no_object("allocator", diagnostic);
    result = address_take(address, &normal, diagnostic);
    if (result != MLB_OK)
        return result;
    state = pool_map_home(&allocator->map, &normal);
    if (!state)
        return diagnose_homeless(diagnostic, allocator, &normal);
    return text_give(state->pool->name, buffer, size, diagnostic);
}

int32_t mlb_allocator_pool_counters(const struct mlb_allocator *allocator, const char *pool,
                                    struct mlb_pool_counters *counters,
                                    struct mlb_diagnostic *diagnostic)
{
    struct mlb_pool_counters own = {0};
    const struct pool_state *state;
    int32_t result;

    if (!allocator)
        return refuse_no_object("allocator", diagnostic);
    if (!pool)
        return refuse_missing("pool", diagnostic);
    result = struct_check_writable(counters, first_size_mlb_pool_counters, "mlb_pool_counters",
                                   diagnostic);
    if (result != MLB_OK)
        return result;
    state = pool_map_find_name(&allocator->map, pool);
    if (!state)
        return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, pool, NULL,
                              "no pool has the name \"%s\"", pool);
    own.requests = state->requests;
    own.assigned_ipv4 = count_of(state->assigned[POOL_IPV4]);
    own.assigned_ipv6 = count_of(state->assigned[POOL_IPV6]);
    own.available_ipv4 = count_difference(state->pool->usable[POOL_IPV4], own.assigned_ipv4);
    own.available_ipv6 = count_difference(state->pool->usable[POOL_IPV6], own.assigned_ipv6);
    struct_write(counters, &own, sizeof(own));
    return MLB_OK;
}
