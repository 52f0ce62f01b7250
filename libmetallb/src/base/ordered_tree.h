/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/*
 * A balanced search tree (Adelson-Velsky and Landis) of objects that carry their own node: every
 * operation costs O(log n), and none can fail.
 */
struct tree_node {
    struct tree_node *parent;
    struct tree_node *left;
    struct tree_node *right;
    int height;
};

/* Negative, 0 or positive as a stands before, at or behind b. */
typedef int (*tree_order)(const struct tree_node *a, const struct tree_node *b);

/* The same between a key of any type and a node. */
typedef int (*tree_key_order)(const void *key, const struct tree_node *node);

struct ordered_tree {
    struct tree_node *root;
    tree_order order;
};

void ordered_tree_init(struct ordered_tree *tree, tree_order order);

/* Adds a node that stands at the place of no other. */
void ordered_tree_insert(struct ordered_tree *tree, struct tree_node *node);

void ordered_tree_remove(struct ordered_tree *tree, struct tree_node *node);

struct tree_node *ordered_tree_first(const struct ordered_tree *tree);
struct tree_node *ordered_tree_next(const struct tree_node *node);

/* The first node that does not stand before the key, or NULL. */
struct tree_node *ordered_tree_not_before(const struct ordered_tree *tree, const void *key,
                                          tree_key_order order);

/* The last node that does not stand behind the key, or NULL. */
struct tree_node *ordered_tree_not_behind(const struct ordered_tree *tree, const void *key,
                                          tree_key_order order);
