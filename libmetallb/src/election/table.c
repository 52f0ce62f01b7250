/* SPDX-License-Identifier: MIT */
#include "election/table.h"

#include <stdlib.h>

#define BUCKETS_MIN 16

uint64_t table_hash(const void *bytes, size_t length)
{
    const uint8_t *byte = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 32);
}

static struct table_link **bucket_of(const struct table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->bucket_count - 1)];
}

void table_insert(struct table *table, struct table_link *link, uint64_t hash)
{
    struct table_link **bucket = bucket_of(table, hash);

    link->hash = hash;
    link->next = *bucket;
    *bucket = link;
    table->count++;
}

static void move_all(struct table *from, struct table *to)
{
    for (size_t i = 0; i < from->bucket_count; i++) {
        struct table_link *link = from->buckets[i];

        while (link) {
            struct table_link *next = link->next;

            table_insert(to, link, link->hash);
            link = next;
        }
    }
}

int table_reserve(struct table *table)
{
    size_t bucket_count = table->bucket_count ? table->bucket_count * 2 : BUCKETS_MIN;
    struct table grown = {.bucket_count = bucket_count};

    if (table->count < table->bucket_count)
        return 0;
    grown.buckets = calloc(bucket_count, sizeof(struct table_link *));
    if (!grown.buckets)
        return -1;
    move_all(table, &grown);
    free(table->buckets);
    *table = grown;
    return 0;
}

void table_remove(struct table *table, struct table_link *link)
{
    struct table_link **place = bucket_of(table, link->hash);

    while (*place != link)
        place = &(*place)->next;
    *place = link->next;
    table->count--;
}

static struct table_link *with_hash(struct table_link *link, uint64_t hash)
{
    while (link && link->hash != hash)
        link = link->next;
    return link;
}

struct table_link *table_first(const struct table *table, uint64_t hash)
{
    return table->bucket_count ? with_hash(*bucket_of(table, hash), hash) : NULL;
}

struct table_link *table_next(const struct table_link *link)
{
    return with_hash(link->next, link->hash);
}

void table_free(struct table *table, void (*release)(struct table_link *link))
{
    for (size_t i = 0; i < table->bucket_count; i++) {
        struct table_link *link = table->buckets[i];

        while (link) {
            struct table_link *next = link->next;

            release(link);
            link = next;
        }
    }
    free(table->buckets);
    *table = (struct table){0};
}
