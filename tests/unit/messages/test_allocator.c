/* SPDX-License-Identifier: MIT */
/*
 * Requests to an allocator that has the pools lan (192.0.2.0/30), lab (10.0.0.0/31) and six
 * (2001:db8::/120); default/web holds 192.0.2.1 with TCP port 80 under the key "public".
 */
#include "table.h"

#include <string.h>

static const char *const names[] = {"lan"};
static const char *const all[] = {"lan", "lab", "six"};
static const struct mlb_port http = {.number = 80, .protocol = MLB_PROTOCOL_TCP};

static struct mlb_request request(const char *id)
{
    return (struct mlb_request){
        .struct_size = sizeof(struct mlb_request),
        .families = MLB_FAMILIES_IPV4,
        .id = id,
        .pools = names,
        .pool_count = 1,
    };
}

static struct mlb_address address_of(const char *text)
{
    struct mlb_address address;

    assert_int_equal(mlb_address_parse(text, &address, NULL), MLB_OK);
    return address;
}

/* A request for one address with a key and a port. */
static int32_t assign(struct mlb_allocator *allocator, const char *id, const char *text,
                      const char *key, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address address = address_of(text);
    struct mlb_request wanted = request(id);

    wanted.addresses = &address;
    wanted.address_count = 1;
    wanted.sharing_key = key;
    wanted.ports = &http;
    wanted.port_count = 1;
    return mlb_allocator_assign(allocator, &wanted, NULL, diagnostic);
}

#define ALLOCATE(name, change)                                            \
    static int32_t name(void *object, struct mlb_diagnostic *diagnostic)  \
    {                                                                     \
        struct mlb_request wanted = request("default/db");                \
                                                                          \
        change;                                                           \
        return mlb_allocator_allocate(object, &wanted, NULL, diagnostic); \
    }

ALLOCATE(no_size, wanted.struct_size = 0)
ALLOCATE(no_id, wanted.id = "")
ALLOCATE(no_pools, wanted.pools = NULL)
ALLOCATE(no_pool, wanted.pool_count = 0)
ALLOCATE(no_families, wanted.families = 0)
ALLOCATE(policy, wanted.dual_stack = 3)
ALLOCATE(primary, wanted.primary_family = 5)
ALLOCATE(reserved, wanted.reserved[1] = 7)
ALLOCATE(reserved2, wanted.reserved2 = 7)
ALLOCATE(no_ports, wanted.port_count = 2)
ALLOCATE(both_of_one, wanted.families = MLB_FAMILIES_BOTH)
ALLOCATE(wrong_family, wanted.families = MLB_FAMILIES_IPV6)
ALLOCATE(pool_without_name, wanted.pools = (const char *const[]){NULL})
ALLOCATE(unknown_pool, wanted.pools = (const char *const[]){"lam"})
ALLOCATE(port_zero, (wanted.ports = &(const struct mlb_port){0}, wanted.port_count = 1))
ALLOCATE(port_twice, (wanted.ports = (const struct mlb_port[]){http, http}, wanted.port_count = 2))

static int32_t no_allocator(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_request wanted = request("default/db");

    (void)object;
    return mlb_allocator_allocate(NULL, &wanted, NULL, diagnostic);
}

static int32_t no_request(void *object, struct mlb_diagnostic *diagnostic)
{
    return mlb_allocator_allocate(object, NULL, NULL, diagnostic);
}

static int32_t small_assignment(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_request wanted = request("default/db");
    struct mlb_assignment assignment = {.struct_size = 8};

    return mlb_allocator_allocate(object, &wanted, &assignment, diagnostic);
}

static int32_t no_address(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_request wanted = request("default/db");

    return mlb_allocator_assign(object, &wanted, NULL, diagnostic);
}

static int32_t addresses_missing(void *object, struct mlb_diagnostic *diagnostic)
{
    struct mlb_request wanted = request("default/db");

    wanted.address_count = 1;
    return mlb_allocator_assign(object, &wanted, NULL, diagnostic);
}

static int32_t address_without_family(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address address = {0};
    struct mlb_request wanted = request("default/db");

    wanted.addresses = &address;
    wanted.address_count = 1;
    return mlb_allocator_assign(object, &wanted, NULL, diagnostic);
}

