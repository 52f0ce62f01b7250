/* SPDX-License-Identifier: MIT */
/*
 * Pools, allocator and election without memory: for each call of a scenario every allocation fails
 * once. The call must say so and leave the object as it was, and in the end all must be as if
 * memory had never been short. The linker turns the library's allocations to the ones here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/metallb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../memory/wrapped.h"

#define NO_FAILURE    SIZE_MAX
#define MANY_FAILURES 200
#define SERVICES      40
#define NODES         20
#define STATE_SIZE    16384

static size_t allocations_left = NO_FAILURE;

int may_allocate(void)
{
    if (allocations_left == 0)
        return 0;
    allocations_left -= allocations_left != NO_FAILURE;
    return 1;
}

/* All that the public calls tell of an object, as text. */
struct state {
    size_t length;
    char text[STATE_SIZE];
};

static void note(struct state *state, const char *format, ...)
{
    va_list arguments;
    int written;

    va_start(arguments, format);
    written = vsnprintf(state->text + state->length, STATE_SIZE - state->length, format, arguments);
    va_end(arguments);
    assert_in_range(written, 0, STATE_SIZE - state->length - 1);
    state->length += (size_t)written;
}

static void note_address(struct state *state, const struct mlb_address *address)
{
    char text[MLB_ADDRESS_TEXT_SIZE];

    assert_int_equal(mlb_address_format(address, text, sizeof(text), NULL), MLB_OK);
    note(state, " %s", text);
}

/* One call of a scenario and how to see the object that it works on. */
struct subject {
    void *object;
    void (*describe)(const void *object, struct state *state);
};

static void describe(const struct subject *subject, struct state *state)
{
    *state = (struct state){0};
    subject->describe(subject->object, state);
}

/*
 * Repeats a call with room for one allocation more each time until it succeeds; adds what it needed
 * to *needed.
 */
static void exhaust(const struct subject *subject, int32_t (*call)(void *object, size_t step),
                    size_t step, size_t *needed)
{
    static struct state before;
    static struct state after;
    int32_t result;

    describe(subject, &before);
    for (size_t failures = 0;; failures++) {
        assert_in_range(failures, 0, MANY_FAILURES);
        allocations_left = failures;
        result = call(subject->object, step);
        allocations_left = NO_FAILURE;
        if (result != MLB_ERROR_NO_MEMORY)
            break;
        describe(subject, &after);
        assert_string_equal(before.text, after.text);
        ++*needed;
    }
    assert_int_equal(result, MLB_OK);
}

static void assert_same_state(const struct subject *a, const struct subject *b)
{
    static struct state first;
    static struct state second;

    describe(a, &first);
    describe(b, &second);
    assert_string_equal(first.text, second.text);
}

static const char *const entries[] = {"192.0.2.0/28",  "192.0.2.32-192.0.2.40",
                                      "2001:db8::/64", "198.51.100.7",
                                      "10.0.0.0/8",    "2001:db8:1::1-2001:db8:1::ffff"};

static int32_t add_entry(void *object, size_t step)
{
    return mlb_pool_add(object, entries[step], NULL);
}

static void describe_pool(const void *object, struct state *state)
{
    const struct mlb_pool *pool = object;
    struct mlb_count count;

    note(state, "%s %zu:", mlb_pool_name(pool), mlb_pool_size(pool));
    for (size_t i = 0; i < mlb_pool_size(pool); i++) {
        struct mlb_range range;

        assert_int_equal(mlb_pool_range(pool, i, &range, NULL), MLB_OK);
        note_address(state, &range.first);
        note_address(state, &range.last);
        note(state, " %d", mlb_pool_contains(pool, &range.last));
    }
    assert_int_equal(mlb_pool_count(pool, MLB_FAMILY_NONE, &count, NULL), MLB_OK);
    note(state, " %llu %llu\n", (unsigned long long)count.words[1],
         (unsigned long long)count.words[0]);
}

