/* SPDX-License-Identifier: MIT */
/* Addresses, ranges and counts that are written or counted, and the pools that are asked. */
#include "table.h"

#include <string.h>

static const struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}};
static const struct mlb_address other = {.family = MLB_FAMILY_IPV6, .bytes = {0x20, 1}};
static const struct mlb_address alien = {.family = 10};

static const struct mlb_range wide = {
    .first = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}},
    .last = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 8}},
};
static const struct mlb_range reversed = {
    .first = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 8}},
    .last = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}},
};
static const struct mlb_count million = {.words = {1000000}};

static char buffer[MLB_RANGE_TEXT_SIZE];
static struct mlb_prefix prefix;
static struct mlb_count count;
static size_t needed;

static struct mlb_range mixed(void)
{
    return (struct mlb_range){.first = address, .last = other};
}

CALL(format_nothing, mlb_address_format(NULL, buffer, sizeof(buffer), diagnostic))
CALL(format_alien, mlb_address_format(&alien, buffer, sizeof(buffer), diagnostic))
CALL(format_nowhere, mlb_address_format(&address, NULL, 0, diagnostic))
CALL(format_short, mlb_address_format(&address, buffer, 9, diagnostic))
CALL(format_no_range, mlb_range_format(NULL, buffer, sizeof(buffer), diagnostic))
CALL(format_mixed, mlb_range_format(&(struct mlb_range){mixed().first, mixed().last}, buffer,
                                    sizeof(buffer), diagnostic))
CALL(format_range_short, mlb_range_format(&wide, buffer, 10, diagnostic))
CALL(count_reversed, mlb_range_count(&reversed, &count, diagnostic))
CALL(count_nowhere, mlb_range_count(&wide, NULL, diagnostic))
CALL(split_short, mlb_range_prefixes(&wide, &prefix, 1, &needed, diagnostic))
CALL(split_nowhere, mlb_range_prefixes(&wide, NULL, 1, &needed, diagnostic))
CALL(split_uncounted, mlb_range_prefixes(&wide, &prefix, 1, NULL, diagnostic))
CALL(write_no_count, mlb_count_format(NULL, buffer, sizeof(buffer), diagnostic))
CALL(write_count_short, mlb_count_format(&million, buffer, 7, diagnostic))

static const struct wrong values[] = {
    {"no address", format_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"address\" is missing (NULL)"},
    {"AF_INET6 is no family of ours", format_alien, MLB_ERROR_INVALID_ARGUMENT,
     "the family of the address is 10; it can be MLB_FAMILY_IPV4 (4) or MLB_FAMILY_IPV6 (6)"},
    {"no buffer", format_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"buffer\" is missing (NULL)"},
    {"buffer without room for the NUL", format_short, MLB_ERROR_BUFFER_TOO_SMALL,
     "\"192.0.2.1\" needs 10 bytes with its NUL but the buffer has 9"},
    {"no range", format_no_range, MLB_ERROR_INVALID_ARGUMENT, "the range is missing (NULL)"},
    {"mixed range", format_mixed, MLB_ERROR_INVALID_ARGUMENT,
     "the range 192.0.2.1-2001:: is of two families; both ends must be of one"},
    {"buffer for one address", format_range_short, MLB_ERROR_BUFFER_TOO_SMALL,
     "\"192.0.2.1-192.0.2.8\" needs 20 bytes with its NUL but the buffer has 10"},
    {"reversed range", count_reversed, MLB_ERROR_INVALID_ARGUMENT,
     "the range 192.0.2.8-192.0.2.1 ends before it begins; exchange its ends"},
    {"no place for the count", count_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"count\" is missing (NULL)"},
    {"too few prefixes", split_short, MLB_ERROR_BUFFER_TOO_SMALL,
     "the range needs 4 prefixes but there is room for 1"},
    {"no prefixes", split_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"prefixes\" is missing (NULL)"},
    {"no place for their number", split_uncounted, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"count\" is missing (NULL)"},
    {"no count", write_no_count, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"count\" is missing (NULL)"},
    {"short buffer for a count", write_count_short, MLB_ERROR_BUFFER_TOO_SMALL,
     "\"1000000\" needs 8 bytes with its NUL but the buffer has 7"},
};

