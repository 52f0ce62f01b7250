/* SPDX-License-Identifier: MIT */
/* The rows of tests/cases/data/address_parse.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <metallb/address.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../case_file.h"

static const char *string_of(const cJSON *row, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, name));
}

/* The kinds of the file know fewer differences than the codes do. */
static int kind_allows(const char *kind, int32_t code)
{
    const int in_place = code == MLB_ERROR_ZONE || code == MLB_ERROR_LEADING_ZERO;

    if (strcmp(kind, "invalid-cidr") == 0)
        return in_place || code == MLB_ERROR_EMPTY || code == MLB_ERROR_ADDRESS ||
               code == MLB_ERROR_PREFIX_LENGTH;
    if (strcmp(kind, "invalid-range-start") == 0)
        return in_place || code == MLB_ERROR_RANGE_FIRST;
    if (strcmp(kind, "invalid-range-end") == 0)
        return in_place || code == MLB_ERROR_RANGE_LAST;
    if (strcmp(kind, "range-start-after-end") == 0)
        return code == MLB_ERROR_RANGE_REVERSED || code == MLB_ERROR_RANGE_FAMILIES;
    return 0;
}

static void check_prefixes(const cJSON *row, const struct mlb_range *range)
{
    const cJSON *expected = cJSON_GetObjectItemCaseSensitive(row, "cidrs");
    struct mlb_prefix prefixes[MLB_RANGE_PREFIXES_MAX];
    size_t count = 0;

    assert_int_equal(mlb_range_prefixes(range, prefixes, MLB_RANGE_PREFIXES_MAX, &count, NULL),
                     MLB_OK);
    assert_int_equal(count, cJSON_GetArraySize(expected));
    for (size_t i = 0; i < count; i++) {
        char text[MLB_RANGE_TEXT_SIZE];

        mlb_address_format(&prefixes[i].address, text, sizeof(text), NULL);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "/%u", prefixes[i].length);
        assert_string_equal(text, cJSON_GetStringValue(cJSON_GetArrayItem(expected, (int)i)));
    }
}

static void check_row(const cJSON *row)
{
    struct mlb_diagnostic diagnostic;
    struct mlb_range range;
    struct mlb_count count;
    char text[MLB_COUNT_TEXT_SIZE];
    int32_t result;

    mlb_diagnostic_init(&diagnostic);
    result = mlb_range_parse(string_of(row, "input"), &range, &diagnostic);
    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "valid"))) {
        if (!kind_allows(string_of(row, "error_kind"), result))
            fail_msg("%s: %d %s", string_of(row, "id"), result, diagnostic.message);
        return;
    }
    if (result != MLB_OK)
        fail_msg("%s: %s", string_of(row, "id"), diagnostic.message);
    assert_int_equal(range.first.family, strcmp(string_of(row, "family"), "ipv4") == 0
                                             ? MLB_FAMILY_IPV4
                                             : MLB_FAMILY_IPV6);
    mlb_range_count(&range, &count, NULL);
    mlb_count_format(&count, text, sizeof(text), NULL);
    assert_string_equal(text, string_of(row, "address_count"));
    check_prefixes(row, &range);
}

static void test_entries(void **state)
{
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(*state, "cases");
    const cJSON *row;

    assert_true(cJSON_GetArraySize(rows) > 0);
    cJSON_ArrayForEach(row, rows) check_row(row);
}

static void test_overlaps(void **state)
{
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(*state, "overlap_cases");
    const cJSON *row;

    assert_true(cJSON_GetArraySize(rows) > 0);
    cJSON_ArrayForEach(row, rows)
    {
        const int expected = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "overlap"));
        struct mlb_range a;
        struct mlb_range b;

        assert_int_equal(mlb_range_parse(string_of(row, "a"), &a, NULL), MLB_OK);
        assert_int_equal(mlb_range_parse(string_of(row, "b"), &b, NULL), MLB_OK);
        assert_int_equal(mlb_range_overlaps(&a, &b), expected);
        assert_int_equal(mlb_range_overlaps(&b, &a), expected);
    }
}

static int load(void **state)
{
    *state = case_file_load("address_parse.json");
    return *state ? 0 : -1;
}

static int unload(void **state)
{
    cJSON_Delete(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_overlaps),
    };

    return cmocka_run_group_tests_name("address-cases", tests, load, unload);
}
