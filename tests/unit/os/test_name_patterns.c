/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "os/name_patterns.h"

static void test_match(void **state)
{
    static const char *const texts[] = {"^docker.*", "^lo$", "cali", "^en(p|s)[0-9]+$"};
    static const struct {
        const char *name;
        int matches;
    } cases[] = {
        {"docker0", 1}, {"mydocker0", 0}, {"lo", 1},     {"lo1", 0},  {"cali12", 1},
        {"xcali", 1},   {"enp3", 1},      {"enp3s0", 0}, {"eth0", 0}, {"", 0},
    };
    struct name_patterns patterns;
    char message[64];
    size_t bad;

    (void)state;
    assert_int_equal(name_patterns_compile(&patterns, texts, 4, &bad, message, sizeof(message)), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(name_patterns_match(&patterns, cases[i].name), cases[i].matches);
    name_patterns_free(&patterns);
    assert_int_equal(name_patterns_match(&patterns, "lo"), 0);
}

static void test_bad_pattern_is_named(void **state)
{
    static const char *const texts[] = {"^lo$", "eth(", "^lo$"};
    static const char *const missing[] = {NULL};
    struct name_patterns patterns = {.items = NULL, .count = 77};
    char message[64] = "";
    size_t bad = 99;

    (void)state;
    assert_int_equal(name_patterns_compile(&patterns, texts, 3, &bad, message, sizeof(message)),
                     -EINVAL);
    assert_int_equal(bad, 1);
    assert_int_not_equal(message[0], 0);
    assert_int_equal(patterns.count, 77);
    assert_int_equal(name_patterns_compile(&patterns, missing, 1, &bad, message, sizeof(message)),
                     -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_bad_pattern_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
