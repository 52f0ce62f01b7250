/* SPDX-License-Identifier: MIT */
/*
 * The interfaces of the host and the addresses that stand on them, as last told by the kernel.
 *
 * A generation tells what a complete dump did not name: entries keep that of their last sighting.
 */
#pragma once

#include "os/link.h"

#include <stddef.h>
#include <stdint.h>

struct link_entry {
    struct link link;
    uint32_t generation;
};

struct local_address {
    uint32_t interface_index;
    uint32_t generation;
    struct mlb_address address;
};

/* Both arrays ascend, by index and by index and address. */
struct link_table {
    struct link_entry *links;
    size_t link_count;
    size_t link_capacity;
    struct local_address *addresses;
    size_t address_count;
    size_t address_capacity;
};

void link_table_free(struct link_table *table);

/* NULL if there is none. */
const struct link *link_table_find(const struct link_table *table, uint32_t index);

/* 1 if the entry is new or changed, 0 if it was there alike, -ENOMEM. */
int link_table_set(struct link_table *table, const struct link *link, uint32_t generation);

/* 1 if it was there. */
int link_table_remove(struct link_table *table, uint32_t index);

/* As above for an address on an interface. */
int link_table_set_address(struct link_table *table, uint32_t index,
                           const struct mlb_address *address, uint32_t generation);
int link_table_remove_address(struct link_table *table, uint32_t index,
                              const struct mlb_address *address);