static void test_pool(void **state)
{
    struct subject starved = {.describe = describe_pool};
    struct subject fed = {.describe = describe_pool};
    struct mlb_pool *pool = NULL;
    size_t needed = 0;

    (void)state;
    allocations_left = 0;
    assert_int_equal(mlb_pool_new("lan", NULL, &pool, NULL), MLB_ERROR_NO_MEMORY);
    allocations_left = NO_FAILURE;
    assert_null(pool);
    assert_int_equal(mlb_pool_new("lan", NULL, &pool, NULL), MLB_OK);
    starved.object = pool;
    assert_int_equal(mlb_pool_new("lan", NULL, &pool, NULL), MLB_OK);
    fed.object = pool;
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        exhaust(&starved, add_entry, i, &needed);
        assert_int_equal(add_entry(fed.object, i), MLB_OK);
    }
    assert_in_range(needed, 2, 100);
    assert_same_state(&starved, &fed);
    mlb_pool_free(starved.object);
    mlb_pool_free(fed.object);
}

static const char *const pool_names[] = {"small", "large", "six"};
static const char *const pool_entries[] = {"192.0.2.0/29", "10.0.0.0/24", "2001:db8::/120"};
static const char *const later_entries[] = {"192.0.2.4/30", "10.0.0.0/24", "2001:db8:2::/120"};

/* From the second time on the pools are others, so that assignments are dropped and moved. */
static int32_t set_pools(void *object, size_t step)
{
    struct mlb_pool *pools[3] = {NULL};
    const char *const *texts = step == 0 ? pool_entries : later_entries;
    const size_t left = allocations_left;
    int32_t result;

    allocations_left = NO_FAILURE;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(mlb_pool_new(pool_names[i], NULL, &pools[i], NULL), MLB_OK);
        assert_int_equal(mlb_pool_add(pools[i], texts[i], NULL), MLB_OK);
    }
    assert_int_equal(mlb_pool_add(pools[1], "2001:db8:1::/64", NULL), MLB_OK);
    allocations_left = left;
    result = mlb_allocator_set_pools(object, (const struct mlb_pool *const *)pools, 3, NULL);
    for (size_t i = 0; i < 3; i++)
        mlb_pool_free(pools[i]);
    return result;
}

static void name_service(size_t number, char *text, size_t size)
{
    snprintf(text, size, "default/service-%zu", number);
}

static int32_t allocate_service(void *object, size_t step)
{
    const struct mlb_port port = {.number = (uint16_t)(1 + step), .protocol = MLB_PROTOCOL_TCP};
    char id[64];
    struct mlb_request request = {
        .struct_size = sizeof(request),
        .families = step % 3 == 0 ? MLB_FAMILIES_BOTH : MLB_FAMILIES_IPV4,
        .dual_stack = MLB_DUAL_STACK_PREFER,
        .id = id,
        .pools = pool_names,
        .pool_count = 3,
        .ports = &port,
        .port_count = 1,
        .sharing_key = step % 4 == 1 ? "shared" : NULL,
    };

    name_service(step, id, sizeof(id));
    return mlb_allocator_allocate(object, &request, NULL, NULL);
}

/* Moves a service to an address of its own choice, shared with its neighbour in the scenario. */
static int32_t assign_service(void *object, size_t step)
{
    const struct mlb_port port = {.number = (uint16_t)(1 + step), .protocol = MLB_PROTOCOL_UDP};
    struct mlb_address address;
    char id[64];
    char text[MLB_ADDRESS_TEXT_SIZE];
    struct mlb_request request = {
        .struct_size = sizeof(request),
        .id = id,
        .pools = pool_names,
        .pool_count = 3,
        .addresses = &address,
        .address_count = 1,
        .ports = &port,
        .port_count = 1,
        .sharing_key = "moved",
    };

    snprintf(text, sizeof(text), "10.0.0.%zu", 100 + step / 2);
    assert_int_equal(mlb_address_parse(text, &address, NULL), MLB_OK);
    name_service(step, id, sizeof(id));
    return mlb_allocator_assign(object, &request, NULL, NULL);
}

/* Adds IPv6 to a service that allocate_service() gave IPv4 alone. */
static int32_t complete_service(void *object, size_t step)
{
    char id[64];
    struct mlb_request request = {
        .struct_size = sizeof(request),
        .families = MLB_FAMILIES_BOTH,
        .dual_stack = MLB_DUAL_STACK_REQUIRE,
        .id = id,
        .pools = pool_names,
        .pool_count = 3,
        .sharing_key = "moved",
    };

    name_service(step, id, sizeof(id));
    return mlb_allocator_complete(object, &request, NULL, NULL);
}

