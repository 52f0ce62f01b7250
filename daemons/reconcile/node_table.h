/* SPDX-License-Identifier: MIT */
/* Names of nodes as small numbers that stay the same between runs, and sets of such numbers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODE_UNKNOWN UINT32_MAX

/* Zero-initialized: empty. */
struct node_table {
    char **names;     /* by number */
    uint32_t *sorted; /* numbers by name */
    size_t count;
    size_t capacity;
};

/* Returns the number of a name, NODE_UNKNOWN where it has none. */
uint32_t node_table_find(const struct node_table *table, const char *name);

/* Gives a name a number. Returns 0 or -ENOMEM. */
int node_table_add(struct node_table *table, const char *name);

void node_table_clear(struct node_table *table);

/* A set is an array of words, all sets of a run of one length. */
typedef uint64_t node_word;
#define NODE_WORD_BITS 64u

static inline size_t node_set_words(size_t count)
{
    return (count + NODE_WORD_BITS - 1) / NODE_WORD_BITS;
}

static inline void node_set_add(node_word *set, uint32_t node)
{
    set[node / NODE_WORD_BITS] |= UINT64_C(1) << (node % NODE_WORD_BITS);
}

static inline void node_set_remove(node_word *set, uint32_t node)
{
    set[node / NODE_WORD_BITS] &= ~(UINT64_C(1) << (node % NODE_WORD_BITS));
}

static inline bool node_set_has(const node_word *set, uint32_t node)
{
    return (set[node / NODE_WORD_BITS] >> (node % NODE_WORD_BITS) & 1) != 0;
}

bool node_set_is_empty(const node_word *set, size_t words);
void node_set_unite(node_word *set, const node_word *other, size_t words);
void node_set_intersect(node_word *set, const node_word *other, size_t words);
size_t node_set_count(const node_word *set, size_t words);
