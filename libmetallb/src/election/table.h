/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Stands first in each element, so that a link is cast to its element. */
struct table_link {
    struct table_link *next;
    uint64_t hash;
};

/* A hash table of elements that belong to somebody else; zeroed memory is an empty table. */
struct table {
    struct table_link **buckets;
    size_t bucket_count;
    size_t count;
};

/* FNV-1a with a final mix. */
uint64_t table_hash(const void *bytes, size_t length);

/* Makes room for one element more: -1 without memory, and the table is as it was. */
int table_reserve(struct table *table);

/* Adds an element; table_reserve() has made the room. */
void table_insert(struct table *table, struct table_link *link, uint64_t hash);

/* Takes out an element that is in the table. */
void table_remove(struct table *table, struct table_link *link);

/* First element with the hash, and the next one behind it; NULL when there is none. */
struct table_link *table_first(const struct table *table, uint64_t hash);
struct table_link *table_next(const struct table_link *link);

/* Frees the table and calls release for each of its elements. */
void table_free(struct table *table, void (*release)(struct table_link *link));
