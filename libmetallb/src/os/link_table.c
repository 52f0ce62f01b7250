/* SPDX-License-Identifier: MIT */
#include "os/link_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 8

void link_table_free(struct link_table *table)
{
    free(table->links);
    free(table->addresses);
    *table = (struct link_table){0};
}

/* Position of the first link whose index is not below. */
static size_t link_position(const struct link_table *table, uint32_t index)
{
    size_t low = 0;
    size_t high = table->link_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (table->links[middle].link.index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct link_entry *find_entry(const struct link_table *table, uint32_t index)
{
    const size_t position = link_position(table, index);

    if (position < table->link_count && table->links[position].link.index == index)
        return &table->links[position];
    return NULL;
}

const struct link *link_table_find(const struct link_table *table, uint32_t index)
{
    const struct link_entry *entry = find_entry(table, index);

    return entry ? &entry->link : NULL;
}

/* Makes room for one more element; -ENOMEM leaves the array as it was. */
static int reserve(void **items, size_t *capacity, size_t count, size_t size)
{
    const size_t wanted = *capacity ? *capacity * 2 : CAPACITY_FIRST;
    void *grown;

    if (count < *capacity)
        return 0;
    grown = realloc(*items, wanted * size);
    if (!grown)
        return -ENOMEM;
    *items = grown;
    *capacity = wanted;
    return 0;
}

int link_table_set(struct link_table *table, const struct link *link, uint32_t generation)
{
    const size_t position = link_position(table, link->index);
    struct link_entry *entry = find_entry(table, link->index);
    void *items = table->links;

    if (entry) {
        const int changed = memcmp(&entry->link, link, sizeof(*link)) != 0;
        *entry = (struct link_entry){*link, generation};
        return changed;
    }
    if (reserve(&items, &table->link_capacity, table->link_count, sizeof(*entry)) != 0)
        return -ENOMEM;
    table->links = items;
    entry = &table->links[position];
    memmove(entry + 1, entry, (table->link_count - position) * sizeof(*entry));
    *entry = (struct link_entry){*link, generation};
    table->link_count++;
    return 1;
}

int link_table_remove(struct link_table *table, uint32_t index)
{
    struct link_entry *entry = find_entry(table, index);
    const size_t position = link_position(table, index);

    if (!entry)
        return 0;
    memmove(entry, entry + 1, (table->link_count - position - 1) * sizeof(*entry));
    table->link_count--;
    return 1;
}

static int compare_address(const struct local_address *entry, uint32_t index,
                           const struct mlb_address *address)
{
    if (entry->interface_index != index)
        return entry->interface_index < index ? -1 : 1;
    return memcmp(&entry->address, address, sizeof(*address));
}

/* Position of the first address that is not before; found tells whether it is the very one. */
static size_t address_position(const struct link_table *table, uint32_t index,
                               const struct mlb_address *address, int *found)
{
    size_t low = 0;
    size_t high = table->address_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_address(&table->addresses[middle], index, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found =
        low < table->address_count && compare_address(&table->addresses[low], index, address) == 0;
    return low;
}

int link_table_set_address(struct link_table *table, uint32_t index,
                           const struct mlb_address *address, uint32_t generation)
{
    int found;
    const size_t position = address_position(table, index, address, &found);
    struct local_address *entry;
    void *items = table->addresses;

    if (found) {
        table->addresses[position].generation = generation;
        return 0;
    }
    if (reserve(&items, &table->address_capacity, table->address_count, sizeof(*entry)) != 0)
        return -ENOMEM;
    table->addresses = items;
    entry = &table->addresses[position];
    memmove(entry + 1, entry, (table->address_count - position) * sizeof(*entry));
    *entry = (struct local_address){index, generation, *address};
    table->address_count++;
    return 1;
}

int link_table_remove_address(struct link_table *table, uint32_t index,
                              const struct mlb_address *address)
{
    int found;
    const size_t position = address_position(table, index, address, &found);
    struct local_address *entry = table->addresses + position;

    if (!found)
        return 0;
    memmove(entry, entry + 1, (table->address_count - position - 1) * sizeof(*entry));
    table->address_count--;
    return 1;
}
