/* SPDX-License-Identifier: MIT */
/* All announced addresses: an array for those who visit each, a hash table for those who ask. */
#include <stdlib.h>
#include <string.h>

#include "announce/core.h"

#define BUCKETS_MIN 16

/* FNV-1a over the whole value with a final mix. Addresses are configured by the administrator,
 * never taken from frames, so that nobody on the LAN can make them collide. */
static uint64_t hash(const struct mlb_address *address)
{
    uint64_t value = 0xcbf29ce484222325u ^ address->family;

    for (size_t i = 0; i < sizeof(address->bytes); i++)
        value = (value ^ address->bytes[i]) * 0x100000001b3u;
    return value ^ value >> 32;
}

static int is_equal(const struct mlb_address *a, const struct mlb_address *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static struct announced **bucket_of(const struct address_table *table,
                                    const struct mlb_address *address)
{
    return &table->buckets[hash(address) & (table->bucket_count - 1)];
}

struct announced *address_table_find(const struct address_table *table,
                                     const struct mlb_address *address)
{
    struct announced *announced = table->bucket_count > 0 ? *bucket_of(table, address) : NULL;

    while (announced && !is_equal(&announced->address, address))
        announced = announced->next_in_bucket;
    return announced;
}

static void link_bucket(struct address_table *table, struct announced *announced)
{
    struct announced **bucket = bucket_of(table, &announced->address);

    announced->next_in_bucket = *bucket;
    *bucket = announced;
}

static int32_t grow_buckets(struct address_table *table)
{
    size_t bucket_count = table->bucket_count > 0 ? table->bucket_count * 2 : BUCKETS_MIN;
    struct announced **buckets = calloc(bucket_count, sizeof(struct announced *));

    if (!buckets)
        return MLB_ERROR_NO_MEMORY;
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = bucket_count;
    for (size_t i = 0; i < table->count; i++)
        link_bucket(table, table->items[i]);
    return MLB_OK;
}

int32_t address_table_insert(struct address_table *table, struct announced *announced)
{
    void *items =
        array_grow(table->items, table->count, &table->capacity, sizeof(struct announced *));

    if (!items)
        return MLB_ERROR_NO_MEMORY;
    table->items = items;
    if (table->count >= table->bucket_count && grow_buckets(table) != MLB_OK)
        return MLB_ERROR_NO_MEMORY;
    announced->position = table->count;
    table->items[table->count++] = announced;
    link_bucket(table, announced);
    return MLB_OK;
}

void address_table_remove(struct address_table *table, struct announced *announced)
{
    struct announced **link = bucket_of(table, &announced->address);
    struct announced *last = table->items[--table->count];

    while (*link != announced)
        link = &(*link)->next_in_bucket;
    *link = announced->next_in_bucket;
    table->items[announced->position] = last;
    last->position = announced->position;
}

void address_table_free(struct address_table *table)
{
    free(table->items);
    free(table->buckets);
    *table = (struct address_table){0};
}
