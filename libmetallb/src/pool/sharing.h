/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/allocator.h>

#include "base/hash_table.h"
#include "base/list.h"
#include "base/ordered_tree.h"
#include "pool/pool_map.h"

/*
 * Those who may share addresses: the same sharing key and the same backend key. It lists the
 * addresses that its members hold, by pool and then by value. It lives while a request refers to
 * it.
 */
struct sharing_group {
    struct hash_node by_keys;
    struct ordered_tree addresses;
    size_t references;
    size_t sharing_length;
    size_t backend_length;
    char keys[]; /* both, one behind the other */
};

/* An address that somebody holds. When it is released, its memory becomes the free interval. */
struct held_address {
    struct hash_node by_address;
    struct tree_node in_group;
    struct sharing_group *group; /* NULL: shared with nobody */
    struct pool_state *pool;
    struct list claims; /* of struct claim.link, in the order in which they came */
    struct mlb_address address;
};

struct allocation;

/* That an allocation holds an address. */
struct claim {
    struct list link;
    struct allocation *owner;
    struct held_address *held;
};

/* What a request holds, and with which ports and keys. */
struct allocation {
    struct hash_node by_id;
    struct pool_state *pool;
    struct sharing_group *group; /* NULL without a sharing key */
    struct mlb_port *ports;      /* ascending, behind the struct */
    const char *id;              /* behind the ports */
    uint32_t port_count;
    uint32_t address_count;
    struct claim claims[MLB_ASSIGNMENT_ADDRESSES_MAX];
};

/* A group with these keys gets one more reference; it is made where there is none. NULL without
 * memory. */
struct sharing_group *sharing_group_acquire(struct hash_table *groups, const char *sharing_key,
                                            const char *backend_key);

/* Drops a reference and with the last one the group; NULL is ignored. */
void sharing_group_release(struct hash_table *groups, struct sharing_group *group);

/* Lists an address under another group or, with NULL, under none. */
void held_address_set_group(struct held_address *held, struct sharing_group *group);

/* Walks the addresses of a group in a pool and family, ascending; NULL behind the last. */
struct held_address *sharing_group_first(const struct sharing_group *group,
                                         const struct pool_state *pool, uint8_t family);
struct held_address *sharing_group_next(const struct held_address *held);

/*
 * Tells whether an allocation could hold an address beside those who do.
 *
 * @param former  what the same request holds now, which does not count; or NULL
 * @param other   receives who is in the way
 * @return        MLB_OK, MLB_ERROR_SHARING, MLB_ERROR_PORT_IN_USE
 */
int32_t sharing_check(const struct held_address *held, const struct allocation *wanted,
                      const struct allocation *former, const struct allocation **other);

/* The first port that two allocations both use, or NULL. */
const struct mlb_port *sharing_common_port(const struct allocation *a, const struct allocation *b);

/* Ascending by protocol and number. */
int sharing_order_ports(const void *a, const void *b);
