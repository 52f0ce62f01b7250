/* SPDX-License-Identifier: MIT */
#include "pool/sharing.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"

static bool has_keys(const struct sharing_group *group, const char *sharing_key,
                     const char *backend_key)
{
    return group->sharing_length == strlen(sharing_key) &&
           group->backend_length == strlen(backend_key) &&
           memcmp(group->keys, sharing_key, group->sharing_length) == 0 &&
           memcmp(group->keys + group->sharing_length, backend_key, group->backend_length) == 0;
}

static int order_places(const struct pool_state *pool, const struct mlb_address *address,
                        const struct held_address *held)
{
    if (pool->position != held->pool->position)
        return pool->position < held->pool->position ? -1 : 1;
    return mlb_address_compare(address, &held->address);
}

static struct held_address *held_of(const struct tree_node *node)
{
    return node ? CONTAINER_OF(node, struct held_address, in_group) : NULL;
}

static int order_held(const struct tree_node *a, const struct tree_node *b)
{
    return order_places(held_of(a)->pool, &held_of(a)->address, held_of(b));
}

struct place {
    const struct pool_state *pool;
    struct mlb_address address;
};

static int order_place_and_held(const void *key, const struct tree_node *node)
{
    const struct place *place = key;

    return order_places(place->pool, &place->address, held_of(node));
}

struct sharing_group *sharing_group_acquire(struct hash_table *groups, const char *sharing_key,
                                            const char *backend_key)
{
    const size_t sharing_length = strlen(sharing_key);
    const size_t backend_length = strlen(backend_key);
    const uint64_t hash =
        hash_bytes(backend_key, backend_length, hash_bytes(sharing_key, sharing_length, 0));
    struct hash_node *node = hash_table_first(groups, hash);
    struct sharing_group *group;

    for (; node; node = hash_table_next(node)) {
        group = CONTAINER_OF(node, struct sharing_group, by_keys);
        if (has_keys(group, sharing_key, backend_key)) {
            group->references++;
            return group;
        }
    }
    group = malloc(sizeof(*group) + sharing_length + backend_length);
    if (!group)
        return NULL;
    *group = (struct sharing_group){
        .references = 1,
        .sharing_length = sharing_length,
        .backend_length = backend_length,
    };
    ordered_tree_init(&group->addresses, order_held);
    memcpy(group->keys, sharing_key, sharing_length);
    memcpy(group->keys + sharing_length, backend_key, backend_length);
    hash_table_insert(groups, &group->by_keys, hash);
    return group;
}

void sharing_group_release(struct hash_table *groups, struct sharing_group *group)
{
    if (!group || --group->references > 0)
        return;
    hash_table_remove(groups, &group->by_keys);
    free(group);
}

void held_address_set_group(struct held_address *held, struct sharing_group *group)
{
    if (held->group == group)
        return;
    if (held->group)
        ordered_tree_remove(&held->group->addresses, &held->in_group);
    held->group = group;
    if (group)
        ordered_tree_insert(&group->addresses, &held->in_group);
}

struct held_address *sharing_group_first(const struct sharing_group *group,
                                         const struct pool_state *pool, uint8_t family)
{
    const struct place place = {.pool = pool, .address = {.family = family}};
    struct held_address *held =
        held_of(ordered_tree_not_before(&group->addresses, &place, order_place_and_held));

    return held && held->pool == pool && held->address.family == family ? held : NULL;
}

struct held_address *sharing_group_next(const struct held_address *held)
{
    struct held_address *next = held_of(ordered_tree_next(&held->in_group));

    return next && next->pool == held->pool && next->address.family == held->address.family ? next
                                                                                            : NULL;
}

int sharing_order_ports(const void *a, const void *b)
{
    const struct mlb_port *first = a;
    const struct mlb_port *second = b;

    if (first->protocol != second->protocol)
        return first->protocol < second->protocol ? -1 : 1;
    return (first->number > second->number) - (first->number < second->number);
}

const struct mlb_port *sharing_common_port(const struct allocation *a, const struct allocation *b)
{
    uint32_t i = 0;
    uint32_t j = 0;

    while (i < a->port_count && j < b->port_count) {
        const int order = sharing_order_ports(&a->ports[i], &b->ports[j]);

        if (order == 0)
            return &a->ports[i];
        if (order < 0)
            i++;
        else
            j++;
    }
    return NULL;
}

int32_t sharing_check(const struct held_address *held, const struct allocation *wanted,
                      const struct allocation *former, const struct allocation **other)
{
    for (const struct list *link = held->claims.next; link != &held->claims; link = link->next) {
        const struct allocation *owner = CONTAINER_OF(link, struct claim, link)->owner;

        if (owner == former)
            continue;
        *other = owner;
        if (!wanted->group || wanted->group != held->group)
            return MLB_ERROR_SHARING;
        if (sharing_common_port(wanted, owner))
            return MLB_ERROR_PORT_IN_USE;
    }
    return MLB_OK;
}
