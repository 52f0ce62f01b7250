/* SPDX-License-Identifier: MIT */
#include "base/hash_table.h"

#include <stdlib.h>
#include <string.h>

#define INITIAL_BUCKETS 16

/* Growing visits every node, so it had better be rare. */
#define GROWTH 4

/* Odd constants with as many ones as zeros. */
#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)
#define MIXER      UINT64_C(0xd6e8feb86659fd93)

static uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= MIXER;
    hash ^= hash >> 32;
    hash *= MIXER;
    return hash ^ hash >> 32;
}

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
    const unsigned char *rest = bytes;
    uint64_t hash = seed ^ length * MULTIPLIER;
    uint64_t word;

    for (; length >= sizeof(word); length -= sizeof(word), rest += sizeof(word)) {
        memcpy(&word, rest, sizeof(word));
        hash = mix(hash ^ word) + MULTIPLIER;
    }
    word = 0;
    if (length > 0)
        memcpy(&word, rest, length);
    return mix(hash ^ word);
}

bool hash_table_init(struct hash_table *table)
{
    struct hash_bucket *buckets = calloc(INITIAL_BUCKETS, sizeof(*buckets));

    if (!buckets)
        return false;
    *table = (struct hash_table){.buckets = buckets, .mask = INITIAL_BUCKETS - 1};
    return true;
}

void hash_table_free(struct hash_table *table)
{
    free(table->buckets);
    *table = (struct hash_table){.buckets = NULL};
}

/* The filter uses the high bits, the choice of a bucket the low ones. */
static uint64_t filter_bit(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 58);
}

static void link_node(struct hash_bucket *buckets, size_t mask, struct hash_node *node)
{
    struct hash_bucket *bucket = &buckets[node->hash & mask];

    node->next = bucket->first;
    bucket->first = node;
    bucket->filter |= filter_bit(node->hash);
}

static void grow(struct hash_table *table)
{
    const size_t size = (table->mask + 1) * GROWTH;
    struct hash_bucket *buckets = calloc(size, sizeof(*buckets));

    if (!buckets)
        return;
    for (size_t i = 0; i <= table->mask; i++) {
        struct hash_node *node = table->buckets[i].first;

        while (node) {
            struct hash_node *next = node->next;

            link_node(buckets, size - 1, node);
            node = next;
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->mask = size - 1;
}

void hash_table_insert(struct hash_table *table, struct hash_node *node, uint64_t hash)
{
    if (table->count > table->mask)
        grow(table);
    node->hash = hash;
    link_node(table->buckets, table->mask, node);
    table->count++;
}

/* The filter keeps the bit of a node that left while the bucket has others: it may say yes in vain,
 * which costs time only. */
void hash_table_remove(struct hash_table *table, struct hash_node *node)
{
    struct hash_bucket *bucket = &table->buckets[node->hash & table->mask];
    struct hash_node **link = &bucket->first;

    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    if (!bucket->first)
        bucket->filter = 0;
    table->count--;
}

static struct hash_node *of_hash(struct hash_node *node, uint64_t hash)
{
    while (node && node->hash != hash)
        node = node->next;
    return node;
}

struct hash_node *hash_table_first(const struct hash_table *table, uint64_t hash)
{
    const struct hash_bucket *bucket = &table->buckets[hash & table->mask];

    return bucket->filter & filter_bit(hash) ? of_hash(bucket->first, hash) : NULL;
}

struct hash_node *hash_table_next(const struct hash_node *node)
{
    return of_hash(node->next, node->hash);
}

static struct hash_node *first_from(const struct hash_table *table, size_t bucket)
{
    for (; bucket <= table->mask; bucket++)
        if (table->buckets[bucket].first)
            return table->buckets[bucket].first;
    return NULL;
}

struct hash_node *hash_table_any(const struct hash_table *table)
{
    return table->buckets ? first_from(table, 0) : NULL;
}

struct hash_node *hash_table_after(const struct hash_table *table, const struct hash_node *node)
{
    return node->next ? node->next : first_from(table, (node->hash & table->mask) + 1);
}
