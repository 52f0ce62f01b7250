/* SPDX-License-Identifier: MIT */
/*
 * A membership without memory; the linker replaces the allocations of the library, and those of
 * libcrypto are turned here.
 */
#include "group_harness.h"

#include <stdlib.h>
#include <string.h>

#include "../../memory/redirect.h"
#include "../../memory/wrapped.h"

#define NO_FAILURE SIZE_MAX

/* More than any call here allocates. */
#define MANY 400

static size_t allocations_left = NO_FAILURE;
static size_t fail_each; /* 0: none; otherwise each of this many fails */
static size_t allocations;

int may_allocate(void)
{
    const size_t number = __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);

    if (fail_each)
        return number % fail_each != 0;
    if (allocations_left == 0)
        return 0;
    allocations_left -= allocations_left != NO_FAILURE;
    return 1;
}

static const struct mlb_membership_key key = {.length = 16};

/* What libcrypto sets up but once, or never, is tried elsewhere: it is there before. */
static int serve_libcrypto(void **state)
{
    static const struct redirection calls[] = {
        {"malloc", (void (*)(void))__wrap_malloc},
        {"realloc", (void (*)(void))__wrap_realloc},
    };
    struct mlb_membership_options options = group_options(0);
    struct mlb_membership *membership = NULL;

    (void)state;
    options.keys = &key;
    options.key_count = 1;
    if (mlb_membership_new(&options, &membership, NULL) != MLB_OK)
        return -1;
    mlb_membership_free(membership);
    return redirect("libcrypto", calls, 2) < 2 ? -1 : 0;
}

static void test_new(void **state)
{
    struct mlb_membership_options options = group_options(0);
    size_t failures = 0;
    int32_t result;

    (void)state;
    options.label = "label";
    options.keys = &key;
    options.key_count = 1;
    options.meta = (const uint8_t *)"meta";
    options.meta_length = 4;
    do {
        struct mlb_membership *membership = NULL;
        struct mlb_diagnostic diagnostic;

        mlb_diagnostic_init(&diagnostic);
        allocations_left = failures;
        result = mlb_membership_new(&options, &membership, &diagnostic);
        allocations_left = NO_FAILURE;
        if (result != MLB_OK) {
            assert_int_equal(result, MLB_ERROR_NO_MEMORY);
            assert_int_equal(diagnostic.code, MLB_ERROR_NO_MEMORY);
            assert_null(membership);
        }
        mlb_membership_free(membership);
    } while (result != MLB_OK && ++failures < MANY);
    assert_int_equal(result, MLB_OK);
    assert_true(failures > 3);
}

/* A list that cannot be kept changes nothing. */
static void test_join(void **state)
{
    static struct group group;
    const char *const seeds[] = {"192.0.2.1", "[2001:db8::1]:1", "name.invalid", "192.0.2.2"};
    size_t failures = 0;
    int32_t result;

    (void)state;
    group_add(&group, 0, NULL);
    do {
        struct mlb_diagnostic diagnostic;

        mlb_diagnostic_init(&diagnostic);
        allocations_left = failures;
        result = mlb_membership_join(group.members[0].membership, seeds, 4, &diagnostic);
        allocations_left = NO_FAILURE;
        if (result != MLB_OK) {
            assert_int_equal(result, MLB_ERROR_NO_MEMORY);
            assert_int_equal(diagnostic.code, MLB_ERROR_NO_MEMORY);
        }
    } while (result != MLB_OK && ++failures < MANY);
    assert_int_equal(result, MLB_OK);
    assert_true(failures > 3);
    group_free(&group);
}

static int has_allocated(const struct group *run, const void *context)
{
    (void)run;
    return __atomic_load_n(&allocations, __ATOMIC_RELAXED) >= *(const size_t *)context;
}

static int32_t set_meta(struct mlb_membership *membership, struct mlb_diagnostic *diagnostic)
{
    return mlb_membership_set_meta(membership, (const uint8_t *)"blue", 4, diagnostic);
}

static int32_t set_facts(struct mlb_membership *membership, struct mlb_diagnostic *diagnostic)
{
    return mlb_membership_set_facts(membership, (const uint8_t *)"facts", 5, diagnostic);
}

static int32_t set_keys(struct mlb_membership *membership, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_membership_key keys[] = {{.length = 16}, {.length = 32}};

    return mlb_membership_set_keys(membership, keys, 2, diagnostic);
}

static int32_t leave(struct mlb_membership *membership, struct mlb_diagnostic *diagnostic)
{
    return mlb_membership_leave(membership, 100, diagnostic);
}

static struct mlb_member self_of(const struct mlb_membership *membership)
{
    struct mlb_member member = {.struct_size = sizeof(member)};

    assert_int_equal(mlb_membership_member(membership, 0, &member, NULL), MLB_OK);
    return member;
}

/* A call that lacks memory says so and changes nothing, and then it succeeds. */
static void test_calls(void **state)
{
    static int32_t (*const calls[])(struct mlb_membership *, struct mlb_diagnostic *) = {
        set_meta, set_facts, set_keys, leave, mlb_membership_return,
    };
    static struct group group;
    size_t refused = 0;

    (void)state;
    group_add(&group, 0, NULL);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        struct mlb_membership *membership = group.members[0].membership;
        const struct mlb_member before = self_of(membership);
        size_t failures = 0;
        int32_t result;

        do {
            struct mlb_diagnostic diagnostic;

            mlb_diagnostic_init(&diagnostic);
            allocations_left = failures;
            result = calls[i](membership, &diagnostic);
            allocations_left = NO_FAILURE;
            if (result == MLB_OK)
                break;
            assert_int_equal(diagnostic.code, result);
            const struct mlb_member after = self_of(membership);

            assert_int_equal(result, MLB_ERROR_NO_MEMORY);
            assert_memory_equal(&before, &after, sizeof(before));
            refused++;
        } while (++failures < MANY);
        assert_int_equal(result, MLB_OK);
        group_run(&group, has_allocated, &(const size_t){0});
    }
    assert_true(refused > 3);
    group_free(&group);
}

/* A group that lacks memory again and again while it works is whole when there is enough. */
static void lack_memory(size_t each)
{
    static struct group group;
    uint8_t facts[2000] = {1};
    size_t enough;

    memset(&group, 0, sizeof(group));
    for (size_t i = 0; i < 3; i++)
        group_add(&group, i, NULL);
    for (size_t i = 1; i < 3; i++)
        group_join(&group, i, (const char *const[]){group_seed(0), "localhost", NULL});
    allocations = 0;
    enough = 8 * each;
    fail_each = each;
    group_run(&group, has_allocated, &enough);
    for (size_t i = 0; i < 3; i++) {
        facts[0]++;
        (void)mlb_membership_set_facts(group.members[i].membership, facts, sizeof(facts), NULL);
    }
    enough += 8 * each;
    group_run(&group, has_allocated, &enough);
    fail_each = 0;
    group_await_alive(&group, 3);
    group_free(&group);
}

static void test_work(void **state)
{
    (void)state;
    lack_memory(2);
    lack_memory(5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_work),
    };

    return cmocka_run_group_tests(tests, serve_libcrypto, NULL);
}
