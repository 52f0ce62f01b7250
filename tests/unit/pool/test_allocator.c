/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/allocator.h>
#include <string.h>

static const char *const pool_names[] = {"lan"};

static struct mlb_request request_of(const char *id, const struct mlb_address *address,
                                     const struct mlb_port *port, const char *key)
{
    return (struct mlb_request){
        .struct_size = sizeof(struct mlb_request),
        .families = MLB_FAMILIES_IPV4,
        .id = id,
        .pools = pool_names,
        .addresses = address,
        .ports = port,
        .sharing_key = key,
        .pool_count = 1,
        .address_count = address ? 1 : 0,
        .port_count = port ? 1 : 0,
    };
}

static void set_pool(struct mlb_allocator *allocator, const char *name, const char *const *entries)
{
    struct mlb_pool *pool = NULL;
    const struct mlb_pool *pools[1];

    assert_int_equal(mlb_pool_new(name, NULL, &pool, NULL), MLB_OK);
    for (; *entries; entries++)
        assert_int_equal(mlb_pool_add(pool, *entries, NULL), MLB_OK);
    pools[0] = pool;
    assert_int_equal(mlb_allocator_set_pools(allocator, pools, 1, NULL), MLB_OK);
    mlb_pool_free(pool);
}

static int make(void **state)
{
    static const char *const entries[] = {"192.0.2.10-192.0.2.12", "2001:db8::/126", NULL};
    struct mlb_allocator *allocator = NULL;

    assert_int_equal(mlb_allocator_new(&allocator, NULL), MLB_OK);
    set_pool(allocator, "lan", entries);
    *state = allocator;
    return 0;
}

static int clean(void **state)
{
    mlb_allocator_free(*state);
    return 0;
}

static struct mlb_address address_of(const char *text)
{
    struct mlb_address address;

    assert_int_equal(mlb_address_parse(text, &address, NULL), MLB_OK);
    return address;
}

static void test_messages_name_address_holder_and_rule(void **state)
{
    const struct mlb_address address = address_of("192.0.2.10");
    const struct mlb_port port = {.number = 80, .protocol = MLB_PROTOCOL_TCP};
    const struct mlb_request first = request_of("default/web", &address, &port, "one");
    const struct mlb_request second = request_of("default/api", &address, &port, "two");
    const struct mlb_request third = request_of("default/api", &address, &port, "one");
    struct mlb_diagnostic diagnostic;

    mlb_diagnostic_init(&diagnostic);
    assert_int_equal(mlb_allocator_assign(*state, &first, NULL, NULL), MLB_OK);
    assert_int_equal(mlb_allocator_assign(*state, &second, NULL, &diagnostic), MLB_ERROR_SHARING);
    assert_string_equal(diagnostic.message,
                        "192.0.2.10 is held by default/web under another sharing key");
    assert_int_equal(mlb_allocator_assign(*state, &third, NULL, &diagnostic),
                     MLB_ERROR_PORT_IN_USE);
    assert_string_equal(
        diagnostic.message,
        "192.0.2.10 is shared with default/web, which already uses TCP port 80 there");
    assert_string_equal(diagnostic.subject, "192.0.2.10");
    assert_string_equal(diagnostic.other, "default/web");
}

static void test_portless_sharers_keep_their_protection(void **state)
{
    const struct mlb_address address = address_of("192.0.2.10");
    const struct mlb_request a = request_of("a", &address, NULL, "k");
    const struct mlb_request b = request_of("b", &address, NULL, "k");
    const struct mlb_request c = request_of("c", &address, NULL, "other");

    assert_int_equal(mlb_allocator_assign(*state, &a, NULL, NULL), MLB_OK);
    assert_int_equal(mlb_allocator_assign(*state, &b, NULL, NULL), MLB_OK);
    assert_int_equal(mlb_allocator_release(*state, "a", NULL), MLB_OK);
    assert_int_equal(mlb_allocator_assign(*state, &c, NULL, NULL), MLB_ERROR_SHARING);
}

static void test_shared_address_is_preferred_to_a_lower_free_one(void **state)
{
    const struct mlb_address address = address_of("192.0.2.12");
    const struct mlb_request a = request_of("a", &address, NULL, "k");
    const struct mlb_request b = request_of("b", NULL, NULL, "k");
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    char holder[8];

    assert_int_equal(mlb_allocator_assign(*state, &a, NULL, NULL), MLB_OK);
    assert_int_equal(mlb_allocator_allocate(*state, &b, &assignment, NULL), MLB_OK);
    assert_memory_equal(&assignment.addresses[0], &address, sizeof(address));
    assert_int_equal(mlb_allocator_holder(*state, &address, 1, holder, sizeof(holder), NULL),
                     MLB_OK);
    assert_string_equal(holder, "b");
    assert_int_equal(mlb_allocator_holder(*state, &address, 2, holder, sizeof(holder), NULL),
                     MLB_ERROR_NOT_FOUND);
}

