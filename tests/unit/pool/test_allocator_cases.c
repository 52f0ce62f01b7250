/* SPDX-License-Identifier: MIT */
/* The rows of tests/cases/data/allocator_assign.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <metallb/allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../case_file.h"
#include "case_request.h"

static int is_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void set_pools(struct mlb_allocator *allocator, const cJSON *pools)
{
    struct mlb_pool *built[16] = {NULL};
    size_t count = 0;
    const cJSON *pool;

    cJSON_ArrayForEach(pool, pools) built[count++] = case_pool(pool);
    assert_int_equal(
        mlb_allocator_set_pools(allocator, (const struct mlb_pool *const *)built, count, NULL),
        MLB_OK);
    for (size_t i = 0; i < count; i++)
        mlb_pool_free(built[i]);
}

static int32_t run_step(struct mlb_allocator *allocator, const cJSON *pools, const cJSON *step,
                        struct mlb_assignment *assignment)
{
    const char *operation = case_string(step, "op");
    struct case_request request;
    int32_t result;

    if (strcmp(operation, "release") == 0) {
        result = mlb_allocator_release(allocator, case_string(step, "service"), NULL);
        return result == MLB_ERROR_NOT_FOUND ? MLB_OK : result;
    }
    case_request_init(&request, step, pools);
    if (strcmp(operation, "assign") == 0)
        return mlb_allocator_assign(allocator, &request.request, assignment, NULL);
    return mlb_allocator_allocate(allocator, &request.request, assignment, NULL);
}

static int holds_exactly(const struct mlb_assignment *assignment, const cJSON *addresses)
{
    if (cJSON_GetArraySize(addresses) != (int)assignment->address_count)
        return 0;
    for (uint32_t i = 0; i < assignment->address_count; i++) {
        char text[MLB_ADDRESS_TEXT_SIZE];

        mlb_address_format(&assignment->addresses[i], text, sizeof(text), NULL);
        if (strcmp(text, cJSON_GetStringValue(cJSON_GetArrayItem(addresses, (int)i))) != 0)
            return 0;
    }
    return 1;
}

static int holds_one_of(const struct mlb_assignment *assignment, const cJSON *sets)
{
    const cJSON *addresses;

    cJSON_ArrayForEach(addresses, sets) if (holds_exactly(assignment, addresses)) return 1;
    return 0;
}

static void check_pools_of(const struct mlb_allocator *allocator, const cJSON *expected)
{
    const cJSON *pool;

    cJSON_ArrayForEach(pool, expected)
    {
        struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
        const int32_t result = mlb_allocator_find(allocator, pool->string, &assignment, NULL);

        if (pool->valuestring[0] == '\0') {
            assert_int_equal(result, MLB_ERROR_NOT_FOUND);
            continue;
        }
        assert_int_equal(result, MLB_OK);
        assert_string_equal(assignment.pool, pool->valuestring);
    }
}

static void check_step(struct mlb_allocator *allocator, const cJSON *pools, const cJSON *step,
                       const char *scenario)
{
    const cJSON *expect = cJSON_GetObjectItemCaseSensitive(step, "expect");
    const cJSON *addresses = cJSON_GetObjectItemCaseSensitive(expect, "ips");
    const cJSON *alternatives = cJSON_GetObjectItemCaseSensitive(expect, "ips_one_of");
    const char *pool = case_string(expect, "pool");
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    const int32_t result = run_step(allocator, pools, step, &assignment);
    const int32_t wanted =
        is_true(expect, "ok") ? MLB_OK : case_error_code(case_string(expect, "error_kind"));

    if (result != wanted || (addresses && !holds_exactly(&assignment, addresses)) ||
        (alternatives && !holds_one_of(&assignment, alternatives))) {
        char *text = cJSON_PrintUnformatted(step);

        fail_msg("%s: %s gave %d (%s)", scenario, text, result, mlb_strerror(result));
    }
    if (pool)
        assert_string_equal(assignment.pool, pool);
}

static void test_scenarios(void **state)
{
    const cJSON *scenarios = cJSON_GetObjectItemCaseSensitive(*state, "scenarios");
    const cJSON *scenario;

    assert_true(cJSON_GetArraySize(scenarios) > 0);
    cJSON_ArrayForEach(scenario, scenarios)
    {
        const cJSON *pools = cJSON_GetObjectItemCaseSensitive(scenario, "pools");
        struct mlb_allocator *allocator = NULL;
        const cJSON *step;

        assert_int_equal(mlb_allocator_new(&allocator, NULL), MLB_OK);
        set_pools(allocator, pools);
        cJSON_ArrayForEach(step, cJSON_GetObjectItemCaseSensitive(scenario, "steps"))
        {
            if (strcmp(case_string(step, "op"), "setPools") != 0) {
                check_step(allocator, pools, step, case_string(scenario, "id"));
                continue;
            }
            pools = cJSON_GetObjectItemCaseSensitive(step, "pools");
            set_pools(allocator, pools);
            check_pools_of(allocator,
                           cJSON_GetObjectItemCaseSensitive(
                               cJSON_GetObjectItemCaseSensitive(step, "expect"), "pool_of"));
        }
        mlb_allocator_free(allocator);
    }
}

static void check_capacity(const struct mlb_pool *pool, uint8_t family, const char *expected)
{
    struct mlb_count count;
    char text[MLB_COUNT_TEXT_SIZE];

    assert_int_equal(mlb_pool_count(pool, family, &count, NULL), MLB_OK);
    mlb_count_format(&count, text, sizeof(text), NULL);
    assert_string_equal(text, expected);
}

static void test_capacity(void **state)
{
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(*state, "capacity");
    const cJSON *row;

    assert_true(cJSON_GetArraySize(rows) > 0);
    cJSON_ArrayForEach(row, rows)
    {
        struct mlb_pool *pool = case_pool(row);

        check_capacity(pool, MLB_FAMILY_NONE, case_string(row, "total"));
        check_capacity(pool, MLB_FAMILY_IPV4, case_string(row, "ipv4"));
        check_capacity(pool, MLB_FAMILY_IPV6, case_string(row, "ipv6"));
        mlb_pool_free(pool);
    }
}

static void check_counter(const cJSON *step, const char *name, const struct mlb_count *count)
{
    const cJSON *expected = cJSON_GetObjectItemCaseSensitive(step, name);

    assert_non_null(expected);
    assert_int_equal(count->words[0], (uint64_t)expected->valuedouble);
    assert_int_equal(count->words[1], 0);
}

static void test_counters(void **state)
{
    const cJSON *counters = cJSON_GetObjectItemCaseSensitive(*state, "counters");
    const cJSON *pool = cJSON_GetObjectItemCaseSensitive(counters, "pool");
    cJSON *pools = cJSON_CreateArray();
    struct mlb_allocator *allocator = NULL;
    struct mlb_pool_counters found = {.struct_size = sizeof(found)};
    const cJSON *step;

    cJSON_AddItemReferenceToArray(pools, (cJSON *)pool);
    assert_int_equal(mlb_allocator_new(&allocator, NULL), MLB_OK);
    set_pools(allocator, pools);
    cJSON_ArrayForEach(step, cJSON_GetObjectItemCaseSensitive(counters, "steps"))
    {
        struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};

        assert_int_equal(run_step(allocator, pools, step, &assignment), MLB_OK);
        assert_int_equal(mlb_allocator_pool_counters(allocator, "test", &found, NULL), MLB_OK);
        check_counter(step, "assignedIPv4", &found.assigned_ipv4);
        check_counter(step, "availableIPv4", &found.available_ipv4);
        check_counter(step, "assignedIPv6", &found.assigned_ipv6);
        check_counter(step, "availableIPv6", &found.available_ipv6);
    }
    mlb_allocator_set_pools(allocator, NULL, 0, NULL);
    assert_int_equal(mlb_allocator_pool_counters(allocator, "test", &found, NULL),
                     MLB_ERROR_NOT_FOUND);
    mlb_allocator_free(allocator);
    cJSON_Delete(pools);
}

static int load(void **state)
{
    *state = case_file_load("allocator_assign.json");
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
        cmocka_unit_test(test_scenarios),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_counters),
    };

    return cmocka_run_group_tests_name("allocator-cases", tests, load, unload);
}
