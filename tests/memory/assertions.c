/* SPDX-License-Identifier: MIT */
/* cmocka's comparisons crash at NULL, which here is what a case gets where it expects a value. */
#include "sweep.h"

void __real__assert_string_equal(const char *a, const char *b, const char *file, int line);
void __wrap__assert_string_equal(const char *a, const char *b, const char *file, int line);
void __real__assert_memory_equal(const void *a, const void *b, size_t size, const char *file,
                                 int line);
void __wrap__assert_memory_equal(const void *a, const void *b, size_t size, const char *file,
                                 int line);

void __wrap__assert_string_equal(const char *a, const char *b, const char *file, int line)
{
    if (!a || !b)
        sweep_fail(file, line);
    __real__assert_string_equal(a, b, file, line);
}

void __wrap__assert_memory_equal(const void *a, const void *b, size_t size, const char *file,
                                 int line)
{
    if (!a || !b)
        sweep_fail(file, line);
    __real__assert_memory_equal(a, b, size, file, line);
}