static void test_complete_adds_the_missing_family(void **state)
{
    const struct mlb_request a = request_of("a", NULL, NULL, NULL);
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};

    assert_int_equal(mlb_allocator_complete(*state, &a, NULL, NULL), MLB_ERROR_WRONG_STATE);
    assert_int_equal(mlb_allocator_allocate(*state, &a, NULL, NULL), MLB_OK);
    assert_int_equal(mlb_allocator_complete(*state, &a, &assignment, NULL), MLB_OK);
    assert_int_equal(assignment.address_count, 2);
    assert_int_equal(assignment.addresses[0].family, MLB_FAMILY_IPV4);
    assert_int_equal(assignment.addresses[1].family, MLB_FAMILY_IPV6);
    assert_int_equal(mlb_allocator_complete(*state, &a, NULL, NULL), MLB_ERROR_WRONG_STATE);
}

static void test_other_pools_keep_or_drop_by_address(void **state)
{
    static const char *const smaller[] = {"192.0.2.11-192.0.2.20", NULL};
    const struct mlb_address low = address_of("192.0.2.10");
    const struct mlb_address high = address_of("192.0.2.12");
    const struct mlb_request a = request_of("a", &low, NULL, NULL);
    const struct mlb_request b = request_of("b", &high, NULL, "k");
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    struct mlb_pool_counters counters = {.struct_size = sizeof(counters)};

    assert_int_equal(mlb_allocator_assign(*state, &a, NULL, NULL), MLB_OK);
    assert_int_equal(mlb_allocator_assign(*state, &b, NULL, NULL), MLB_OK);
    set_pool(*state, "renamed", smaller);
    assert_int_equal(mlb_allocator_find(*state, "a", &assignment, NULL), MLB_ERROR_NOT_FOUND);
    assert_int_equal(mlb_allocator_find(*state, "b", &assignment, NULL), MLB_OK);
    assert_string_equal(assignment.pool, "renamed");
    assert_int_equal(mlb_allocator_pool_counters(*state, "renamed", &counters, NULL), MLB_OK);
    assert_int_equal(counters.requests, 1);
    assert_int_equal(counters.available_ipv4.words[0], 9);
}

static void test_overlapping_pools_are_refused(void **state)
{
    struct mlb_pool *pools[2] = {NULL, NULL};
    struct mlb_diagnostic diagnostic;
    char name[16];
    const struct mlb_address address = address_of("192.0.2.10");

    mlb_diagnostic_init(&diagnostic);
    mlb_pool_new("a", NULL, &pools[0], NULL);
    mlb_pool_new("b", NULL, &pools[1], NULL);
    mlb_pool_add(pools[0], "10.0.0.0/24", NULL);
    assert_int_equal(mlb_pool_add(pools[0], "10.0.0.7", &diagnostic), MLB_ERROR_OVERLAP);
    mlb_pool_add(pools[1], "10.0.0.9-10.0.1.4", NULL);
    assert_int_equal(
        mlb_allocator_set_pools(*state, (const struct mlb_pool *const *)pools, 2, &diagnostic),
        MLB_ERROR_OVERLAP);
    assert_non_null(strstr(diagnostic.message, "10.0.0.0/24 of pool a"));
    assert_non_null(strstr(diagnostic.message, "10.0.0.9-10.0.1.4 of pool b"));
    assert_int_equal(mlb_allocator_pool_of(*state, &address, name, sizeof(name), NULL), MLB_OK);
    assert_string_equal(name, "lan");
    mlb_pool_free(pools[0]);
    mlb_pool_free(pools[1]);
}

static void test_wrong_requests(void **state)
{
    const struct mlb_port ports[] = {{.number = 80, .protocol = 6}, {.number = 80, .protocol = 6}};
    struct mlb_request twice = request_of("a", NULL, ports, NULL);
    struct mlb_request nameless = request_of("", NULL, NULL, NULL);
    struct mlb_request unknown = request_of("a", NULL, NULL, NULL);

    twice.port_count = 2;
    unknown.pools = (const char *const[]){"nowhere"};
    assert_int_equal(mlb_allocator_allocate(*state, &twice, NULL, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_allocator_allocate(*state, &nameless, NULL, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_allocator_allocate(*state, &unknown, NULL, NULL), MLB_ERROR_NOT_FOUND);
    assert_int_equal(mlb_allocator_release(*state, "a", NULL), MLB_ERROR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_messages_name_address_holder_and_rule),
        TEST(test_portless_sharers_keep_their_protection),
        TEST(test_shared_address_is_preferred_to_a_lower_free_one),
        TEST(test_complete_adds_the_missing_family),
        TEST(test_other_pools_keep_or_drop_by_address),
        TEST(test_overlapping_pools_are_refused),
        TEST(test_wrong_requests),
    };

    return cmocka_run_group_tests_name("allocator", tests, NULL, NULL);
}
