/* SPDX-License-Identifier: MIT */
#include "base/ordered_tree.h"

void ordered_tree_init(struct ordered_tree *tree, tree_order order)
{
    *tree = (struct ordered_tree){.order = order};
}

static int height_of(const struct tree_node *node)
{
    return node ? node->height : 0;
}

static int balance_of(const struct tree_node *node)
{
    return height_of(node->left) - height_of(node->right);
}

static void update_height(struct tree_node *node)
{
    const int left = height_of(node->left);
    const int right = height_of(node->right);

    node->height = (left > right ? left : right) + 1;
}

/* Puts a node (or nothing) where another hangs. */
static void replace_child(struct ordered_tree *tree, struct tree_node *old,
                          struct tree_node *replacement)
{
    struct tree_node *parent = old->parent;

    if (!parent)
        tree->root = replacement;
    else if (parent->left == old)
        parent->left = replacement;
    else
        parent->right = replacement;
    if (replacement)
        replacement->parent = parent;
}

static struct tree_node *rotate_left(struct ordered_tree *tree, struct tree_node *node)
{
    struct tree_node *pivot = node->right;

    replace_child(tree, node, pivot);
    node->right = pivot->left;
    if (node->right)
        node->right->parent = node;
    pivot->left = node;
    node->parent = pivot;
    update_height(node);
    update_height(pivot);
    return pivot;
}

static struct tree_node *rotate_right(struct ordered_tree *tree, struct tree_node *node)
{
    struct tree_node *pivot = node->left;

    replace_child(tree, node, pivot);
    node->left = pivot->right;
    if (node->left)
        node->left->parent = node;
    pivot->right = node;
    node->parent = pivot;
    update_height(node);
    update_height(pivot);
    return pivot;
}

/* Restores |balance| <= 1 at a node whose subtrees are balanced; returns what stands there now. */
static struct tree_node *balance(struct ordered_tree *tree, struct tree_node *node)
{
    update_height(node);
    if (balance_of(node) > 1) {
        if (balance_of(node->left) < 0)
            rotate_left(tree, node->left);
        return rotate_right(tree, node);
    }
    if (balance_of(node) < -1) {
        if (balance_of(node->right) > 0)
            rotate_right(tree, node->right);
        return rotate_left(tree, node);
    }
    return node;
}

/* Balances from a node up to the first whose height did not change. */
static void balance_upwards(struct ordered_tree *tree, struct tree_node *node)
{
    while (node) {
        const int before = node->height;

        node = balance(tree, node);
        if (node->height == before)
            return;
        node = node->parent;
    }
}

void ordered_tree_insert(struct ordered_tree *tree, struct tree_node *node)
{
    struct tree_node **link = &tree->root;
    struct tree_node *parent = NULL;

    while (*link) {
        parent = *link;
        link = tree->order(node, parent) < 0 ? &parent->left : &parent->right;
    }
    *node = (struct tree_node){.parent = parent, .height = 1};
    *link = node;
    balance_upwards(tree, parent);
}

static struct tree_node *leftmost(struct tree_node *node)
{
    while (node && node->left)
        node = node->left;
    return node;
}

/* Takes out a node with two children: its successor moves to its place. */
static struct tree_node *replace_by_successor(struct ordered_tree *tree, struct tree_node *node)
{
    struct tree_node *successor = leftmost(node->right);
    struct tree_node *lowest_changed = successor;

    if (successor->parent != node) {
        lowest_changed = successor->parent;
        replace_child(tree, successor, successor->right);
        successor->right = node->right;
        successor->right->parent = successor;
    }
    replace_child(tree, node, successor);
    successor->left = node->left;
    successor->left->parent = successor;
    successor->height = node->height;
    return lowest_changed;
}

void ordered_tree_remove(struct ordered_tree *tree, struct tree_node *node)
{
    struct tree_node *lowest_changed;

    if (node->left && node->right) {
        lowest_changed = replace_by_successor(tree, node);
    } else {
        lowest_changed = node->parent;
        replace_child(tree, node, node->left ? node->left : node->right);
    }
    balance_upwards(tree, lowest_changed);
}

struct tree_node *ordered_tree_first(const struct ordered_tree *tree)
{
    return leftmost(tree->root);
}

struct tree_node *ordered_tree_next(const struct tree_node *node)
{
    if (node->right)
        return leftmost(node->right);
    while (node->parent && node->parent->right == node)
        node = node->parent;
    return node->parent;
}

struct tree_node *ordered_tree_not_before(const struct ordered_tree *tree, const void *key,
                                          tree_key_order order)
{
    struct tree_node *node = tree->root;
    struct tree_node *found = NULL;

    while (node) {
        if (order(key, node) <= 0) {
            found = node;
            node = node->left;
        } else {
            node = node->right;
        }
    }
    return found;
}

struct tree_node *ordered_tree_not_behind(const struct ordered_tree *tree, const void *key,
                                          tree_key_order order)
{
    struct tree_node *node = tree->root;
    struct tree_node *found = NULL;

    while (node) {
        if (order(key, node) >= 0) {
            found = node;
            node = node->right;
        } else {
            node = node->left;
        }
    }
    return found;
}
