/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <metallb/address.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *text_of_address(const char *input)
{
    static char text[MLB_ADDRESS_TEXT_SIZE];
    struct mlb_address address;

    assert_int_equal(mlb_address_parse(input, &address, NULL), MLB_OK);
    assert_int_equal(mlb_address_format(&address, text, sizeof(text), NULL), MLB_OK);
    return text;
}

static void test_canonical_text(void **state)
{
    static const char *const texts[][2] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:0db8::0001", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"0:0:1::", "0:0:1::"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"::1.2.3.4", "::102:304"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::FFFF:c000:0201", "192.0.2.1"},
        {"0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++)
        assert_string_equal(text_of_address(texts[i][0]), texts[i][1]);
}

static void test_refused_addresses(void **state)
{
    static const struct {
        const char *text;
        int32_t code;
        const char *reason;
    } cases[] = {
        {"", MLB_ERROR_EMPTY, "missing"},
        {"1.2.3", MLB_ERROR_ADDRESS, "four numbers"},
        {"1.2.3.4.5", MLB_ERROR_ADDRESS, "four numbers"},
        {"1.2.3.256", MLB_ERROR_ADDRESS, "four numbers"},
        {"1..2.3", MLB_ERROR_ADDRESS, "four numbers"},
        {"1.2.3.0004", MLB_ERROR_ADDRESS, "four numbers"},
        {"1.2.3.04", MLB_ERROR_LEADING_ZERO, "leading zero"},
        {"::ffff:1.2.3.04", MLB_ERROR_LEADING_ZERO, "leading zero"},
        {"fe80::1%eth0", MLB_ERROR_ZONE, "zone"},
        {" 1.2.3.4", MLB_ERROR_ADDRESS, "white space"},
        {"1.2.3.4:80", MLB_ERROR_ADDRESS, "port"},
        {"[2001:db8::1]", MLB_ERROR_ADDRESS, "brackets"},
        {"1.2.3.4,1.2.3.5", MLB_ERROR_ADDRESS, "comma"},
        {"1.2.3.4/32", MLB_ERROR_ADDRESS, "prefix length"},
        {"example.org", MLB_ERROR_ADDRESS, "host names"},
        {"+1.2.3.4", MLB_ERROR_ADDRESS, "host names"},
        {":", MLB_ERROR_ADDRESS, "eight groups"},
        {":::", MLB_ERROR_ADDRESS, "eight groups"},
        {"1:", MLB_ERROR_ADDRESS, "eight groups"},
        {"1::2::3", MLB_ERROR_ADDRESS, "eight groups"},
        {"1:2:3:4:5:6:7", MLB_ERROR_ADDRESS, "eight groups"},
        {"1:2:3:4:5:6:7:8:9", MLB_ERROR_ADDRESS, "eight groups"},
        {"1:2:3:4:5:6:7:8::", MLB_ERROR_ADDRESS, "eight groups"},
        {"::1:2:3:4:5:6:7:8", MLB_ERROR_ADDRESS, "eight groups"},
        {"1:2:3:4:5:6:7:1.2.3.4", MLB_ERROR_ADDRESS, "eight groups"},
        {"12345::", MLB_ERROR_ADDRESS, "eight groups"},
        {"1:2:3:4:5:6:7:8:", MLB_ERROR_ADDRESS, "eight groups"},
        {":1:2:3:4:5:6:7", MLB_ERROR_ADDRESS, "eight groups"},
        {"::1.2.3.4:5", MLB_ERROR_ADDRESS, "eight groups"},
    };
    const struct mlb_address before = {.family = 9, .bytes = {1}};

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct mlb_address address = before;
        struct mlb_diagnostic diagnostic;

        mlb_diagnostic_init(&diagnostic);
        assert_int_equal(mlb_address_parse(cases[i].text, &address, &diagnostic), cases[i].code);
        assert_memory_equal(&address, &before, sizeof(address));
        assert_int_equal(diagnostic.code, cases[i].code);
        assert_string_equal(diagnostic.subject, cases[i].text);
        if (!strstr(diagnostic.message, cases[i].reason))
            fail_msg("%s: %s", cases[i].text, diagnostic.message);
    }
}

