/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/clock.h"
#include "speaker/group/key_ring.h"

#define KEEP (KEY_RING_KEEP_SECONDS * NANOSECONDS)

static const struct mlb_membership_key *key(uint8_t number)
{
    static struct mlb_membership_key made;

    made = (struct mlb_membership_key){.length = 32, .bytes = {number}};
    return &made;
}

/* The first bytes of the keys as a text. */
static void expect(const struct key_ring *ring, const char *numbers)
{
    assert_int_equal(ring->count, strlen(numbers));
    for (size_t i = 0; i < ring->count; i++)
        assert_int_equal(ring->keys[i].bytes[0], numbers[i]);
}

static void test_former_keys_are_kept_for_a_while(void **state)
{
    struct key_ring ring = {0};

    (void)state;
    assert_true(key_ring_use(&ring, key('a'), 0));
    assert_false(key_ring_use(&ring, key('a'), 1));
    assert_false(key_ring_expire(&ring, CLOCK_NEVER));
    assert_true(key_ring_use(&ring, key('b'), 100));
    expect(&ring, "ba");
    assert_true(key_ring_use(&ring, key('c'), 200));
    expect(&ring, "cba");
    assert_false(key_ring_expire(&ring, 100 + KEEP - 1));
    assert_true(key_ring_expire(&ring, 100 + KEEP));
    expect(&ring, "cb");
    assert_true(key_ring_expire(&ring, 200 + KEEP));
    expect(&ring, "c");
}

static void test_back_to_a_former_key(void **state)
{
    struct key_ring ring = {0};

    (void)state;
    key_ring_use(&ring, key('a'), 0);
    key_ring_use(&ring, key('b'), 100);
    assert_true(key_ring_use(&ring, key('a'), 200));
    expect(&ring, "ab");
    assert_true(key_ring_expire(&ring, 200 + KEEP));
    expect(&ring, "a");
}

static void test_the_length_is_part_of_a_key(void **state)
{
    struct mlb_membership_key shorter = {.length = 16, .bytes = {'a'}};
    struct key_ring ring = {0};

    (void)state;
    key_ring_use(&ring, key('a'), 0);
    assert_true(key_ring_use(&ring, &shorter, 0));
    expect(&ring, "aa");
}

static void test_more_keys_than_fit(void **state)
{
    struct key_ring ring = {0};

    (void)state;
    for (uint8_t i = 0; i < 40; i++)
        assert_true(key_ring_use(&ring, key((uint8_t)('0' + i)), i));
    assert_int_equal(ring.count, MLB_MEMBERSHIP_KEYS_MAX);
    assert_int_equal(ring.keys[0].bytes[0], '0' + 39);
    assert_int_equal(ring.keys[15].bytes[0], '0' + 24);
    assert_true(key_ring_expire(&ring, CLOCK_NEVER));
    assert_int_equal(ring.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_former_keys_are_kept_for_a_while),
        cmocka_unit_test(test_back_to_a_former_key),
        cmocka_unit_test(test_the_length_is_part_of_a_key),
        cmocka_unit_test(test_more_keys_than_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