static int32_t two_of_one_family(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address pair[] = {address_of("192.0.2.2"), address_of("192.0.2.3")};
    struct mlb_request wanted = request("default/db");

    wanted.addresses = pair;
    wanted.address_count = 2;
    return mlb_allocator_assign(object, &wanted, NULL, diagnostic);
}

static int32_t two_pools(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address pair[] = {address_of("192.0.2.2"), address_of("2001:db8::1")};
    struct mlb_request wanted = request("default/db");

    wanted.pools = all;
    wanted.pool_count = 3;
    wanted.addresses = pair;
    wanted.address_count = 2;
    return mlb_allocator_assign(object, &wanted, NULL, diagnostic);
}

static int32_t homeless(void *object, struct mlb_diagnostic *diagnostic)
{
    return assign(object, "default/db", "198.51.100.1", NULL, diagnostic);
}

static int32_t foreign_pool(void *object, struct mlb_diagnostic *diagnostic)
{
    return assign(object, "default/db", "10.0.0.1", NULL, diagnostic);
}

static int32_t taken(void *object, struct mlb_diagnostic *diagnostic)
{
    return assign(object, "default/db", "192.0.2.1", NULL, diagnostic);
}

static int32_t other_key(void *object, struct mlb_diagnostic *diagnostic)
{
    return assign(object, "default/db", "192.0.2.1", "private", diagnostic);
}

static int32_t same_port(void *object, struct mlb_diagnostic *diagnostic)
{
    return assign(object, "default/db", "192.0.2.1", "public", diagnostic);
}

static int32_t complete_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_request wanted = request("default/db");

    return mlb_allocator_complete(object, &wanted, NULL, diagnostic);
}

static int32_t complete_without_room(void *object, struct mlb_diagnostic *diagnostic)
{
    struct mlb_request wanted = request("default/web");

    wanted.sharing_key = "public";
    return mlb_allocator_complete(object, &wanted, NULL, diagnostic);
}

static int32_t no_list(void *object, struct mlb_diagnostic *diagnostic)
{
    return mlb_allocator_set_pools(object, NULL, 2, diagnostic);
}

static int32_t hole_in_list(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_pool *const pools[] = {NULL};

    return mlb_allocator_set_pools(object, pools, 1, diagnostic);
}

/* Two pools of a name and an entry each. */
static int32_t set_two(void *object, const char *name, const char *entry,
                       struct mlb_diagnostic *diagnostic)
{
    struct mlb_pool *pools[2] = {NULL};
    int32_t result;

    assert_int_equal(mlb_pool_new("lan", NULL, &pools[0], NULL), MLB_OK);
    assert_int_equal(mlb_pool_add(pools[0], "192.0.2.0/30", NULL), MLB_OK);
    assert_int_equal(mlb_pool_new(name, NULL, &pools[1], NULL), MLB_OK);
    assert_int_equal(mlb_pool_add(pools[1], entry, NULL), MLB_OK);
    result = mlb_allocator_set_pools(object, (const struct mlb_pool *const *)pools, 2, diagnostic);
    mlb_pool_free(pools[0]);
    mlb_pool_free(pools[1]);
    return result;
}

static int32_t one_name(void *object, struct mlb_diagnostic *diagnostic)
{
    return set_two(object, "lan", "10.0.0.0/24", diagnostic);
}

static int32_t overlap(void *object, struct mlb_diagnostic *diagnostic)
{
    return set_two(object, "lab", "192.0.2.2-192.0.2.9", diagnostic);
}

ALLOCATE(nothing_left, wanted.pool_count = 1)
ALLOCATE(nothing_left_in_two, (wanted.pools = all, wanted.pool_count = 2))

