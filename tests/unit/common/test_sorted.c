/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/sorted.h"

static const char *const names[] = {"b", "d", "d", "f"};
#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

static int compare(const void *key, const void *item)
{
    return strcmp(key, *(const char *const *)item);
}

static size_t position(const char *key)
{
    return sorted_position(key, names, NAME_COUNT, sizeof(names[0]), compare);
}

static const char *find(const char *key)
{
    const char *const *found = sorted_find(key, names, NAME_COUNT, sizeof(names[0]), compare);

    return found == NULL ? NULL : *found;
}

static void test_where_a_key_stands_or_would_stand(void **state)
{
    (void)state;
    assert_int_equal(position("a"), 0);
    assert_int_equal(position("b"), 0);
    assert_int_equal(position("c"), 1);
    assert_int_equal(position("d"), 1);
    assert_int_equal(position("e"), 3);
    assert_int_equal(position("g"), NAME_COUNT);
}

static void test_only_what_is_there_is_found(void **state)
{
    (void)state;
    assert_string_equal(find("b"), "b");
    assert_string_equal(find("f"), "f");
    assert_null(find("a"));
    assert_null(find("c"));
    assert_null(find("g"));
}

static void test_an_empty_array_needs_no_memory(void **state)
{
    (void)state;
    assert_int_equal(sorted_position("a", NULL, 0, sizeof(names[0]), compare), 0);
    assert_null(sorted_find("a", NULL, 0, sizeof(names[0]), compare));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_a_key_stands_or_would_stand),
        cmocka_unit_test(test_only_what_is_there_is_found),
        cmocka_unit_test(test_an_empty_array_needs_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
