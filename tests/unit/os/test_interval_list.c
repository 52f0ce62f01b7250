/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "os/interval_list.h"

static struct mlb_address ipv4(uint32_t value)
{
    struct mlb_address address = {.family = MLB_FAMILY_IPV4};

    value = htonl(value);
    memcpy(address.bytes, &value, sizeof(value));
    return address;
}

static struct mlb_address ipv6(uint32_t high, uint32_t low)
{
    const uint32_t words[4] = {htonl(0x20010db8), 0, htonl(high), htonl(low)};
    struct mlb_address address = {.family = MLB_FAMILY_IPV6};

    memcpy(address.bytes, words, sizeof(words));
    return address;
}

static void assert_interval(const struct address_interval *interval, uint32_t first, uint32_t last)
{
    assert_int_equal(interval->first[3], first);
    assert_int_equal(interval->last[3], last);
}

static void test_neighbours_merge(void **state)
{
    const struct mlb_address addresses[] = {
        ipv4(9), ipv4(5), ipv4(6),          ipv6(0, 7), ipv4(7),
        ipv4(5), ipv4(0), ipv4(UINT32_MAX), ipv6(0, 8), ipv4(UINT32_MAX - 1)};
    struct interval_list list;

    (void)state;
    assert_int_equal(interval_list_build(addresses, 10, MLB_FAMILY_IPV4, &list), 0);
    assert_int_equal(list.count, 4);
    assert_interval(&list.items[0], 0, 0);
    assert_interval(&list.items[1], 5, 7);
    assert_interval(&list.items[2], 9, 9);
    assert_interval(&list.items[3], UINT32_MAX - 1, UINT32_MAX);
    interval_list_free(&list);
}

static void test_neighbours_across_words(void **state)
{
    const struct mlb_address addresses[] = {ipv6(2, 0), ipv6(1, UINT32_MAX), ipv6(3, 0)};
    struct interval_list list;

    (void)state;
    assert_int_equal(interval_list_build(addresses, 3, MLB_FAMILY_IPV6, &list), 0);
    assert_int_equal(list.count, 2);
    assert_interval(&list.items[0], UINT32_MAX, 0);
    assert_int_equal(list.items[0].first[2], 1);
    assert_int_equal(list.items[0].last[2], 2);
    interval_list_free(&list);
}

/* The smallest gaps close first: 10-12 20 .. 100 .. 500-501 */
static void test_cover(void **state)
{
    const struct mlb_address addresses[] = {ipv4(10),  ipv4(11),  ipv4(12), ipv4(20),
                                            ipv4(100), ipv4(500), ipv4(501)};
    static const struct {
        size_t limit;
        size_t count;
        uint32_t bounds[4][2];
    } cases[] = {
        {1, 1, {{10, 501}}},
        {2, 2, {{10, 100}, {500, 501}}},
        {3, 3, {{10, 20}, {100, 100}, {500, 501}}},
        {4, 4, {{10, 12}, {20, 20}, {100, 100}, {500, 501}}},
        {99, 4, {{10, 12}, {20, 20}, {100, 100}, {500, 501}}},
    };
    struct interval_list list;

    (void)state;
    assert_int_equal(interval_list_build(addresses, 7, MLB_FAMILY_IPV4, &list), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct interval_list covering;
        assert_int_equal(interval_list_cover(&list, cases[i].limit, &covering), 0);
        assert_int_equal(covering.count, cases[i].count);
        for (size_t j = 0; j < covering.count; j++)
            assert_interval(&covering.items[j], cases[i].bounds[j][0], cases[i].bounds[j][1]);
        interval_list_free(&covering);
    }
    interval_list_free(&list);
}

static void test_empty(void **state)
{
    struct interval_list list;
    struct interval_list covering;

    (void)state;
    assert_int_equal(interval_list_build(NULL, 0, MLB_FAMILY_IPV4, &list), 0);
    assert_int_equal(list.count, 0);
    assert_int_equal(interval_list_cover(&list, 5, &covering), 0);
    assert_int_equal(covering.count, 0);
    interval_list_free(&covering);
    interval_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neighbours_merge),
        cmocka_unit_test(test_neighbours_across_words),
        cmocka_unit_test(test_cover),
        cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
