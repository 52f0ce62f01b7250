/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/container.h"
#include "pool/interval_set.h"

#define SIZE 300

static void take(struct interval_set *set, address_value value)
{
    struct interval *interval = interval_set_find(set, value);

    assert_non_null(interval);
    interval_set_take(set, interval, value,
                      interval_splits(interval, value) ? malloc(sizeof(*interval)) : NULL);
}

static void give(struct interval_set *set, address_value value)
{
    interval_set_give(set, value, malloc(sizeof(struct interval)));
}

/* The intervals ascend, do not touch, and the tree is balanced. */
static int check_subtree(const struct tree_node *node)
{
    int left;
    int right;

    if (!node)
        return 0;
    left = check_subtree(node->left);
    right = check_subtree(node->right);
    assert_in_range(left - right + 1, 0, 2);
    assert_int_equal(node->height, (left > right ? left : right) + 1);
    return node->height;
}

static void check_set(const struct interval_set *set, const unsigned char *is_free)
{
    const struct tree_node *node = ordered_tree_first(&set->intervals);
    unsigned value = 0;

    check_subtree(set->intervals.root);
    for (; node; node = ordered_tree_next(node)) {
        const struct interval *interval = CONTAINER_OF(node, struct interval, node);

        for (; value < interval->first; value++)
            assert_int_equal(is_free[value], 0);
        for (; value <= interval->last; value++)
            assert_int_equal(is_free[value], 1);
        assert_true(value == SIZE || is_free[value] == 0);
    }
    for (; value < SIZE; value++)
        assert_int_equal(is_free[value], 0);
}

static void test_random_numbers(void **state)
{
    unsigned char is_free[SIZE];
    struct interval_set set;
    unsigned seed = 3;

    (void)state;
    interval_set_init(&set);
    assert_true(interval_set_fill(&set, 0, SIZE - 1));
    for (unsigned i = 0; i < SIZE; i++)
        is_free[i] = 1;
    for (unsigned i = 0; i < 20000; i++) {
        const unsigned value = (unsigned)rand_r(&seed) % SIZE;

        assert_int_equal(interval_set_find(&set, value) != NULL, is_free[value]);
        if (is_free[value])
            take(&set, value);
        else
            give(&set, value);
        is_free[value] = !is_free[value];
        if (i % 7 == 0)
            check_set(&set, is_free);
    }
    interval_set_free(&set);
}

static void test_both_ends_of_all_numbers(void **state)
{
    const address_value last = ~(address_value)0;
    struct interval_set set;

    (void)state;
    interval_set_init(&set);
    assert_true(interval_set_fill(&set, 0, last));
    take(&set, 0);
    take(&set, last);
    assert_null(interval_set_find(&set, 0));
    assert_null(interval_set_find(&set, last));
    assert_true(interval_set_lowest(&set)->first == 1);
    give(&set, last);
    give(&set, 0);
    assert_true(interval_set_lowest(&set)->first == 0);
    assert_true(interval_set_lowest(&set)->last == last);
    interval_set_free(&set);
    assert_null(interval_set_lowest(&set));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_numbers),
        cmocka_unit_test(test_both_ends_of_all_numbers),
    };

    return cmocka_run_group_tests_name("interval-set", tests, NULL, NULL);
}
