/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/clock.h"
#include "speaker/ownership/rivals.h"

#define SECOND NANOSECONDS

static const uint8_t one[MLB_HARDWARE_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 1};
static const uint8_t two[MLB_HARDWARE_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 2};

static const struct mlb_address *address(uint8_t number)
{
    static struct mlb_address made;

    made = (struct mlb_address){.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, number}};
    return &made;
}

static void test_each_address_is_defended_once_in_a_while(void **state)
{
    struct rivals rivals = {0};
    bool ended;

    (void)state;
    assert_true(rivals_may_act(&rivals, address(2), 1 * SECOND));
    assert_false(rivals_may_act(&rivals, address(2), 1 * SECOND));
    assert_true(rivals_may_act(&rivals, address(1), 2 * SECOND));
    assert_false(rivals_may_act(&rivals, address(2), 11 * SECOND - 1));
    assert_true(rivals_expire(&rivals, 3 * SECOND, &ended) == 11 * SECOND);
    assert_false(ended);
    assert_int_equal(rivals.count, 2);
    assert_true(rivals_may_act(&rivals, address(2), 11 * SECOND));
    assert_true(rivals_expire(&rivals, 12 * SECOND, &ended) == 21 * SECOND);
    assert_int_equal(rivals.count, 1);
    assert_true(rivals_expire(&rivals, 21 * SECOND, &ended) == CLOCK_NEVER);
    assert_int_equal(rivals.count, 0);
    rivals_clear(&rivals);
}

static void test_an_address_is_yielded_for_a_while(void **state)
{
    struct rivals rivals = {0};
    bool ended;

    (void)state;
    assert_false(rivals_has(&rivals, address(1)));
    assert_int_equal(rivals_yield(&rivals, address(1), one, 0), 0);
    assert_true(rivals_has(&rivals, address(1)));
    assert_false(rivals_has(&rivals, address(2)));
    assert_true(rivals_may_act(&rivals, address(2), 5 * SECOND));
    assert_true(rivals_may_act(&rivals, address(1), 5 * SECOND));
    assert_true(rivals_expire(&rivals, 9 * SECOND, &ended) == 10 * SECOND);
    assert_false(ended);
    assert_true(rivals_expire(&rivals, 10 * SECOND, &ended) == 15 * SECOND);
    assert_true(ended);
    assert_false(rivals_has(&rivals, address(1)));
    /* It was acted on, which still counts. */
    assert_false(rivals_may_act(&rivals, address(1), 11 * SECOND));
    assert_true(rivals_expire(&rivals, 11 * SECOND, &ended) == 15 * SECOND);
    assert_false(ended);
    rivals_clear(&rivals);
}

static bool is_first(void *context, const struct mlb_address *of)
{
    return mlb_address_compare(of, context) == 0;
}

static void test_what_is_settled_is_yielded_no_longer(void **state)
{
    struct rivals rivals = {0};
    struct mlb_address first = *address(1);

    (void)state;
    assert_int_equal(rivals_yield(&rivals, address(1), one, 0), 0);
    assert_int_equal(rivals_yield(&rivals, address(2), two, 0), 0);
    rivals_settle(&rivals, is_first, &first);
    assert_false(rivals_has(&rivals, address(1)));
    assert_true(rivals_has(&rivals, address(2)));
    rivals_clear(&rivals);
}

static bool is_two(void *context, const uint8_t *holder)
{
    (void)context;
    return memcmp(holder, two, sizeof(two)) == 0;
}

static void test_views_that_agree_end_it(void **state)
{
    struct rivals rivals = {0};

    (void)state;
    assert_false(rivals_agree(&rivals, NULL, NULL));
    assert_int_equal(rivals_yield(&rivals, address(1), one, 0), 0);
    assert_int_equal(rivals_yield(&rivals, address(2), two, 0), 0);
    assert_true(rivals_agree(&rivals, is_two, NULL));
    assert_true(rivals_has(&rivals, address(1)));
    assert_false(rivals_has(&rivals, address(2)));
    assert_false(rivals_agree(&rivals, is_two, NULL));
    assert_true(rivals_agree(&rivals, NULL, NULL));
    assert_false(rivals_has(&rivals, address(1)));
    assert_false(rivals_agree(&rivals, NULL, NULL));
    rivals_clear(&rivals);
}

static void test_only_so_many(void **state)
{
    struct rivals rivals = {0};
    struct mlb_address each = {.family = MLB_FAMILY_IPV4};

    (void)state;
    for (unsigned i = 0; i <= RIVALS_MAX; i++) {
        each.bytes[1] = (uint8_t)(i >> 16);
        each.bytes[2] = (uint8_t)(i >> 8);
        each.bytes[3] = (uint8_t)i;
        assert_int_equal(rivals_may_act(&rivals, &each, 0), i < RIVALS_MAX);
    }
    assert_int_equal(rivals.count, RIVALS_MAX);
    rivals_clear(&rivals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_address_is_defended_once_in_a_while),
        cmocka_unit_test(test_an_address_is_yielded_for_a_while),
        cmocka_unit_test(test_what_is_settled_is_yielded_no_longer),
        cmocka_unit_test(test_views_that_agree_end_it),
        cmocka_unit_test(test_only_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