static int32_t release_service(void *object, size_t step)
{
    char id[64];

    name_service(step, id, sizeof(id));
    return mlb_allocator_release(object, id, NULL);
}

static void describe_service(const struct mlb_allocator *allocator, size_t number,
                             struct state *state)
{
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    char id[64];

    name_service(number, id, sizeof(id));
    if (mlb_allocator_find(allocator, id, &assignment, NULL) != MLB_OK)
        return;
    note(state, "%s %s", id, assignment.pool);
    for (uint32_t i = 0; i < assignment.address_count; i++) {
        char holder[64];

        note_address(state, &assignment.addresses[i]);
        for (size_t k = 0; mlb_allocator_holder(allocator, &assignment.addresses[i], k, holder,
                                                sizeof(holder), NULL) == MLB_OK;
             k++)
            note(state, " (%s)", holder);
    }
    note(state, "\n");
}

static void describe_allocator(const void *object, struct state *state)
{
    const struct mlb_allocator *allocator = object;

    for (size_t i = 0; i < 3; i++) {
        struct mlb_pool_counters counters = {.struct_size = sizeof(counters)};

        if (mlb_allocator_pool_counters(allocator, pool_names[i], &counters, NULL) == MLB_OK)
            note(state, "%s %u %llu %llu %llu %llu\n", pool_names[i], counters.requests,
                 (unsigned long long)counters.assigned_ipv4.words[0],
                 (unsigned long long)counters.available_ipv4.words[0],
                 (unsigned long long)counters.assigned_ipv6.words[0],
                 (unsigned long long)counters.available_ipv6.words[0]);
    }
    for (size_t i = 0; i < SERVICES; i++)
        describe_service(allocator, i, state);
}

static void both(const struct subject *starved, const struct subject *fed,
                 int32_t (*call)(void *object, size_t step), size_t step, size_t *needed)
{
    exhaust(starved, call, step, needed);
    assert_int_equal(call(fed->object, step), MLB_OK);
}

static void run_allocator(const struct subject *starved, const struct subject *fed, size_t *needed)
{
    both(starved, fed, set_pools, 0, needed);
    for (size_t i = 0; i < SERVICES; i++)
        both(starved, fed, allocate_service, i, needed);
    for (size_t i = 4; i < 12; i++)
        both(starved, fed, assign_service, i, needed);
    for (size_t i = 4; i < 12; i += 2)
        both(starved, fed, complete_service, i, needed);
    for (size_t i = 20; i < 30; i++)
        both(starved, fed, release_service, i, needed);
    both(starved, fed, set_pools, 1, needed);
    for (size_t i = 20; i < 30; i++)
        both(starved, fed, allocate_service, i, needed);
}

static void test_allocator(void **state)
{
    struct subject starved = {.describe = describe_allocator};
    struct subject fed = {.describe = describe_allocator};
    struct mlb_allocator *allocator = NULL;
    size_t needed = 0;

    (void)state;
    for (size_t failures = 0; allocator == NULL; failures++) {
        assert_in_range(failures, 0, MANY_FAILURES);
        allocations_left = failures;
        (void)mlb_allocator_new(&allocator, NULL);
        allocations_left = NO_FAILURE;
    }
    starved.object = allocator;
    assert_int_equal(mlb_allocator_new(&allocator, NULL), MLB_OK);
    fed.object = allocator;
    run_allocator(&starved, &fed, &needed);
    assert_in_range(needed, 100, 10000);
    assert_same_state(&starved, &fed);
    mlb_allocator_free(starved.object);
    mlb_allocator_free(fed.object);
}

static struct mlb_address service_address(size_t number)
{
    struct mlb_address address;
    char text[MLB_ADDRESS_TEXT_SIZE];

    snprintf(text, sizeof(text), number % 2 ? "2001:db8::%zu" : "192.0.2.%zu", number);
    assert_int_equal(mlb_address_parse(text, &address, NULL), MLB_OK);
    return address;
}

