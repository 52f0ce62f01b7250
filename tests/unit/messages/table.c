/* SPDX-License-Identifier: MIT */
#include "table.h"

static void check(const char *what, int32_t result, const struct mlb_diagnostic *diagnostic,
                  int32_t code, const char *message)
{
    if (result != code)
        print_message("%s: result %d, expected %d\n", what, result, code);
    assert_int_equal(result, code);
    assert_int_equal(diagnostic->code, code);
    assert_string_equal(diagnostic->message, message);
}

void check_calls(const struct wrong *table, size_t count, void *object)
{
    for (size_t i = 0; i < count; i++) {
        struct mlb_diagnostic diagnostic;
        int32_t result;

        mlb_diagnostic_init(&diagnostic);
        result = table[i].call(object, &diagnostic);
        check(table[i].what, result, &diagnostic, table[i].code, table[i].message);
    }
}

void check_texts(const struct wrong_text *table, size_t count,
                 int32_t (*call)(void *object, const char *text, struct mlb_diagnostic *diagnostic),
                 void *object)
{
    for (size_t i = 0; i < count; i++) {
        struct mlb_diagnostic diagnostic;
        int32_t result;

        mlb_diagnostic_init(&diagnostic);
        result = call(object, table[i].text, &diagnostic);
        check(table[i].text, result, &diagnostic, table[i].code, table[i].message);
    }
}
