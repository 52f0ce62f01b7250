/* SPDX-License-Identifier: MIT */
/* Each allocation of the reconcilers fails once: nothing leaks, and what was there stays usable. */
#include "fixture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../memory/wrapped.h"
#include "reconcile/announcements.h"
#include "reconcile/services.h"

#define NO_FAILURE    (-1)
#define MANY_FAILURES 10000

/* Allocations that succeed before all others fail. */
static long allowance = NO_FAILURE;

int may_allocate(void)
{
    if (allowance > 0)
        allowance--;
    else if (allowance == 0)
        return 0;
    return 1;
}

static const char text[] = LAN NODE("a") NODE("b") HELD("name: x", "", "{ip: 192.0.2.1}")
    SERVICE("name: y, annotations: {metallb.io/loadBalancerIPs: 192.0.2.2}",
            "externalTrafficPolicy: Local, selector: {app: y}, ports: [{port: 80}]")
        SERVICE("name: z", "ipFamilyPolicy: PreferDualStack") STATUS("gone", "{ip: 192.0.2.4}")
            ENDPOINTS("x", ON("a") ", " ON("b")) ENDPOINTS("y", ON("b"))
                ADVERTISEMENT("more", "{serviceSelectors: [{matchLabels: {app: x}}]}");

static void services_without_memory(void **state)
{
    (void)state;
    struct object_set objects;
    objects_read(text, &objects);
    objects.incomplete = true;
    long failures = 0;
    for (int result = -1; result != 0; failures++) {
        struct service_reconciler *reconciler = NULL;
        struct service_results results = {0};
        assert_int_equal(service_reconciler_new(NULL, &reconciler), 0);
        allowance = failures;
        result = service_reconciler_run(reconciler, &objects, NULL, &results);
        allowance = NO_FAILURE;
        if (result != 0)
            assert_null(results.services);
        assert_int_equal(service_reconciler_run(reconciler, &objects, NULL, &results), 0);
        assert_int_equal(results.service_count, 3);
        service_reconciler_free(reconciler);
        assert_in_range(failures, 0, MANY_FAILURES);
    }
    assert_in_range(failures, 2, MANY_FAILURES);
    object_set_clear(&objects);
}

#define SMALL LAN HELD("name: x", "", "{ip: 192.0.2.1}") SERVICE("name: z", "ports: [{port: 81}]")

static void expect_address(const struct service_reconciler *reconciler, const char *name,
                           const char *expected)
{
    const struct service_result *result = service_reconciler_find(reconciler, "default", name);
    char address[MLB_ADDRESS_TEXT_SIZE] = "";
    assert_non_null(result);
    if (result->address_count > 0)
        mlb_address_format(&result->addresses[0], address, sizeof(address), NULL);
    assert_string_equal(address, expected);
}

/* One service goes and one comes; a failure in between is made good by the next run. */
static void small_changes_without_memory(void **state)
{
    (void)state;
    static const struct service_key keys[] = {{"default", "x"}, {"default", "y"}};
    const struct object_changes changes = {
        .kinds = OBJECT_BIT(OBJECT_SERVICE), .services = keys, .service_count = 2};
    struct object_set before;
    struct object_set after;
    objects_read(SMALL, &before);
    objects_read(LAN SERVICE("name: y", "") SERVICE("name: z", "ports: [{port: 81}]"), &after);
    long failures = 0;
    for (int result = -1; result != 0; failures++) {
        struct service_reconciler *reconciler = NULL;
        struct service_results results = {0};
        assert_int_equal(service_reconciler_new(NULL, &reconciler), 0);
        assert_int_equal(service_reconciler_run(reconciler, &before, NULL, &results), 0);
        allowance = failures;
        result = service_reconciler_run(reconciler, &after, &changes, &results);
        allowance = NO_FAILURE;
        if (result != 0) {
            expect_address(reconciler, "x", "192.0.2.1");
            result = service_reconciler_run(reconciler, &after, &changes, &results) == 0 ? -1 : -2;
            assert_int_equal(result, -1);
        }
        expect_address(reconciler, "y", "192.0.2.1");
        expect_address(reconciler, "z", "192.0.2.0");
        assert_null(service_reconciler_find(reconciler, "default", "x"));
        service_reconciler_free(reconciler);
        assert_in_range(failures, 0, MANY_FAILURES);
    }
    assert_in_range(failures, 3, MANY_FAILURES);
    object_set_clear(&before);
    object_set_clear(&after);
}

/* A run that fails leaves the results of the one before, whose names must still be there. */
static int run_again(struct announcement_reconciler *reconciler, const struct object_set *objects,
                     long failures)
{
    static const struct live_node first[] = {{.name = "a"}, {.name = "b"}};
    static const struct live_node second[] = {{.name = "b"}, {.name = "c"}};
    struct announcements results = {0};
    struct announcement_input input = {
        .objects = objects, .generation = 1, .live = first, .live_count = 2};
    assert_int_equal(announcement_reconciler_run(reconciler, &input, &results), 0);
    const struct address_decision *former = results.addresses;
    allowance = failures;
    input.live = second;
    input.generation = 2;
    int result = announcement_reconciler_run(reconciler, &input, &results);
    allowance = NO_FAILURE;
    if (result != 0) {
        assert_ptr_equal(results.addresses, former);
        assert_non_null(results.addresses[0].owner);
        assert_int_equal(strlen(results.addresses[0].owner), 1);
    }
    assert_int_equal(announcement_reconciler_run(reconciler, &input, &results), 0);
    assert_string_equal(results.addresses[0].owner, "b");
    return result;
}

static void announcements_without_memory(void **state)
{
    (void)state;
    struct object_set objects;
    objects_read(text, &objects);
    long failures = 0;
    for (int result = -1; result != 0; failures++) {
        struct announcement_options options = {.node_name = "b"};
        struct announcement_reconciler *reconciler = NULL;
        assert_int_equal(announcement_reconciler_new(&options, &reconciler), 0);
        result = run_again(reconciler, &objects, failures);
        announcement_reconciler_free(reconciler);
        assert_in_range(failures, 0, MANY_FAILURES);
    }
    assert_in_range(failures, 3, MANY_FAILURES);
    object_set_clear(&objects);
}

static void handles_without_memory(void **state)
{
    (void)state;
    struct announcement_options options = {.node_name = "b", .load_balancer_class = "x"};
    struct service_reconciler_options class = {.load_balancer_class = "x"};
    for (long failures = 0; failures < 4; failures++) {
        struct announcement_reconciler *announcements = NULL;
        struct service_reconciler *services = NULL;
        allowance = failures;
        int first = announcement_reconciler_new(&options, &announcements);
        allowance = failures;
        int second = service_reconciler_new(&class, &services);
        allowance = NO_FAILURE;
        assert_int_equal(first == 0, failures >= 3);
        assert_int_equal(announcements != NULL, failures >= 3);
        assert_int_equal(second == 0, failures >= 2);
        announcement_reconciler_free(announcements);
        service_reconciler_free(services);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_without_memory),
        cmocka_unit_test(small_changes_without_memory),
        cmocka_unit_test(announcements_without_memory),
        cmocka_unit_test(handles_without_memory),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