static const struct wrong calls[] = {
    {"no allocator", no_allocator, MLB_ERROR_INVALID_ARGUMENT,
     "there is no allocator (NULL); make one with mlb_allocator_new()"},
    {"no request", no_request, MLB_ERROR_INVALID_ARGUMENT, "there is no request (NULL)"},
    {"no struct_size", no_size, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size is 0; set it to sizeof(struct mlb_request) and all that is not used to zero"},
    {"small assignment", small_assignment, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size of the struct mlb_assignment to write to is 8; set it to sizeof(struct "
     "mlb_assignment)"},
    {"no id", no_id, MLB_ERROR_INVALID_ARGUMENT,
     "the request has no id; give it one that no other has, for example \"namespace/name\""},
    {"no pools", no_pools, MLB_ERROR_INVALID_ARGUMENT,
     "the pool_count of default/db is 1 but its pools are missing (NULL)"},
    {"reserved", reserved, MLB_ERROR_INVALID_ARGUMENT,
     "the member \"reserved\" of default/db is 0, 7, 0; set all to 0"},
    {"reserved2", reserved2, MLB_ERROR_INVALID_ARGUMENT,
     "the member \"reserved2\" of default/db is 7; set it to 0"},
    {"no name of a pool", pool_without_name, MLB_ERROR_INVALID_ARGUMENT,
     "pool 1 of 1 that default/db may use has no name (NULL)"},
    {"may use no pool", no_pool, MLB_ERROR_EXHAUSTED, "default/db may use no pool"},
    {"unknown pool", unknown_pool, MLB_ERROR_NOT_FOUND,
     "default/db asks for pool \"lam\", which does not exist"},
    {"no families", no_families, MLB_ERROR_INVALID_ARGUMENT,
     "the families of default/db are 0; set MLB_FAMILIES_IPV4 (1), MLB_FAMILIES_IPV6 (2) or "
     "MLB_FAMILIES_BOTH (3)"},
    {"dual-stack policy", policy, MLB_ERROR_INVALID_ARGUMENT,
     "the dual_stack of default/db is 3; it can be MLB_DUAL_STACK_SINGLE (0), "
     "MLB_DUAL_STACK_PREFER (1) or MLB_DUAL_STACK_REQUIRE (2)"},
    {"primary family", primary, MLB_ERROR_INVALID_ARGUMENT,
     "the primary_family of default/db is 5; it can be MLB_FAMILY_NONE (0), MLB_FAMILY_IPV4 (4) or "
     "MLB_FAMILY_IPV6 (6)"},
    {"no ports", no_ports, MLB_ERROR_INVALID_ARGUMENT,
     "the port_count of default/db is 2 but its ports are missing (NULL)"},
    {"port 0", port_zero, MLB_ERROR_INVALID_ARGUMENT,
     "port 1 of 1 of default/db has the number 0; it can be 1 to 65535"},
    {"port twice", port_twice, MLB_ERROR_INVALID_ARGUMENT,
     "default/db names port 80 of protocol 6 twice; name it once"},
    {"both families, one address", both_of_one, MLB_ERROR_EXHAUSTED,
     "default/db asks for both families but its policy allows one address only"},
    {"family that the pool lacks", wrong_family, MLB_ERROR_NOT_IN_POOL,
     "default/db asks for an IPv6 address but pool lan has none"},
    {"no address", no_address, MLB_ERROR_INVALID_ARGUMENT,
     "default/db asks for 0 addresses; mlb_allocator_assign() needs 1 or 2"},
    {"count without addresses", addresses_missing, MLB_ERROR_INVALID_ARGUMENT,
     "the address_count of default/db is 1 but its addresses are missing (NULL)"},
    {"no family", address_without_family, MLB_ERROR_INVALID_ARGUMENT,
     "the family of address 1 of 1 of default/db is 0; it can be MLB_FAMILY_IPV4 (4) or "
     "MLB_FAMILY_IPV6 (6)"},
    {"two of one family", two_of_one_family, MLB_ERROR_FAMILY,
     "both addresses of default/db are IPv4; two must be of different families"},
    {"two pools", two_pools, MLB_ERROR_NOT_IN_POOL,
     "192.0.2.2 is in pool lan but 2001:db8::1 is in pool six; both must be in one pool"},
    {"in no pool", homeless, MLB_ERROR_NOT_IN_POOL, "198.51.100.1 is in no pool"},
    {"pool not allowed", foreign_pool, MLB_ERROR_POOL_NOT_ALLOWED,
     "10.0.0.1 is in pool lab, which default/db may not use"},
    {"taken", taken, MLB_ERROR_SHARING,
     "192.0.2.1 is held by default/web, which shares it only under the same sharing key, and this "
     "request has none"},
    {"other key", other_key, MLB_ERROR_SHARING,
     "192.0.2.1 is held by default/web under another sharing key"},
    {"same port", same_port, MLB_ERROR_PORT_IN_USE,
     "192.0.2.1 is shared with default/web, which already uses TCP port 80 there"},
    {"completes nothing", complete_nothing, MLB_ERROR_WRONG_STATE,
     "default/db holds 0 addresses; only who holds one can be given the other family"},
    {"nothing to complete from", complete_without_room, MLB_ERROR_EXHAUSTED,
     "no IPv6 address is left for default/web in pool lan, where its other one is"},
    {"no list of pools", no_list, MLB_ERROR_INVALID_ARGUMENT,
     "the count is 2 but the list of pools is missing (NULL)"},
    {"no pool in the list", hole_in_list, MLB_ERROR_INVALID_ARGUMENT,
     "pool 1 of 1 is missing (NULL)"},
    {"two pools of one name", one_name, MLB_ERROR_EXISTS,
     "two pools have the name lan; give each its own"},
    {"two pools overlap", overlap, MLB_ERROR_OVERLAP,
     "entry 192.0.2.2-192.0.2.9 of pool lab overlaps entry 192.0.2.0/30 of pool lan"},
};

static const struct mlb_address lowest = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}};
static const struct mlb_address free_one = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 2}};
static const struct mlb_address unknown = {.family = MLB_FAMILY_IPV4, .bytes = {198, 51, 100, 1}};
static struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
static struct mlb_pool_counters counters = {.struct_size = sizeof(counters)};
static struct mlb_pool_counters small_counters = {.struct_size = 100};
static char text[16];