static void test_compare(void **state)
{
    static const char *const ascending[] = {"0.0.0.0", "9.0.0.0",   "10.0.0.255", "10.0.1.0",
                                            "::",      "::1.2.3.4", "2001:db8::"};
    struct mlb_address addresses[LENGTH(ascending)];

    (void)state;
    for (size_t i = 0; i < LENGTH(ascending); i++)
        assert_int_equal(mlb_address_parse(ascending[i], &addresses[i], NULL), MLB_OK);
    for (size_t i = 0; i < LENGTH(ascending); i++)
        for (size_t j = 0; j < LENGTH(ascending); j++) {
            const int32_t order = mlb_address_compare(&addresses[i], &addresses[j]);

            assert_int_equal(order < 0, i < j);
            assert_int_equal(order > 0, i > j);
        }
}

static void test_refused_entries(void **state)
{
    static const struct {
        const char *text;
        int32_t code;
        const char *reason;
    } cases[] = {
        {"", MLB_ERROR_EMPTY, "empty"},
        {" \t\xc2\xa0", MLB_ERROR_EMPTY, "empty"},
        {"/24", MLB_ERROR_EMPTY, "missing"},
        {"10.0.0.0/", MLB_ERROR_PREFIX_LENGTH, "missing"},
        {"10.0.0.0/33", MLB_ERROR_PREFIX_LENGTH, "32 at most"},
        {"10.0.0.0/4294967304", MLB_ERROR_PREFIX_LENGTH, "32 at most"},
        {"2001:db8::/129", MLB_ERROR_PREFIX_LENGTH, "128 at most"},
        {"10.0.0.0/+8", MLB_ERROR_PREFIX_LENGTH, "not a number"},
        {"10.0.0.0/ 8", MLB_ERROR_PREFIX_LENGTH, "not a number"},
        {"10.0.0.0/255.0.0.0", MLB_ERROR_PREFIX_LENGTH, "netmask"},
        {"10.0.0.0/8/8", MLB_ERROR_PREFIX_LENGTH, "not a number"},
        {"10.0.0.0/024", MLB_ERROR_LEADING_ZERO, "leading zero"},
        {"010.0.0.0/8", MLB_ERROR_LEADING_ZERO, "leading zero"},
        {"fe80::%eth0/64", MLB_ERROR_ZONE, "zone"},
        {"::ffff:1.2.3.0/95", MLB_ERROR_PREFIX_LENGTH, "96 or longer"},
        {"::ffff:1.2.3.0/129", MLB_ERROR_PREFIX_LENGTH, "128 at most"},
        {"10.0.0.0/-8", MLB_ERROR_RANGE_FIRST, "without a prefix length"},
        {"10.0.0.1-5", MLB_ERROR_RANGE_LAST, "in full"},
        {"10.0.0.1-", MLB_ERROR_RANGE_LAST, "missing"},
        {"10.0.0.1-10.0.0.2-10.0.0.3", MLB_ERROR_RANGE_LAST, "one dash only"},
        {"10.0.0.1--10.0.0.3", MLB_ERROR_RANGE_LAST, "one dash only"},
        {"10.0.0.1-fe80::1%1", MLB_ERROR_ZONE, "zone"},
        {"10.0.0.9-10.0.0.1", MLB_ERROR_RANGE_REVERSED, "ends before it begins"},
        {"10.0.0.1-2001:db8::1", MLB_ERROR_RANGE_FAMILIES, "IPv4 and the other IPv6"},
        {"::1-10.0.0.1", MLB_ERROR_RANGE_FAMILIES, "IPv4 and the other IPv6"},
        {"my-host", MLB_ERROR_RANGE_FIRST, "host names"},
        {"localhost", MLB_ERROR_ADDRESS, "host names"},
    };
    struct mlb_range range;
    const struct mlb_range before = {.first = {.family = 9}};

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct mlb_diagnostic diagnostic;
        const int32_t result = (range = before, mlb_diagnostic_init(&diagnostic),
                                mlb_range_parse(cases[i].text, &range, &diagnostic));

        if (result != cases[i].code || !strstr(diagnostic.message, cases[i].reason))
            fail_msg("\"%s\": %d %s", cases[i].text, result, diagnostic.message);
        assert_memory_equal(&range, &before, sizeof(range));
    }
}

