/* SPDX-License-Identifier: MIT */
/* The rows of tests/cases/data/sharing_keys.json. */
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

#define BACKEND_MAX 256

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* The new annotation wins, even where it is empty. */
static const char *sharing_key(const cJSON *service)
{
    const cJSON *annotations = member(service, "annotations");
    const char *key = case_string(annotations, "metallb.io/allow-shared-ip");

    return key ? key : case_string(annotations, "metallb.universe.tf/allow-shared-ip");
}

static int order_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The selector as sorted k=v list for the policy Local, else nothing. */
static void write_backend_key(const cJSON *service, char key[BACKEND_MAX])
{
    const char *policy = case_string(service, "externalTrafficPolicy");
    const cJSON *selector = member(service, "selector");
    const char *names[8];
    size_t count = 0;
    const cJSON *label;

    key[0] = '\0';
    if (!policy || strcmp(policy, "Local") != 0)
        return;
    cJSON_ArrayForEach(label, selector) names[count++] = label->string;
    qsort(names, count, sizeof(names[0]), order_texts);
    for (size_t i = 0; i < count; i++)
        snprintf(key + strlen(key), BACKEND_MAX - strlen(key), "%s=%s,", names[i],
                 case_string(selector, names[i]));
}

static void init_request(struct case_request *request, const cJSON *service, char *backend)
{
    const char *policy = case_string(service, "externalTrafficPolicy");
    const cJSON *port;

    *request = (struct case_request){
        .request =
            {
                .struct_size = sizeof(request->request),
                .families = MLB_FAMILIES_IPV4,
                .id = case_string(service, "name"),
                .pools = request->pools,
                .addresses = request->addresses,
                .ports = request->ports,
                .sharing_key = sharing_key(service),
                .backend_key = backend,
                .pool_count = 1,
            },
        .pools = {"pool"},
    };
    write_backend_key(service, backend);
    /* A Local service with an empty selector shares with nobody: the caller gives it no key. */
    if (policy && strcmp(policy, "Local") == 0 && backend[0] == '\0')
        request->request.sharing_key = NULL;
    cJSON_ArrayForEach(port, member(service, "ports"))
        case_request_add_port(request, port->valuestring);
}

static struct mlb_allocator *allocator_with(const char *first_entry, const cJSON *entries)
{
    struct mlb_allocator *allocator = NULL;
    struct mlb_pool *pool = NULL;
    const struct mlb_pool *pools[1];
    const cJSON *entry;

    assert_int_equal(mlb_pool_new("pool", NULL, &pool, NULL), MLB_OK);
    if (first_entry)
        assert_int_equal(mlb_pool_add(pool, first_entry, NULL), MLB_OK);
    cJSON_ArrayForEach(entry, entries)
        assert_int_equal(mlb_pool_add(pool, entry->valuestring, NULL), MLB_OK);
    pools[0] = pool;
    assert_int_equal(mlb_allocator_new(&allocator, NULL), MLB_OK);
    assert_int_equal(mlb_allocator_set_pools(allocator, pools, 1, NULL), MLB_OK);
    mlb_pool_free(pool);
    return allocator;
}

static void test_explicit(void **state)
{
    const cJSON *rows = member(*state, "explicit");
    const cJSON *row;

    assert_true(cJSON_GetArraySize(rows) > 0);
    cJSON_ArrayForEach(row, rows)
    {
        struct mlb_allocator *allocator = allocator_with("192.0.2.0/24", NULL);
        const cJSON *service;
        int step = 0;

        cJSON_ArrayForEach(service, member(row, "services"))
        {
            const char *expected =
                cJSON_GetStringValue(cJSON_GetArrayItem(member(row, "expect"), step++));
            struct case_request request;
            char backend[BACKEND_MAX];
            int32_t result;

            init_request(&request, service, backend);
            mlb_address_parse(case_string(service, "requested_ip"), &request.addresses[0], NULL);
            request.request.address_count = 1;
            result = mlb_allocator_assign(allocator, &request.request, NULL, NULL);
            if (result != (strcmp(expected, "ok") == 0 ? MLB_OK : case_error_code(expected)))
                fail_msg("%s step %d gave %d", case_string(row, "id"), step, result);
        }
        mlb_allocator_free(allocator);
    }
}

static void check_allocation(struct mlb_allocator *allocator, const cJSON *operation,
                             const cJSON *expect, const char *id)
{
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    struct case_request request;
    char backend[BACKEND_MAX];
    char text[MLB_ADDRESS_TEXT_SIZE] = "";
    int32_t result;

    init_request(&request, operation, backend);
    result = mlb_allocator_allocate(allocator, &request.request, &assignment, NULL);
    if (!cJSON_IsTrue(member(expect, "ok"))) {
        assert_int_equal(result, case_error_code(case_string(expect, "error_kind")));
        return;
    }
    assert_int_equal(result, MLB_OK);
    mlb_address_format(&assignment.addresses[0], text, sizeof(text), NULL);
    if (strcmp(text, cJSON_GetStringValue(cJSON_GetArrayItem(member(expect, "ips"), 0))) != 0)
        fail_msg("%s: %s got %s", id, request.request.id, text);
}

static void test_automatic(void **state)
{
    const cJSON *rows = member(*state, "automatic");
    const cJSON *row;

    assert_true(cJSON_GetArraySize(rows) > 0);
    cJSON_ArrayForEach(row, rows)
    {
        struct mlb_allocator *allocator = allocator_with(NULL, member(row, "pool"));
        const cJSON *operation;
        int step = 0;

        cJSON_ArrayForEach(operation, member(row, "ops"))
        {
            assert_string_equal(case_string(operation, "op"), "create");
            check_allocation(allocator, operation,
                             cJSON_GetArrayItem(member(row, "expect"), step++),
                             case_string(row, "id"));
        }
        mlb_allocator_free(allocator);
    }
}

static int load(void **state)
{
    *state = case_file_load("sharing_keys.json");
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
        cmocka_unit_test(test_explicit),
        cmocka_unit_test(test_automatic),
    };

    return cmocka_run_group_tests_name("sharing-cases", tests, load, unload);
}
