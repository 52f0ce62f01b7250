/* SPDX-License-Identifier: MIT */
#pragma once

#include "address/value.h"
#include "base/ordered_tree.h"

/*
 * A set of numbers as disjoint intervals that do not touch, in a balanced tree: O(log n) in the
 * intervals. Each interval is a block of malloc() that the set owns. Giving a number back never
 * allocates: the caller brings a block with it, which whoever held the number has no need of any
 * more. There are never more intervals than numbers taken, and one.
 */
struct interval {
    struct tree_node node;
    address_value first;
    address_value last;
};

struct interval_set {
    struct ordered_tree intervals;
};

/* Makes an empty set. */
void interval_set_init(struct interval_set *set);

/* Empties a set. */
void interval_set_free(struct interval_set *set);

/* Makes an empty set hold all from first to last; false without memory. */
bool interval_set_fill(struct interval_set *set, address_value first, address_value last);

/* The interval with the lowest numbers, or NULL. */
struct interval *interval_set_lowest(const struct interval_set *set);

/* The interval that holds a number, or NULL. */
struct interval *interval_set_find(const struct interval_set *set, address_value value);

/* Tells whether taking a number out of an interval leaves two. */
bool interval_splits(const struct interval *interval, address_value value);

/*
 * Takes a number out of its interval.
 *
 * @param spare  where the interval splits, a block of malloc() for the second one; else NULL
 */
void interval_set_take(struct interval_set *set, struct interval *interval, address_value value,
                       struct interval *spare);

/*
 * Puts a number back that is not in the set.
 *
 * @param block  of malloc(), of sizeof(struct interval) at least; the set's from now on
 */
void interval_set_give(struct interval_set *set, address_value value, void *block);
