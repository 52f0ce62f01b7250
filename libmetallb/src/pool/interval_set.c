/* SPDX-License-Identifier: MIT */
#include "pool/interval_set.h"

#include <stdlib.h>

#include "base/container.h"

static struct interval *interval_of(struct tree_node *node)
{
    return node ? CONTAINER_OF(node, struct interval, node) : NULL;
}

static int order_values(address_value a, address_value b)
{
    return (a > b) - (a < b);
}

static int order_intervals(const struct tree_node *a, const struct tree_node *b)
{
    return order_values(CONTAINER_OF(a, struct interval, node)->first,
                        CONTAINER_OF(b, struct interval, node)->first);
}

static int order_value_and_interval(const void *value, const struct tree_node *node)
{
    return order_values(*(const address_value *)value,
                        CONTAINER_OF(node, struct interval, node)->first);
}

void interval_set_init(struct interval_set *set)
{
    ordered_tree_init(&set->intervals, order_intervals);
}

void interval_set_free(struct interval_set *set)
{
    struct interval *interval;

    while ((interval = interval_set_lowest(set)) != NULL) {
        ordered_tree_remove(&set->intervals, &interval->node);
        free(interval);
    }
}

bool interval_set_fill(struct interval_set *set, address_value first, address_value last)
{
    struct interval *interval = malloc(sizeof(*interval));

    if (!interval)
        return false;
    interval->first = first;
    interval->last = last;
    ordered_tree_insert(&set->intervals, &interval->node);
    return true;
}

struct interval *interval_set_lowest(const struct interval_set *set)
{
    return interval_of(ordered_tree_first(&set->intervals));
}

/* The last interval that begins at a value or before it. */
static struct interval *at_or_before(const struct interval_set *set, address_value value)
{
    return interval_of(ordered_tree_not_behind(&set->intervals, &value, order_value_and_interval));
}

struct interval *interval_set_find(const struct interval_set *set, address_value value)
{
    struct interval *interval = at_or_before(set, value);

    return interval && value <= interval->last ? interval : NULL;
}

bool interval_splits(const struct interval *interval, address_value value)
{
    return interval->first < value && value < interval->last;
}

void interval_set_take(struct interval_set *set, struct interval *interval, address_value value,
                       struct interval *spare)
{
    if (interval_splits(interval, value)) {
        spare->first = value + 1;
        spare->last = interval->last;
        interval->last = value - 1;
        ordered_tree_insert(&set->intervals, &spare->node);
    } else if (interval->first == interval->last) {
        ordered_tree_remove(&set->intervals, &interval->node);
        free(interval);
    } else if (interval->first == value) {
        interval->first++;
    } else {
        interval->last--;
    }
}

void interval_set_give(struct interval_set *set, address_value value, void *block)
{
    struct interval *before = at_or_before(set, value);
    struct interval *behind =
        before ? interval_of(ordered_tree_next(&before->node)) : interval_set_lowest(set);
    const bool touches_before = before && before->last + 1 == value;
    const bool touches_behind = behind && behind->first - 1 == value;
    struct interval *interval = block;

    if (!touches_before && !touches_behind) {
        interval->first = value;
        interval->last = value;
        ordered_tree_insert(&set->intervals, &interval->node);
        return;
    }
    free(block);
    if (touches_before && touches_behind) {
        before->last = behind->last;
        ordered_tree_remove(&set->intervals, &behind->node);
        free(behind);
    } else if (touches_before) {
        before->last = value;
    } else {
        behind->first = value;
    }
}
