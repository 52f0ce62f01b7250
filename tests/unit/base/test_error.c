/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <metallb/error.h>
#include <stdio.h>
#include <string.h>

#include "base/diagnostic.h"

static void test_every_code_has_a_text(void **state)
{
    static const int32_t first_and_last[][2] = {
        {MLB_ERROR_BUFFER_TOO_SMALL, MLB_ERROR_INVALID_ARGUMENT},
        {MLB_ERROR_MALFORMED, MLB_ERROR_EMPTY},
        {MLB_ERROR_FAMILY, MLB_ERROR_OVERLAP},
        {MLB_ERROR_UNSUPPORTED, MLB_ERROR_SYSTEM},
        {MLB_ERROR_INTERNAL, MLB_ERROR_NO_MEMORY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(first_and_last) / sizeof(first_and_last[0]); i++)
        for (int32_t code = first_and_last[i][0]; code <= first_and_last[i][1]; code++)
            assert_string_not_equal(mlb_strerror(code), "unknown error");
    assert_string_equal(mlb_strerror(1), "unknown error");
    assert_string_equal(mlb_strerror(INT32_MIN), "unknown error");
}

static void test_fatal_band(void **state)
{
    (void)state;
    assert_int_equal(mlb_error_is_fatal(MLB_ERROR_NO_MEMORY), 1);
    assert_int_equal(mlb_error_is_fatal(MLB_ERROR_INTERNAL), 1);
    assert_int_equal(mlb_error_is_fatal(MLB_ERROR_SYSTEM), 0);
    assert_int_equal(mlb_error_is_fatal(MLB_OK), 0);
}

static void test_diagnostic_keeps_to_its_memory(void **state)
{
    struct mlb_diagnostic diagnostic;
    char text[1024];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    mlb_diagnostic_init(&diagnostic);
    assert_int_equal(diagnostic_set(&diagnostic, MLB_ERROR_OVERLAP, text, text, "%s", text),
                     MLB_ERROR_OVERLAP);
    assert_int_equal(strlen(diagnostic.subject), sizeof(diagnostic.subject) - 1);
    assert_int_equal(strlen(diagnostic.message), sizeof(diagnostic.message) - 1);

    diagnostic.struct_size = 8;
    diagnostic.code = 0;
    assert_int_equal(diagnostic_set(&diagnostic, MLB_ERROR_EMPTY, "a", NULL, "b"), MLB_ERROR_EMPTY);
    assert_int_equal(diagnostic.code, 0);
}

static void test_system_errors_are_sorted(void **state)
{
    struct mlb_diagnostic diagnostic;

    (void)state;
    mlb_diagnostic_init(&diagnostic);
    assert_int_equal(diagnostic_set_system(&diagnostic, EPERM, "eth0", "open"),
                     MLB_ERROR_PERMISSION);
    assert_int_equal(diagnostic.system_error, EPERM);
    assert_string_equal(diagnostic.message, "open: Operation not permitted");
    assert_int_equal(diagnostic_set_system(NULL, ENOMEM, NULL, "open"), MLB_ERROR_NO_MEMORY);
    assert_int_equal(diagnostic_set_system(NULL, EIO, NULL, "open"), MLB_ERROR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_a_text),
        cmocka_unit_test(test_fatal_band),
        cmocka_unit_test(test_diagnostic_keeps_to_its_memory),
        cmocka_unit_test(test_system_errors_are_sorted),
    };

    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
