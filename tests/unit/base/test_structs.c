/* SPDX-License-Identifier: MIT */
/*
 * Structs of callers that are older or newer than the library: each public struct by the rules
 * alone, as if the library's had grown or the caller's had.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/structs.h"

/* Bytes by which one side is ahead of the other. */
#define GROWTH  16

#define DEFAULT 0xdd
#define GIVEN   0x11
#define GUARD   0xaa

struct kind {
    const char *name;
    size_t first;
    size_t size;
};

#define KIND(name, last) {#name, first_size_##name, sizeof(struct name)},

static const struct kind kinds[] = {VERSIONED_STRUCTS(KIND)};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static unsigned char own[STRUCT_SIZE_MAX + GROWTH];
static unsigned char given[STRUCT_SIZE_MAX + GROWTH];

static void set_size(unsigned char *bytes, size_t size)
{
    const uint32_t value = (uint32_t)size;

    memcpy(bytes, &value, sizeof(value));
}

static uint32_t size_of(const unsigned char *bytes)
{
    uint32_t value;

    memcpy(&value, bytes, sizeof(value));
    return value;
}

/* A caller's struct of a size, all its members set, and nothing behind it that may be touched. */
static void prepare(size_t size)
{
    memset(own, DEFAULT, sizeof(own));
    memset(given, GUARD, sizeof(given));
    memset(given, GIVEN, size);
    set_size(given, size);
}

static void assert_bytes(const unsigned char *bytes, size_t from, size_t to, unsigned char value)
{
    for (size_t i = from; i < to; i++)
        assert_int_equal(bytes[i], value);
}

static void test_first_versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        assert_in_range(kinds[i].first, 8, kinds[i].size);
        assert_in_range(kinds[i].size, 8, STRUCT_SIZE_MAX);
    }
}

static void test_smaller_than_the_first_version(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        prepare(kinds[i].first - 1);
        assert_false(struct_read(own, kinds[i].size, given, kinds[i].first));
        assert_bytes(own, 0, sizeof(own), DEFAULT);
        assert_false(struct_is_writable(given, kinds[i].first));
        prepare(0);
        set_size(given, 0);
        assert_false(struct_read(own, kinds[i].size, given, kinds[i].first));
        assert_false(struct_is_writable(given, kinds[i].first));
    }
    assert_false(struct_read(own, 8, NULL, 8));
    assert_false(struct_is_writable(NULL, 8));
}

/* The library has grown since: what the caller does not know keeps its default. */
static void test_older_caller_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        const size_t grown = kinds[i].first + GROWTH;

        prepare(kinds[i].first);
        assert_true(struct_read(own, grown, given, kinds[i].first));
        assert_int_equal(size_of(own), grown);
        assert_bytes(own, 4, kinds[i].first, GIVEN);
        assert_bytes(own, kinds[i].first, grown, DEFAULT);
    }
}

static void test_older_caller_is_written_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        prepare(kinds[i].first);
        assert_true(struct_is_writable(given, kinds[i].first));
        struct_write(given, own, kinds[i].first + GROWTH);
        assert_int_equal(size_of(given), kinds[i].first);
        assert_bytes(given, 4, kinds[i].first, DEFAULT);
        assert_bytes(given, kinds[i].first, sizeof(given), GUARD);
    }
}

/* The caller has grown: what the library does not know may not be asked for. */
static void test_newer_caller_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        prepare(kinds[i].size + GROWTH);
        memset(given + kinds[i].size, 0, GROWTH);
        given[kinds[i].size + GROWTH - 1] = 1;
        assert_false(struct_read(own, kinds[i].size, given, kinds[i].first));
        assert_bytes(own, 0, sizeof(own), DEFAULT);
        given[kinds[i].size + GROWTH - 1] = 0;
        assert_true(struct_read(own, kinds[i].size, given, kinds[i].first));
        assert_int_equal(size_of(own), kinds[i].size);
        assert_bytes(own, 4, kinds[i].size, GIVEN);
        assert_bytes(own, kinds[i].size, sizeof(own), DEFAULT);
    }
}

static void test_newer_caller_is_written_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        prepare(kinds[i].size + GROWTH);
        assert_true(struct_is_writable(given, kinds[i].first));
        struct_write(given, own, kinds[i].size);
        assert_int_equal(size_of(given), kinds[i].size + GROWTH);
        assert_bytes(given, 4, kinds[i].size, DEFAULT);
        assert_bytes(given, kinds[i].size, kinds[i].size + GROWTH, 0);
        assert_bytes(given, kinds[i].size + GROWTH, sizeof(given), GUARD);
    }
}

/* A size that nobody set must not lead behind the caller's memory. */
static void test_absurd_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        prepare(kinds[i].size);
        set_size(given, STRUCT_SIZE_MAX + 1);
        assert_false(struct_read(own, kinds[i].size, given, kinds[i].first));
        assert_false(struct_is_writable(given, kinds[i].first));
        set_size(given, UINT32_MAX);
        assert_false(struct_read(own, kinds[i].size, given, kinds[i].first));
        assert_false(struct_is_writable(given, kinds[i].first));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_versions),
        cmocka_unit_test(test_smaller_than_the_first_version),
        cmocka_unit_test(test_older_caller_reads),
        cmocka_unit_test(test_older_caller_is_written_to),
        cmocka_unit_test(test_newer_caller_reads),
        cmocka_unit_test(test_newer_caller_is_written_to),
        cmocka_unit_test(test_absurd_size),
    };

    return cmocka_run_group_tests_name("structs", tests, NULL, NULL);
}
