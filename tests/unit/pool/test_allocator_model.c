/* SPDX-License-Identifier: MIT */
/* Thousands of random operations, each compared with a model that walks over all addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS   40
#define FIRST      250 /* the pool is 10.0.0.250-10.0.1.20, without 10.0.0.255 and 10.0.1.0 */
#define LAST       276
#define OPERATIONS 20000

/* What the model knows of a request: where it is, 0 for nowhere, and under which key and port. */
struct model_request {
    unsigned address;
    unsigned key; /* 0: shares with nobody */
    unsigned port;
};

static const char *const keys[] = {"", "a", "b"};

static int model_accepts(const struct model_request *model, unsigned id, unsigned address,
                         unsigned key, unsigned port)
{
    for (unsigned i = 0; i < REQUESTS; i++) {
        if (i == id || model[i].address != address)
            continue;
        if (key == 0 || model[i].key != key)
            return MLB_ERROR_SHARING;
        if (model[i].port == port)
            return MLB_ERROR_PORT_IN_USE;
    }
    return MLB_OK;
}

static int model_is_used(const struct model_request *model, unsigned address)
{
    for (unsigned i = 0; i < REQUESTS; i++)
        if (model[i].address == address)
            return 1;
    return 0;
}

static int is_left_out(unsigned address)
{
    return (address & 255) == 0 || (address & 255) == 255;
}

/* The lowest address shared already, else the lowest free one, else 0. */
static unsigned model_choose(const struct model_request *model, unsigned id, unsigned key,
                             unsigned port)
{
    for (unsigned address = FIRST; key > 0 && address <= LAST; address++)
        if (model_is_used(model, address) && model_accepts(model, id, address, key, port) == MLB_OK)
            return address;
    for (unsigned address = FIRST; address <= LAST; address++)
        if (!is_left_out(address) && !model_is_used(model, address))
            return address;
    return 0;
}

static void check_all(const struct mlb_allocator *allocator, const struct model_request *model)
{
    struct mlb_pool_counters counters = {.struct_size = sizeof(counters)};
    uint64_t used = 0;

    for (unsigned i = 0; i < REQUESTS; i++) {
        struct mlb_assignment found = {.struct_size = sizeof(found)};
        char id[16];

        snprintf(id, sizeof(id), "r%u", i);
        assert_int_equal(mlb_allocator_find(allocator, id, &found, NULL),
                         model[i].address ? MLB_OK : MLB_ERROR_NOT_FOUND);
        if (model[i].address)
            assert_int_equal(found.addresses[0].bytes[2] * 256 + found.addresses[0].bytes[3],
                             model[i].address);
    }
    for (unsigned address = FIRST; address <= LAST; address++)
        used += (uint64_t)model_is_used(model, address);
    assert_int_equal(mlb_allocator_pool_counters(allocator, "pool", &counters, NULL), MLB_OK);
    assert_int_equal(counters.assigned_ipv4.words[0], used);
    assert_int_equal(counters.available_ipv4.words[0], LAST - FIRST + 1 - 2 - used);
}

static void step(struct mlb_allocator *allocator, struct model_request *model, unsigned *seed)
{
    static const char *const pools[] = {"pool"};
    const unsigned i = (unsigned)rand_r(seed) % REQUESTS;
    const unsigned key = (unsigned)rand_r(seed) % 3;
    const unsigned number = 1 + (unsigned)rand_r(seed) % 3;
    const unsigned operation = (unsigned)rand_r(seed) % 4;
    const unsigned wanted = FIRST + (unsigned)rand_r(seed) % (LAST - FIRST + 1);
    const struct mlb_port port = {.number = (uint16_t)number, .protocol = MLB_PROTOCOL_TCP};
    const struct mlb_address address = {
        .family = MLB_FAMILY_IPV4,
        .bytes = {10, 0, (uint8_t)(wanted >> 8), (uint8_t)wanted},
    };
    char id[16];
    const struct mlb_request request = {
        .struct_size = sizeof(request),
        .families = MLB_FAMILIES_IPV4,
        .id = id,
        .pools = pools,
        .addresses = &address,
        .ports = &port,
        .sharing_key = keys[key],
        .pool_count = 1,
        .address_count = 1,
        .port_count = 1,
    };
    unsigned result_address = wanted;
    int32_t expected;
    int32_t result;

    snprintf(id, sizeof(id), "r%u", i);
    if (operation == 0) {
        result = mlb_allocator_release(allocator, id, NULL);
        assert_int_equal(result, model[i].address ? MLB_OK : MLB_ERROR_NOT_FOUND);
        model[i].address = 0;
        return;
    }
    if (operation == 1) {
        result = mlb_allocator_assign(allocator, &request, NULL, NULL);
        expected = is_left_out(wanted) ? MLB_ERROR_NOT_IN_POOL
                                       : model_accepts(model, i, wanted, key, number);
    } else {
        result = mlb_allocator_allocate(allocator, &request, NULL, NULL);
        result_address = model[i].address ? model[i].address : model_choose(model, i, key, number);
        expected = result_address == 0 ? MLB_ERROR_EXHAUSTED
                                       : model_accepts(model, i, result_address, key, number);
    }
    assert_int_equal(result, expected);
    if (result == MLB_OK)
        model[i] = (struct model_request){.address = result_address, .key = key, .port = number};
}

static void set_pool(struct mlb_allocator *allocator, const char *const *entries, size_t count)
{
    const struct mlb_pool_options options = {sizeof(options), MLB_POOL_AVOID_BUGGY};
    struct mlb_pool *pool = NULL;
    const struct mlb_pool *pools[1];

    assert_int_equal(mlb_pool_new("pool", &options, &pool, NULL), MLB_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(mlb_pool_add(pool, entries[i], NULL), MLB_OK);
    pools[0] = pool;
    assert_int_equal(mlb_allocator_set_pools(allocator, pools, 1, NULL), MLB_OK);
    mlb_pool_free(pool);
}

static void test_random_operations(void **state)
{
    static const char *const whole[] = {"10.0.0.250-10.0.1.20"};
    static const char *const split[] = {"10.0.0.250-10.0.1.7", "10.0.1.8-10.0.1.20"};
    struct model_request model[REQUESTS] = {{0}};
    struct mlb_allocator *allocator = NULL;
    unsigned seed = 42;

    (void)state;
    assert_int_equal(mlb_allocator_new(&allocator, NULL), MLB_OK);
    set_pool(allocator, whole, 1);
    for (unsigned i = 0; i < OPERATIONS; i++) {
        step(allocator, model, &seed);
        if (i % 500 == 0)
            set_pool(allocator, i % 1000 == 0 ? whole : split, i % 1000 == 0 ? 1 : 2);
        if (i % 10 == 0)
            check_all(allocator, model);
    }
    mlb_allocator_free(allocator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_operations),
    };

    return cmocka_run_group_tests_name("allocator-model", tests, NULL, NULL);
}