/* A step is a group and the nodes in it: even ones the first nodes, odd ones the last. */
static int32_t set_group(void *object, size_t step)
{
    char names[NODES][16];
    struct mlb_candidate candidates[NODES] = {0};
    const size_t count = 4 + step;

    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "node-%zu", step % 2 ? NODES - i : i);
        candidates[i].name = names[i];
    }
    return mlb_election_set_group(object, (uint32_t)(step % 3), candidates, count, NULL);
}

static int32_t set_address(void *object, size_t step)
{
    const struct mlb_address address = service_address(step);

    return mlb_election_set_address(object, &address, (uint32_t)(step % 3), NULL);
}

static int32_t move_address(void *object, size_t step)
{
    const struct mlb_address address = service_address(step);

    return mlb_election_set_address(object, &address, (uint32_t)((step + 1) % 3), NULL);
}

static void describe_election(const void *object, struct state *state)
{
    for (size_t i = 0; i < SERVICES; i++) {
        struct mlb_election_result result = {.struct_size = sizeof(result)};
        const struct mlb_address address = service_address(i);

        if (mlb_election_find(object, &address, &result, NULL) != MLB_OK)
            continue;
        note_address(state, &address);
        for (uint32_t k = 0; k < result.count; k++)
            note(state, " %s", result.names[k]);
        note(state, "\n");
    }
}

static void run_election(const struct subject *starved, const struct subject *fed, size_t *needed)
{
    for (size_t i = 0; i < 3; i++)
        both(starved, fed, set_group, i, needed);
    for (size_t i = 0; i < SERVICES; i++)
        both(starved, fed, set_address, i, needed);
    for (size_t i = 3; i < 16; i++)
        both(starved, fed, set_group, i, needed);
    for (size_t i = 0; i < SERVICES; i += 2)
        both(starved, fed, move_address, i, needed);
    for (size_t i = 16; i-- > 3;)
        both(starved, fed, set_group, i, needed);
}

static size_t count_changed(struct mlb_election *election)
{
    struct mlb_address address;
    size_t count = 0;

    while (mlb_election_next_changed(election, &address, NULL) == 1)
        count++;
    return count;
}

static void test_election(void **state)
{
    struct subject starved = {.describe = describe_election};
    struct subject fed = {.describe = describe_election};
    struct mlb_election *election = NULL;
    size_t needed = 0;

    (void)state;
    for (size_t failures = 0; election == NULL; failures++) {
        assert_in_range(failures, 0, MANY_FAILURES);
        allocations_left = failures;
        (void)mlb_election_new(NULL, &election, NULL);
        allocations_left = NO_FAILURE;
    }
    starved.object = election;
    assert_int_equal(mlb_election_new(NULL, &election, NULL), MLB_OK);
    fed.object = election;
    run_election(&starved, &fed, &needed);
    assert_in_range(needed, 50, 10000);
    assert_same_state(&starved, &fed);
    assert_int_equal(count_changed(starved.object), count_changed(fed.object));
    mlb_election_free(starved.object);
    mlb_election_free(fed.object);
}

static int32_t rank(void *object, size_t step)
{
    static const struct mlb_candidate candidates[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    const struct mlb_address address = service_address(step);

    return mlb_election_rank(&address, candidates, 3, object, step, NULL);
}

static void describe_ranking(const void *object, struct state *state)
{
    const uint32_t *ranking = object;

    note(state, "%u %u %u\n", ranking[0], ranking[1], ranking[2]);
}

static void test_ranking(void **state)
{
    uint32_t ranking[2][3] = {{9, 9, 9}, {9, 9, 9}};
    const struct subject starved = {ranking[0], describe_ranking};
    const struct subject fed = {ranking[1], describe_ranking};
    size_t needed = 0;

    (void)state;
    for (size_t capacity = 1; capacity <= 3; capacity++)
        both(&starved, &fed, rank, capacity, &needed);
    assert_in_range(needed, 3, 100);
    assert_same_state(&starved, &fed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_allocator),
        cmocka_unit_test(test_election),
        cmocka_unit_test(test_ranking),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
