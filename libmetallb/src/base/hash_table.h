/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A hash table of objects that carry their own link: inserting and removing never fail. The table
 * compares hashes only; who looks something up walks the nodes of one hash and compares the keys.
 */
struct hash_node {
    struct hash_node *next;
    uint64_t hash;
};

/* Nodes whose hashes end in the same bits. The filter has a bit for each of them, so that a look-up
 * in vain, the usual one before an insertion, seldom reads a node, which is a cache miss. */
struct hash_bucket {
    struct hash_node *first;
    uint64_t filter;
};

struct hash_table {
    struct hash_bucket *buckets;
    size_t mask; /* number of buckets, a power of two, less one */
    size_t count;
};

/* Makes an empty table; false without memory. */
bool hash_table_init(struct hash_table *table);

/* Frees the table, not the objects in it. */
void hash_table_free(struct hash_table *table);

/* Adds a node; without memory for more buckets the table only gets slower. */
void hash_table_insert(struct hash_table *table, struct hash_node *node, uint64_t hash);

void hash_table_remove(struct hash_table *table, struct hash_node *node);

/* Walks the nodes of one hash; NULL behind the last. */
struct hash_node *hash_table_first(const struct hash_table *table, uint64_t hash);
struct hash_node *hash_table_next(const struct hash_node *node);

/* Walks all nodes in no particular order; NULL behind the last. */
struct hash_node *hash_table_any(const struct hash_table *table);
struct hash_node *hash_table_after(const struct hash_table *table, const struct hash_node *node);

/* Hashes bytes; seed chains several parts into one hash. */
uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed);