static void test_message_quotes_the_entry(void **state)
{
    struct mlb_diagnostic diagnostic;
    struct mlb_range range;
    char text[1000];

    (void)state;
    mlb_diagnostic_init(&diagnostic);
    mlb_range_parse(" 10.0.0.0/33\n", &range, &diagnostic);
    assert_string_equal(diagnostic.message,
                        "\"10.0.0.0/33\": the prefix length of an IPv4 address is 32 at most");
    assert_string_equal(diagnostic.subject, "10.0.0.0/33");

    memset(text, '1', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(mlb_range_parse(text, &range, &diagnostic), MLB_ERROR_ADDRESS);
    assert_non_null(strstr(diagnostic.message, "1...\": an IPv4 address is"));
}

static void check_range(const char *input, const char *expected, const char *expected_count)
{
    char text[MLB_RANGE_TEXT_SIZE];
    char count_text[MLB_COUNT_TEXT_SIZE];
    struct mlb_count count;
    struct mlb_range range;
    struct mlb_range again;

    assert_int_equal(mlb_range_parse(input, &range, NULL), MLB_OK);
    assert_int_equal(mlb_range_format(&range, text, sizeof(text), NULL), MLB_OK);
    assert_string_equal(text, expected);
    assert_int_equal(mlb_range_parse(text, &again, NULL), MLB_OK);
    assert_memory_equal(&range, &again, sizeof(range));
    assert_int_equal(mlb_range_count(&range, &count, NULL), MLB_OK);
    assert_int_equal(mlb_count_format(&count, count_text, sizeof(count_text), NULL), MLB_OK);
    assert_string_equal(count_text, expected_count);
}

static void test_accepted_entries(void **state)
{
    (void)state;
    check_range("192.0.2.7", "192.0.2.7", "1");
    check_range(" 192.0.2.7\t", "192.0.2.7", "1");
    check_range("192.0.2.7/32", "192.0.2.7", "1");
    check_range("192.0.2.77/24", "192.0.2.0/24", "256");
    check_range("192.0.2.0-192.0.2.255", "192.0.2.0/24", "256");
    check_range("192.0.2.1 - 192.0.2.255", "192.0.2.1-192.0.2.255", "255");
    check_range("\xe2\x80\x83"
                "192.0.2.1\xc2\xa0-\xe3\x80\x80"
                "192.0.2.2\xe2\x80\xa8",
                "192.0.2.1-192.0.2.2", "2");
    check_range("::ffff:1.2.3.99/120", "1.2.3.0/24", "256");
    check_range("::ffff:0:0/96", "0.0.0.0/0", "4294967296");
    check_range("::/0", "::/0", "340282366920938463463374607431768211456");
    check_range("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "340282366920938463463374607431768211455");
    check_range("2001:db8::/64", "2001:db8::/64", "18446744073709551616");
}

static void test_prefixes_of_the_worst_range(void **state)
{
    struct mlb_prefix prefixes[MLB_RANGE_PREFIXES_MAX];
    struct mlb_range range;
    size_t count = 0;

    (void)state;
    mlb_range_parse("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", &range, NULL);
    assert_int_equal(mlb_range_prefixes(&range, NULL, 0, &count, NULL), MLB_ERROR_BUFFER_TOO_SMALL);
    assert_int_equal(count, MLB_RANGE_PREFIXES_MAX);
    assert_int_equal(mlb_range_prefixes(&range, prefixes, LENGTH(prefixes), &count, NULL), MLB_OK);
    assert_int_equal(prefixes[0].length, 128);
    assert_int_equal(prefixes[126].length, 2);
    assert_int_equal(prefixes[127].length, 2);
    assert_int_equal(prefixes[253].length, 128);
}

static void test_contains_and_overlaps(void **state)
{
    struct mlb_range range;
    struct mlb_range reversed;
    struct mlb_address address;

    (void)state;
    mlb_range_parse("10.0.0.5-10.0.0.9", &range, NULL);
    for (unsigned last = 0; last < 16; last++) {
        address =
            (struct mlb_address){.family = MLB_FAMILY_IPV4, .bytes = {10, 0, 0, (uint8_t)last}};
        assert_int_equal(mlb_range_contains(&range, &address), last >= 5 && last <= 9);
    }
    mlb_address_parse("::a00:5", &address, NULL);
    assert_int_equal(mlb_range_contains(&range, &address), 0);
    reversed = (struct mlb_range){.first = range.last, .last = range.first};
    assert_int_equal(mlb_range_overlaps(&range, &range), 1);
    assert_int_equal(mlb_range_overlaps(&range, &reversed), 0);
    assert_int_equal(mlb_range_count(&reversed, &(struct mlb_count){{0}}, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
}

static void test_small_buffers_are_left_alone(void **state)
{
    struct mlb_address address;
    struct mlb_range range;
    struct mlb_count count;
    char buffer[16] = "untouched";

    (void)state;
    mlb_range_parse("192.0.2.1-192.0.2.9", &range, NULL);
    mlb_range_count(&range, &count, NULL);
    address = range.first;
    assert_int_equal(mlb_address_format(&address, buffer, 9, NULL), MLB_ERROR_BUFFER_TOO_SMALL);
    assert_int_equal(mlb_range_format(&range, buffer, sizeof(buffer), NULL),
                     MLB_ERROR_BUFFER_TOO_SMALL);
    assert_int_equal(mlb_count_format(&count, buffer, 1, NULL), MLB_ERROR_BUFFER_TOO_SMALL);
    assert_string_equal(buffer, "untouched");
    assert_int_equal(mlb_address_format(&address, buffer, 10, NULL), MLB_OK);
    assert_int_equal(mlb_count_format(&count, buffer, 2, NULL), MLB_OK);
    assert_int_equal(mlb_address_format(NULL, buffer, 2, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_range_parse(NULL, &range, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_address_parse(NULL, &address, NULL), MLB_ERROR_INVALID_ARGUMENT);
}

/* glibc reads the same addresses (it alone prints some of them otherwise). */
static void test_random_addresses_read_back(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct mlb_address address = {.family = MLB_FAMILY_IPV6};
        struct mlb_address again;
        uint8_t bytes[16];
        char text[MLB_ADDRESS_TEXT_SIZE];

        for (int i = 0; i < 8; i++) {
            const int kind = rand_r(&seed) % 3;

            if (kind > 0)
                address.bytes[2 * i + 1] = (uint8_t)rand_r(&seed);
            if (kind > 1)
                address.bytes[2 * i] = (uint8_t)rand_r(&seed);
        }
        address.bytes[0] |= 1;
        assert_int_equal(mlb_address_format(&address, text, sizeof(text), NULL), MLB_OK);
        assert_int_equal(mlb_address_parse(text, &again, NULL), MLB_OK);
        assert_memory_equal(&address, &again, sizeof(address));
        assert_int_equal(inet_pton(AF_INET6, text, bytes), 1);
        assert_memory_equal(bytes, address.bytes, sizeof(bytes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical_text),
        cmocka_unit_test(test_refused_addresses),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_refused_entries),
        cmocka_unit_test(test_message_quotes_the_entry),
        cmocka_unit_test(test_accepted_entries),
        cmocka_unit_test(test_prefixes_of_the_worst_range),
        cmocka_unit_test(test_contains_and_overlaps),
        cmocka_unit_test(test_small_buffers_are_left_alone),
        cmocka_unit_test(test_random_addresses_read_back),
    };

    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
