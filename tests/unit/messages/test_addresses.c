/* SPDX-License-Identifier: MIT */
/* Addresses, entries and pools. */
#include "table.h"

/* A hundred characters, which is what a message quotes of a text. */
#define LONG_TEXT                                                                                \
    "192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5,192.0.2.6,192.0.2.7,192.0.2.8,192.0.2.9," \
    "10.0.0.10,"

static const struct wrong_text addresses[] = {
    {LONG_TEXT, MLB_ERROR_ADDRESS,
     "\"" LONG_TEXT "\": a comma has no place in an entry; make each address or range an entry of "
     "its own"},
    {LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT, MLB_ERROR_ADDRESS,
     "\"" LONG_TEXT "...\": a comma has no place in an entry; make each address or range an entry "
     "of its own"},
    {"", MLB_ERROR_EMPTY, "\"\": an address is missing here"},
    {"192.0.2", MLB_ERROR_ADDRESS,
     "\"192.0.2\": an IPv4 address is four numbers from 0 to 255, such as 192.0.2.1"},
    {"192.0.2.256", MLB_ERROR_ADDRESS,
     "\"192.0.2.256\": an IPv4 address is four numbers from 0 to 255, such as 192.0.2.1"},
    {"192.0.2.010", MLB_ERROR_LEADING_ZERO,
     "\"192.0.2.010\": a number of an IPv4 address has a leading zero, which some programs read as "
     "octal; write it without"},
    {"192.0.2.1/32", MLB_ERROR_ADDRESS,
     "\"192.0.2.1/32\": an address is expected here, without a prefix length"},
    {"192.0.2.1:80", MLB_ERROR_ADDRESS, "\"192.0.2.1:80\": an address is written without a port"},
    {" 192.0.2.1", MLB_ERROR_ADDRESS,
     "\" 192.0.2.1\": white space inside an address is not allowed"},
    {"2001:db8::1::2", MLB_ERROR_ADDRESS,
     "\"2001:db8::1::2\": an IPv6 address is eight groups of up to four hexadecimal digits, with "
     "one \"::\" at most, such as 2001:db8::1"},
    {"[2001:db8::1]", MLB_ERROR_ADDRESS,
     "\"[2001:db8::1]\": an address is written without brackets"},
    {"fe80::1%eth0", MLB_ERROR_ZONE,
     "\"fe80::1%eth0\": an IPv6 zone has no place here; leave out the \"%\" and what follows it"},
    {"web.example.org", MLB_ERROR_ADDRESS,
     "\"web.example.org\": this is not an IP address, and host names are not resolved"},
};

static int32_t parse_address(void *object, const char *text, struct mlb_diagnostic *diagnostic)
{
    struct mlb_address address;

    (void)object;
    return mlb_address_parse(text, &address, diagnostic);
}

static void test_addresses(void **state)
{
    (void)state;
    check_texts(addresses, COUNT(addresses), parse_address, NULL);
}

static const struct wrong_text entries[] = {
    {"", MLB_ERROR_EMPTY,
     "\"\": the entry is empty; write a CIDR, a range first-last or an address"},
    {"192.0.2.0/33", MLB_ERROR_PREFIX_LENGTH,
     "\"192.0.2.0/33\": the prefix length of an IPv4 address is 32 at most"},
    {"192.0.2.0/", MLB_ERROR_PREFIX_LENGTH,
     "\"192.0.2.0/\": the prefix length behind the \"/\" is missing"},
    {"192.0.2.0/08", MLB_ERROR_LEADING_ZERO,
     "\"192.0.2.0/08\": the prefix length has a leading zero; write it without"},
    {"192.0.2.0/255.255.255.0", MLB_ERROR_PREFIX_LENGTH,
     "\"192.0.2.0/255.255.255.0\": the prefix length is not a number; a netmask is not accepted"},
    {"2001:db8::/129", MLB_ERROR_PREFIX_LENGTH,
     "\"2001:db8::/129\": the prefix length of an IPv6 address is 128 at most"},
    {"192.0.2.20-192.0.2.10", MLB_ERROR_RANGE_REVERSED,
     "\"192.0.2.20-192.0.2.10\": the range ends before it begins; write the lower address first"},
    {"192.0.2.10-2001:db8::1", MLB_ERROR_RANGE_FAMILIES,
     "\"192.0.2.10-2001:db8::1\": one end of the range is IPv4 and the other IPv6; both must be "
     "the same"},
    {"192.0.2.10-20", MLB_ERROR_RANGE_LAST,
     "\"192.0.2.10-20\": behind the dash, write the last address of the range in full"},
    {"-192.0.2.10", MLB_ERROR_RANGE_FIRST,
     "\"-192.0.2.10\": before the dash, an address is missing here"},
    {"192.0.2.10-", MLB_ERROR_RANGE_LAST,
     "\"192.0.2.10-\": behind the dash, an address is missing here"},
    {"192.0.2.1,192.0.2.2", MLB_ERROR_ADDRESS,
     "\"192.0.2.1,192.0.2.2\": a comma has no place in an entry; make each address or range an "
     "entry of its own"},
    {"192.0.2.0/24-192.0.3.0", MLB_ERROR_RANGE_FIRST,
     "\"192.0.2.0/24-192.0.3.0\": before the dash, an address is expected here, without a prefix "
     "length"},
    {"192.0.2.5-192.0.2.7", MLB_ERROR_OVERLAP,
     "entry 192.0.2.5-192.0.2.7 overlaps entry 192.0.2.0/29 of the same pool lan"},
};