CALL(new_nowhere, mlb_allocator_new(NULL, diagnostic))
CALL(release_idle, mlb_allocator_release(object, "default/db", diagnostic))
CALL(release_nobody, mlb_allocator_release(object, NULL, diagnostic))
CALL(release_of_nothing, mlb_allocator_release(NULL, "default/db", diagnostic))
CALL(find_idle, mlb_allocator_find(object, "default/db", &assignment, diagnostic))
CALL(find_nobody, mlb_allocator_find(object, NULL, &assignment, diagnostic))
CALL(find_nowhere, mlb_allocator_find(object, "default/web", NULL, diagnostic))
CALL(find_in_nothing, mlb_allocator_find(NULL, "default/web", &assignment, diagnostic))
CALL(holder_of_free, mlb_allocator_holder(object, &free_one, 0, text, sizeof(text), diagnostic))
CALL(holder_behind, mlb_allocator_holder(object, &lowest, 1, text, sizeof(text), diagnostic))
CALL(holder_short, mlb_allocator_holder(object, &lowest, 0, text, 11, diagnostic))
CALL(holder_nowhere, mlb_allocator_holder(object, &lowest, 0, NULL, 0, diagnostic))
CALL(holder_in_nothing, mlb_allocator_holder(NULL, &lowest, 0, text, sizeof(text), diagnostic))
CALL(pool_of_unknown, mlb_allocator_pool_of(object, &unknown, text, sizeof(text), diagnostic))
CALL(pool_of_nothing, mlb_allocator_pool_of(object, NULL, text, sizeof(text), diagnostic))
CALL(pool_short, mlb_allocator_pool_of(object, &lowest, text, 3, diagnostic))
CALL(pool_in_nothing, mlb_allocator_pool_of(NULL, &lowest, text, sizeof(text), diagnostic))
CALL(count_unknown, mlb_allocator_pool_counters(object, "lam", &counters, diagnostic))
CALL(count_no_pool, mlb_allocator_pool_counters(object, NULL, &counters, diagnostic))
CALL(count_small, mlb_allocator_pool_counters(object, "lan", &small_counters, diagnostic))
CALL(count_in_nothing, mlb_allocator_pool_counters(NULL, "lan", &counters, diagnostic))

#define NO_ALLOCATOR "there is no allocator (NULL); make one with mlb_allocator_new()"

