/* SPDX-License-Identifier: MIT */
#include "election/node.h"

#include <stdlib.h>
#include <string.h>

#include "election/rank.h"

static struct node *find(const struct hash_table *nodes, const char *name, uint64_t hash)
{
    struct hash_node *link = hash_table_first(nodes, hash);

    while (link && strcmp(((struct node *)link)->name, name) != 0)
        link = hash_table_next(link);
    return (struct node *)link;
}

static struct node *make(struct hash_table *nodes, const char *name, size_t length,
                         const struct sha256_prefix *prefix, uint64_t hash)
{
    struct node *node = calloc(1, sizeof(*node) + length + 1);

    if (!node)
        return NULL;
    node->prefix = *prefix;
    memcpy(node->name, name, length);
    hash_table_insert(nodes, &node->link, hash);
    return node;
}

int32_t node_acquire(struct hash_table *nodes, const char *name, struct node **node)
{
    struct sha256_prefix prefix;
    struct node *found;
    size_t length;
    uint64_t hash;

    if (rank_prefix_init(&prefix, name))
        return MLB_ERROR_INVALID_ARGUMENT;
    length = strlen(name);
    hash = hash_bytes(name, length, 0);
    found = find(nodes, name, hash);
    if (!found)
        found = make(nodes, name, length, &prefix, hash);
    if (!found)
        return MLB_ERROR_NO_MEMORY;
    found->references++;
    *node = found;
    return MLB_OK;
}

void node_release(struct hash_table *nodes, struct node *node)
{
    if (--node->references > 0)
        return;
    hash_table_remove(nodes, &node->link);
    free(node);
}
