/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash_table.h"

#define HIGH(bits) ((uint64_t)(bits) << 58)

/* All in one bucket: the low bits are equal. */
static void test_one_bucket(void **state)
{
    struct hash_table table;
    struct hash_node nodes[3];
    const uint64_t hashes[] = {HIGH(1) | 5, HIGH(2) | 5, HIGH(3) | 5};

    (void)state;
    assert_true(hash_table_init(&table));
    for (size_t i = 0; i < 3; i++) {
        assert_null(hash_table_first(&table, hashes[i]));
        hash_table_insert(&table, &nodes[i], hashes[i]);
    }
    for (size_t i = 0; i < 3; i++)
        assert_ptr_equal(hash_table_first(&table, hashes[i]), &nodes[i]);
    hash_table_remove(&table, &nodes[1]);
    assert_ptr_equal(hash_table_first(&table, hashes[0]), &nodes[0]);
    assert_null(hash_table_first(&table, hashes[1]));
    assert_ptr_equal(hash_table_first(&table, hashes[2]), &nodes[2]);
    assert_null(hash_table_first(&table, HIGH(4) | 5));
    hash_table_remove(&table, &nodes[0]);
    hash_table_remove(&table, &nodes[2]);
    assert_null(hash_table_any(&table));
    hash_table_insert(&table, &nodes[1], hashes[1]);
    assert_ptr_equal(hash_table_first(&table, hashes[1]), &nodes[1]);
    hash_table_free(&table);
}

static void test_equal_hashes(void **state)
{
    struct hash_table table;
    struct hash_node nodes[2];
    const struct hash_node *first;

    (void)state;
    assert_true(hash_table_init(&table));
    hash_table_insert(&table, &nodes[0], 7);
    hash_table_insert(&table, &nodes[1], 7);
    first = hash_table_first(&table, 7);
    assert_non_null(first);
    assert_non_null(hash_table_next(first));
    assert_ptr_not_equal(hash_table_next(first), first);
    assert_null(hash_table_next(hash_table_next(first)));
    hash_table_free(&table);
}

static void test_growth(void **state)
{
    enum { COUNT = 5000 };
    static struct hash_node nodes[COUNT];
    struct hash_table table;
    size_t walked = 0;

    (void)state;
    assert_true(hash_table_init(&table));
    for (uint32_t i = 0; i < COUNT; i++)
        hash_table_insert(&table, &nodes[i], hash_bytes(&i, sizeof(i), 0));
    for (uint32_t i = 0; i < COUNT; i++)
        assert_ptr_equal(hash_table_first(&table, hash_bytes(&i, sizeof(i), 0)), &nodes[i]);
    for (const struct hash_node *node = hash_table_any(&table); node;
         node = hash_table_after(&table, node))
        walked++;
    assert_int_equal(walked, COUNT);
    assert_int_equal(table.count, COUNT);
    assert_true(table.mask >= COUNT - 1);
    hash_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_bucket),
        cmocka_unit_test(test_equal_hashes),
        cmocka_unit_test(test_growth),
    };

    return cmocka_run_group_tests_name("hash-table", tests, NULL, NULL);
}
