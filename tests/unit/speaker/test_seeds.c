/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "speaker/group/seeds.h"

static void expect(const char *text, const char *const *items)
{
    struct seeds seeds = {0};
    size_t count = 0;

    assert_int_equal(seeds_read(text, &seeds), 0);
    for (; items[count] != NULL; count++) {
        assert_in_range(count + 1, 1, seeds.count);
        assert_string_equal(seeds.items[count], items[count]);
    }
    assert_int_equal(seeds.count, count);
    seeds_clear(&seeds);
}

#define EXPECT(text, ...) expect(text, (const char *const[]){__VA_ARGS__, NULL})

static void test_lists(void **state)
{
    (void)state;
    EXPECT("a", "a");
    EXPECT("a,b:7947,192.0.2.1:1,[2001:db8::1]:2", "a", "b:7947", "192.0.2.1:1", "[2001:db8::1]:2");
    EXPECT(" a , b,,c ", "a", "b", "c");
    EXPECT("# hosts\na # first\r\n\n  b,c\n#d", "a", "b", "c");
    expect("", (const char *const[]){NULL});
    expect("# none", (const char *const[]){NULL});
}

static void test_files(void **state)
{
    (void)state;
    assert_null(seeds_path("a,b:1"));
    assert_null(seeds_path("files.example.net"));
    assert_string_equal(seeds_path("/etc/members"), "/etc/members");
    assert_string_equal(seeds_path("./members"), "./members");
    assert_string_equal(seeds_path("file:members"), "members");
}

static void test_too_many(void **state)
{
    char *text = malloc(2 * SEEDS_MAX + 3);
    struct seeds seeds = {0};

    (void)state;
    for (int i = 0; i < SEEDS_MAX; i++)
        memcpy(text + (ptrdiff_t)2 * i, "a,", 3);
    assert_int_equal(seeds_read(text, &seeds), 0);
    assert_int_equal(seeds.count, SEEDS_MAX);
    text[(size_t)2 * SEEDS_MAX] = 'a';
    text[(size_t)2 * SEEDS_MAX + 1] = '\0';
    assert_int_equal(seeds_read(text, &seeds), -E2BIG);
    assert_int_equal(seeds.count, SEEDS_MAX);
    seeds_clear(&seeds);
    seeds_clear(&seeds);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
