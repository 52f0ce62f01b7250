/* SPDX-License-Identifier: MIT */
/* Wrong inputs and what the library says to them, read and improved as a new user would. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/metallb.h>

/* A call with something wrong in it; object is what the test made for its table, or NULL. */
struct wrong {
    const char *what; /* for the reader of a failure */
    int32_t (*call)(void *object, struct mlb_diagnostic *diagnostic);
    int32_t code;
    const char *message;
};

/* A call that is one expression. */
#define CALL(name, expression)                                           \
    static int32_t name(void *object, struct mlb_diagnostic *diagnostic) \
    {                                                                    \
        (void)object;                                                    \
        return expression;                                               \
    }

/* A text that is parsed. */
struct wrong_text {
    const char *text;
    int32_t code;
    const char *message;
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

void check_calls(const struct wrong *table, size_t count, void *object);
void check_texts(const struct wrong_text *table, size_t count,
                 int32_t (*call)(void *object, const char *text, struct mlb_diagnostic *diagnostic),
                 void *object);