static int32_t add_entry(void *object, const char *text, struct mlb_diagnostic *diagnostic)
{
    return mlb_pool_add(object, text, diagnostic);
}

static int32_t add_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    return mlb_pool_add(object, NULL, diagnostic);
}

static int32_t add_to_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    (void)object;
    return mlb_pool_add(NULL, "192.0.2.0/24", diagnostic);
}

static int32_t add_no_range(void *object, struct mlb_diagnostic *diagnostic)
{
    return mlb_pool_add_range(object, NULL, diagnostic);
}

static int32_t add_range_without_family(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_range range = {{0}, {0}};

    return mlb_pool_add_range(object, &range, diagnostic);
}

static int32_t add_reversed_range(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_range range = {.first = {.family = MLB_FAMILY_IPV4, .bytes = {10, 0, 0, 2}},
                                    .last = {.family = MLB_FAMILY_IPV4, .bytes = {10, 0, 0, 1}}};

    return mlb_pool_add_range(object, &range, diagnostic);
}

static int32_t add_mixed_range(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_range range = {.first = {.family = MLB_FAMILY_IPV4, .bytes = {10, 0, 0, 2}},
                                    .last = {.family = MLB_FAMILY_IPV6, .bytes = {0x20, 1}}};

    return mlb_pool_add_range(object, &range, diagnostic);
}

static int32_t compare_with_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    return mlb_pool_check_overlap(object, NULL, diagnostic);
}

static int32_t compare_with_a_copy(void *object, struct mlb_diagnostic *diagnostic)
{
    return mlb_pool_check_overlap(object, object, diagnostic);
}

static const struct wrong calls[] = {
    {"no entry", add_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the entry, or the place for the range, is missing (NULL)"},
    {"no pool", add_to_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "there is no pool (NULL); make one with mlb_pool_new()"},
    {"no range", add_no_range, MLB_ERROR_INVALID_ARGUMENT,
     "the range for pool lan is missing (NULL)"},
    {"no family", add_range_without_family, MLB_ERROR_INVALID_ARGUMENT,
     "the ends of the range for pool lan have the families 0 and 0; both must be MLB_FAMILY_IPV4 "
     "(4) or both MLB_FAMILY_IPV6 (6)"},
    {"reversed", add_reversed_range, MLB_ERROR_INVALID_ARGUMENT,
     "the range 10.0.0.2-10.0.0.1 for pool lan ends before it begins; exchange its ends"},
    {"mixed", add_mixed_range, MLB_ERROR_INVALID_ARGUMENT,
     "the range 10.0.0.2-2001:: for pool lan is of two families; both ends must be of one"},
    {"no other pool", compare_with_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the second pool to compare is missing (NULL)"},
    {"overlap", compare_with_a_copy, MLB_ERROR_OVERLAP,
     "entry 192.0.2.0/29 of pool lan overlaps entry 192.0.2.0/29 of pool lan"},
};

static void test_pools(void **state)
{
    struct mlb_pool *pool = NULL;

    (void)state;
    assert_int_equal(mlb_pool_new("lan", NULL, &pool, NULL), MLB_OK);
    assert_int_equal(mlb_pool_add(pool, "192.0.2.0/29", NULL), MLB_OK);
    check_texts(entries, COUNT(entries), add_entry, pool);
    check_calls(calls, COUNT(calls), pool);
    assert_int_equal(mlb_pool_size(pool), 1);
    mlb_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_pools),
    };

    return cmocka_run_group_tests_name("messages about addresses", tests, NULL, NULL);
}