static void test_values(void **state)
{
    (void)state;
    check_calls(values, COUNT(values), NULL);
}

static char long_name[MLB_POOL_NAME_MAX + 2];
static struct mlb_pool *made;
static struct mlb_range range;
static const struct mlb_pool_options no_size = {0};
static const struct mlb_pool_options unknown_flag = {sizeof(unknown_flag), 2};

CALL(new_without_name, mlb_pool_new(NULL, NULL, &made, diagnostic))
CALL(new_with_empty_name, mlb_pool_new("", NULL, &made, diagnostic))
CALL(new_with_long_name, mlb_pool_new(long_name, NULL, &made, diagnostic))
CALL(new_with_two_lines, mlb_pool_new("lan\nlab", NULL, &made, diagnostic))
CALL(new_nowhere, mlb_pool_new("lan", NULL, NULL, diagnostic))
CALL(new_without_size, mlb_pool_new("lan", &no_size, &made, diagnostic))
CALL(new_with_flag, mlb_pool_new("lan", &unknown_flag, &made, diagnostic))
CALL(range_behind, mlb_pool_range(object, 3, &range, diagnostic))
CALL(range_nowhere, mlb_pool_range(object, 0, NULL, diagnostic))
CALL(range_of_nothing, mlb_pool_range(NULL, 0, &range, diagnostic))
CALL(count_of_nothing, mlb_pool_count(NULL, MLB_FAMILY_IPV4, &count, diagnostic))
CALL(count_of_family, mlb_pool_count(object, 2, &count, diagnostic))
CALL(pool_count_nowhere, mlb_pool_count(object, MLB_FAMILY_IPV4, NULL, diagnostic))

static const struct wrong pools[] = {
    {"no name", new_without_name, MLB_ERROR_INVALID_ARGUMENT,
     "the pool has no name; give it one that no other pool has"},
    {"empty name", new_with_empty_name, MLB_ERROR_INVALID_ARGUMENT,
     "the pool has no name; give it one that no other pool has"},
    {"long name", new_with_long_name, MLB_ERROR_INVALID_ARGUMENT,
     "the name of the pool has 254 bytes; it can have 253 at most"},
    {"name of two lines", new_with_two_lines, MLB_ERROR_INVALID_ARGUMENT,
     "the name of the pool has a control character at byte 3; leave it out"},
    {"no place", new_nowhere, MLB_ERROR_INVALID_ARGUMENT, "there is no place for the pool (NULL)"},
    {"no struct_size", new_without_size, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size is 0; set it to sizeof(struct mlb_pool_options) and all that is not used to "
     "zero"},
    {"unknown flag", new_with_flag, MLB_ERROR_INVALID_ARGUMENT,
     "the flags of pool lan are 0x2; only MLB_POOL_AVOID_BUGGY is known"},
    {"behind the last entry", range_behind, MLB_ERROR_NOT_FOUND,
     "pool lan has 1 entry; there is none with the index 3"},
    {"no place for the range", range_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"range\" is missing (NULL)"},
    {"range of no pool", range_of_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "there is no pool (NULL); make one with mlb_pool_new()"},
    {"count of no pool", count_of_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "there is no pool (NULL); make one with mlb_pool_new()"},
    {"AF_INET is no family of ours", count_of_family, MLB_ERROR_INVALID_ARGUMENT,
     "the family is 2; it can be MLB_FAMILY_IPV4 (4), MLB_FAMILY_IPV6 (6) or MLB_FAMILY_NONE (0) "
     "for both"},
    {"no place for the count", pool_count_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"count\" is missing (NULL)"},
};

static void test_pools(void **state)
{
    struct mlb_pool *pool = NULL;

    (void)state;
    memset(long_name, 'a', sizeof(long_name) - 1);
    assert_int_equal(mlb_pool_new("lan", NULL, &pool, NULL), MLB_OK);
    assert_int_equal(mlb_pool_add(pool, "192.0.2.0/29", NULL), MLB_OK);
    check_calls(pools, COUNT(pools), pool);
    assert_null(made);
    mlb_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_pools),
    };

    return cmocka_run_group_tests_name("messages about values and pools", tests, NULL, NULL);
}