static const struct wrong questions[] = {
    {"no place", new_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no place for the allocator (NULL)"},
    {"releases nothing", release_idle, MLB_ERROR_NOT_FOUND, "\"default/db\" holds no address"},
    {"releases nobody", release_nobody, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"id\" is missing (NULL)"},
    {"releases from nothing", release_of_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ALLOCATOR},
    {"finds nothing", find_idle, MLB_ERROR_NOT_FOUND, "\"default/db\" holds no address"},
    {"finds nobody", find_nobody, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"id\" is missing (NULL)"},
    {"finds into nothing", find_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no struct mlb_assignment to write to (NULL)"},
    {"finds in nothing", find_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ALLOCATOR},
    {"holder of a free one", holder_of_free, MLB_ERROR_NOT_FOUND, "nobody holds 192.0.2.2"},
    {"behind the last holder", holder_behind, MLB_ERROR_NOT_FOUND,
     "192.0.2.1 has 1 holder; there is none with the index 1"},
    {"short buffer for a holder", holder_short, MLB_ERROR_BUFFER_TOO_SMALL,
     "\"default/web\" needs 12 bytes with its NUL but the buffer has 11"},
    {"no buffer for a holder", holder_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"buffer\" is missing (NULL)"},
    {"holder in nothing", holder_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ALLOCATOR},
    {"pool of a stranger", pool_of_unknown, MLB_ERROR_NOT_IN_POOL, "198.51.100.1 is in no pool"},
    {"pool of no address", pool_of_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"address\" is missing (NULL)"},
    {"short buffer for a pool", pool_short, MLB_ERROR_BUFFER_TOO_SMALL,
     "\"lan\" needs 4 bytes with its NUL but the buffer has 3"},
    {"pool in nothing", pool_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ALLOCATOR},
    {"counts an unknown pool", count_unknown, MLB_ERROR_NOT_FOUND, "no pool has the name \"lam\""},
    {"counts no pool", count_no_pool, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"pool\" is missing (NULL)"},
    {"small counters", count_small, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size of the struct mlb_pool_counters to write to is 100; set it to sizeof(struct "
     "mlb_pool_counters)"},
    {"counts in nothing", count_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ALLOCATOR},
};

static const struct wrong full[] = {
    {"one pool", nothing_left, MLB_ERROR_EXHAUSTED,
     "no IPv4 address is left for default/db in pool lan"},
    {"two pools", nothing_left_in_two, MLB_ERROR_EXHAUSTED,
     "no IPv4 address is left for default/db in any of the 2 pools that it may use"},
};

static struct mlb_allocator *make_allocator(void)
{
    static const char *const entries[] = {"192.0.2.0/30", "10.0.0.0/31", "2001:db8::/120"};
    struct mlb_allocator *allocator = NULL;
    struct mlb_pool *pools[COUNT(all)] = {NULL};

    for (size_t i = 0; i < COUNT(all); i++) {
        assert_int_equal(mlb_pool_new(all[i], NULL, &pools[i], NULL), MLB_OK);
        assert_int_equal(mlb_pool_add(pools[i], entries[i], NULL), MLB_OK);
    }
    assert_int_equal(mlb_allocator_new(&allocator, NULL), MLB_OK);
    assert_int_equal(
        mlb_allocator_set_pools(allocator, (const struct mlb_pool *const *)pools, COUNT(all), NULL),
        MLB_OK);
    for (size_t i = 0; i < COUNT(all); i++)
        mlb_pool_free(pools[i]);
    assert_int_equal(assign(allocator, "default/web", "192.0.2.1", "public", NULL), MLB_OK);
    return allocator;
}

static void test_requests(void **state)
{
    struct mlb_allocator *allocator = make_allocator();

    (void)state;
    check_calls(calls, COUNT(calls), allocator);
    check_calls(questions, COUNT(questions), allocator);
    mlb_allocator_free(allocator);
}

static void test_full_pools(void **state)
{
    static const char *const ids[] = {"a/1", "a/2", "a/3", "a/4", "a/5"};
    struct mlb_allocator *allocator = make_allocator();

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        struct mlb_request wanted = request(ids[i]);

        wanted.pools = all;
        wanted.pool_count = 2;
        assert_int_equal(mlb_allocator_allocate(allocator, &wanted, NULL, NULL), MLB_OK);
    }
    check_calls(full, COUNT(full), allocator);
    mlb_allocator_free(allocator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_full_pools),
    };

    return cmocka_run_group_tests_name("messages of the allocator", tests, NULL, NULL);
}
