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

static struct node *make(struct hash_table *nodes, const char *name, uint64_t hash)
{
    const size_t length = strlen(name);
    struct node *node = calloc(1, sizeof(*node) + length + 1);

    if (!node)
        return NULL;
    rank_prefix_init(&node->prefix, name);
    memcpy(node->name, name, length + 1);
    hash_table_insert(nodes, &node->link, hash);
    return node;
}

struct node *node_acquire(struct hash_table *nodes, const char *name)
{
    const uint64_t hash = hash_bytes(name, strlen(name), 0);
    struct node *node = find(nodes, name, hash);

    if (!node)
        node = make(nodes, name, hash);
    if (node)
        node->references++;
    return node;
}

void node_release(struct hash_table *nodes, struct node *node)
{
    if (--node->references > 0)
        return;
    hash_table_remove(nodes, &node->link);
    free(node);
}
