/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "wire/crc32.h"

static uint32_t crc_of(const char *text)
{
    return crc32_of((const uint8_t *)text, strlen(text));
}

/* The check value that catalogues of checksums give, and what zlib computes of others. */
static void test_known(void **state)
{
    uint8_t bytes[256];

    (void)state;
    assert_int_equal(crc_of("123456789"), 0xcbf43926);
    assert_int_equal(crc_of(""), 0);
    assert_int_equal(crc_of("a"), 0xe8b7be43);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(crc32_of(bytes, sizeof(bytes)), 0x29058c73);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
