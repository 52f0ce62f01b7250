/* SPDX-License-Identifier: MIT */
/* What comes into force of objects that are good by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objects/admission.h"
#include "objects/manifest.h"

struct fixture {
    struct object *items[64];
    size_t count;
    struct object_set set;
    struct problem_list problems;
};

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return *state == NULL ? -1 : 0;
}

static void drop_candidates(struct fixture *fixture)
{
    for (size_t i = 0; i < fixture->count; i++)
        object_unref(fixture->items[i]);
    fixture->count = 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    drop_candidates(fixture);
    object_set_clear(&fixture->set);
    problem_list_clear(&fixture->problems);
    free(fixture);
    return 0;
}

static void add(struct fixture *fixture, const char *file, const char *text)
{
    struct problem_list problems = {0};
    struct manifest manifest;

    assert_int_equal(manifest_parse(file, text, strlen(text), MANIFEST_YAML, &manifest, &problems),
                     0);
    assert_int_equal(problems.count, 0);
    for (size_t i = 0; i < manifest.count; i++)
        fixture->items[fixture->count++] = object_ref(manifest.items[i]);
    manifest_clear(&manifest);
}

static void add_pool(struct fixture *fixture, const char *file, const char *name,
                     const char *addresses)
{
    char text[512];

    snprintf(text, sizeof(text),
             "{apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: {name: %s}, "
             "spec: {addresses: [%s]}}",
             name, addresses);
    add(fixture, file, text);
}

static void add_service(struct fixture *fixture, const char *file, const char *spec,
                        const char *address)
{
    char text[512];

    snprintf(text, sizeof(text),
             "{apiVersion: v1, kind: Service, metadata: {name: web}, %s "
             "status: {loadBalancer: {ingress: [{ip: %s}]}}}",
             spec, address);
    add(fixture, file, text);
}

#define SPEC "spec: {type: LoadBalancer},"

static void admit(struct fixture *fixture, const struct object_set *in_force)
{
    object_set_clear(&fixture->set);
    problem_list_clear(&fixture->problems);
    assert_int_equal(
        admission_run(in_force, fixture->items, fixture->count, &fixture->set, &fixture->problems),
        0);
}

static struct ip_address_pool *pool(const struct fixture *fixture, const char *name)
{
    return (struct ip_address_pool *)object_set_find(&fixture->set, OBJECT_IP_ADDRESS_POOL,
                                                     "default", name);
}

/* Makes what is admitted the set in force of the next round. */
static struct object_set next_round(struct fixture *fixture)
{
    struct object_set in_force = fixture->set;

    object_set_init(&fixture->set);
    drop_candidates(fixture);
    return in_force;
}

static void test_the_later_duplicate_is_refused(void **state)
{
    struct fixture *fixture = *state;

    add_pool(fixture, "a", "p", "192.0.2.1");
    add_pool(fixture, "b", "p", "192.0.2.9");
    admit(fixture, NULL);
    assert_int_equal(fixture->problems.count, 1);
    assert_string_equal(fixture->problems.items[0].file, "b");
    assert_string_equal(pool(fixture, "p")->entries.items[0], "192.0.2.1");
}

static void test_a_new_duplicate_does_not_replace_what_is_in_force(void **state)
{
    struct fixture *fixture = *state;
    struct object_set in_force;

    add_pool(fixture, "b", "p", "192.0.2.9");
    admit(fixture, NULL);
    in_force = next_round(fixture);
    add_pool(fixture, "a", "p", "192.0.2.1");
    add_pool(fixture, "b", "p", "192.0.2.9");
    admit(fixture, &in_force);
    assert_string_equal(pool(fixture, "p")->entries.items[0], "192.0.2.9");
    assert_true(fixture->problems.count > 0);
    assert_string_equal(fixture->problems.items[0].file, "a");
    object_set_clear(&in_force);
}

static void test_a_pool_name_is_global(void **state)
{
    struct fixture *fixture = *state;

    add_pool(fixture, "a", "p", "192.0.2.1");
    add(fixture, "b",
        "{apiVersion: metallb.io/v1beta1, kind: AddressPool, metadata: {name: p, namespace: other},"
        " spec: {protocol: layer2, addresses: [192.0.2.9]}}");
    admit(fixture, NULL);
    assert_int_equal(fixture->problems.count, 1);
    assert_string_equal(fixture->problems.items[0].object, "AddressPool/other/p");
    assert_int_equal(fixture->set.lists[OBJECT_IP_ADDRESS_POOL].count, 1);
}

static void test_status_wins_from_a_manifest_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    const struct service *service;

    add_service(fixture, "a", "", "192.0.2.7");
    add_service(fixture, "b", SPEC, "192.0.2.1");
    admit(fixture, NULL);
    assert_int_equal(fixture->problems.count, 0);
    assert_int_equal(fixture->set.lists[OBJECT_SERVICE].count, 1);
    service = (const struct service *)fixture->set.lists[OBJECT_SERVICE].items[0];
    assert_true(service->is_load_balancer);
    assert_int_equal(service->ingress[0].bytes[3], 7);
    assert_string_equal(service->object.file, "b");
}

static void test_a_status_alone_is_kept_aside(void **state)
{
    struct fixture *fixture = *state;

    add_service(fixture, "a", "", "192.0.2.7");
    admit(fixture, NULL);
    assert_int_equal(fixture->set.lists[OBJECT_SERVICE].count, 0);
    assert_int_equal(fixture->set.statuses.count, 1);
    assert_int_equal(fixture->problems.count, 1);
    assert_int_equal(fixture->problems.items[0].severity, PROBLEM_WARNING);
}

static void test_two_statuses_are_one_too_many(void **state)
{
    struct fixture *fixture = *state;

    add_service(fixture, "a", SPEC, "192.0.2.1");
    add_service(fixture, "b", "", "192.0.2.2");
    add_service(fixture, "c", "", "192.0.2.3");
    admit(fixture, NULL);
    assert_int_equal(fixture->problems.count, 1);
    assert_string_equal(fixture->problems.items[0].file, "c");
    assert_int_equal(
        ((struct service *)fixture->set.lists[OBJECT_SERVICE].items[0])->ingress[0].bytes[3], 2);
}

static void test_overlap_at_the_start_goes_by_name(void **state)
{
    struct fixture *fixture = *state;

    add_pool(fixture, "a", "zulu", "192.0.2.0/24");
    add_pool(fixture, "b", "alfa", "'198.51.100.1', 192.0.2.128/25");
    admit(fixture, NULL);
    assert_non_null(pool(fixture, "alfa"));
    assert_null(pool(fixture, "zulu"));
    assert_true(fixture->set.incomplete);
    assert_true(fixture->problems.count > 0);
    assert_string_equal(fixture->problems.items[0].object, "IPAddressPool/default/zulu");
    assert_string_equal(fixture->problems.items[0].field, "spec.addresses[0]");
    assert_non_null(strstr(fixture->problems.items[0].message, "alfa"));
}

static void test_overlap_at_the_start_goes_by_assignments_first(void **state)
{
    struct fixture *fixture = *state;

    add_pool(fixture, "a", "alfa", "192.0.2.128/25");
    add_pool(fixture, "a", "zulu", "192.0.2.0/24");
    add_service(fixture, "b", SPEC, "192.0.2.1");
    admit(fixture, NULL);
    assert_null(pool(fixture, "alfa"));
    assert_non_null(pool(fixture, "zulu"));
}

static void test_what_is_in_force_beats_what_is_new(void **state)
{
    struct fixture *fixture = *state;
    struct object_set in_force;

    add_pool(fixture, "a", "zulu", "192.0.2.0/24");
    admit(fixture, NULL);
    in_force = next_round(fixture);
    add_pool(fixture, "a", "zulu", "192.0.2.0/24");
    add_pool(fixture, "b", "alfa", "192.0.2.0/25");
    admit(fixture, &in_force);
    assert_non_null(pool(fixture, "zulu"));
    assert_null(pool(fixture, "alfa"));
    assert_false(fixture->set.incomplete);
    object_set_clear(&in_force);
}

static void test_a_pool_that_grows_into_another_keeps_its_version(void **state)
{
    struct fixture *fixture = *state;
    struct object_set in_force;

    add_pool(fixture, "a", "alfa", "192.0.2.0/25");
    add_pool(fixture, "a", "zulu", "192.0.2.128/25");
    admit(fixture, NULL);
    in_force = next_round(fixture);
    add_pool(fixture, "a", "alfa", "192.0.2.0/24");
    add_pool(fixture, "a", "zulu", "192.0.2.128/25");
    admit(fixture, &in_force);
    assert_string_equal(pool(fixture, "alfa")->entries.items[0], "192.0.2.0/25");
    assert_string_equal(pool(fixture, "zulu")->entries.items[0], "192.0.2.128/25");
    assert_int_equal(fixture->problems.count, 1);
    assert_string_equal(fixture->problems.items[0].object, "IPAddressPool/default/alfa");
    object_set_clear(&in_force);
}

static void test_two_pools_may_exchange_their_ranges(void **state)
{
    struct fixture *fixture = *state;
    struct object_set in_force;

    add_pool(fixture, "a", "alfa", "192.0.2.0/25");
    add_pool(fixture, "a", "zulu", "192.0.2.128/25");
    admit(fixture, NULL);
    in_force = next_round(fixture);
    add_pool(fixture, "a", "alfa", "192.0.2.128/25");
    add_pool(fixture, "a", "zulu", "192.0.2.0/25");
    admit(fixture, &in_force);
    assert_int_equal(fixture->problems.count, 0);
    assert_string_equal(pool(fixture, "alfa")->entries.items[0], "192.0.2.128/25");
    object_set_clear(&in_force);
}

static void test_a_version_that_stays_defends_its_ranges(void **state)
{
    struct fixture *fixture = *state;
    struct object_set in_force;

    add_pool(fixture, "a", "alfa", "10.0.0.0/24");
    add_pool(fixture, "a", "mike", "10.0.1.0/24");
    add_pool(fixture, "a", "zulu", "10.0.2.0/24");
    admit(fixture, NULL);
    in_force = next_round(fixture);
    /* alfa wants what zulu leaves, zulu cannot leave because mike stays. */
    add_pool(fixture, "a", "alfa", "10.0.2.0/24");
    add_pool(fixture, "a", "mike", "10.0.1.0/24");
    add_pool(fixture, "a", "zulu", "10.0.1.0/24");
    admit(fixture, &in_force);
    assert_string_equal(pool(fixture, "zulu")->entries.items[0], "10.0.2.0/24");
    assert_string_equal(pool(fixture, "alfa")->entries.items[0], "10.0.0.0/24");
    assert_int_equal(fixture->problems.count, 2);
    object_set_clear(&in_force);
}

static void test_review(void **state)
{
    struct fixture *fixture = *state;
    struct problem_list warnings = {0};

    add_pool(fixture, "a", "lonely", "192.0.2.1");
    add_pool(fixture, "a", "named", "192.0.2.2");
    add(fixture, "b",
        "apiVersion: metallb.io/v1beta1\nkind: L2AdvertisementList\nitems:\n"
        "- {metadata: {name: good}, spec: {ipAddressPools: [named]}}\n"
        "- {metadata: {name: vain}, spec: {ipAddressPools: [missing]}}\n"
        "- {metadata: {name: nowhere}, spec: {ipAddressPools: [named], nodeSelectors: "
        "[{matchLabels: {a: b}}]}}\n");
    admit(fixture, NULL);
    admission_review(&fixture->set, &warnings);
    assert_int_equal(warnings.count, 2);
    assert_string_equal(warnings.items[0].object, "IPAddressPool/default/lonely");
    assert_string_equal(warnings.items[1].object, "L2Advertisement/default/vain");
    problem_list_clear(&warnings);

    add(fixture, "c", "{apiVersion: v1, kind: Node, metadata: {name: n}}");
    admit(fixture, NULL);
    admission_review(&fixture->set, &warnings);
    assert_int_equal(warnings.count, 3);
    assert_string_equal(warnings.items[1].object, "L2Advertisement/default/nowhere");
    assert_string_equal(warnings.items[1].field, "spec.nodeSelectors");
    problem_list_clear(&warnings);
}

static void test_selectors(void **state)
{
    struct fixture *fixture = *state;
    const struct l2_advertisement *advertisement;
    char key[] = "zone";
    char value[] = "b";
    struct label one = {key, value};
    struct labels labels = {&one, 1};
    struct labels none = {0};
    const struct selector *selectors;

    add(fixture, "a",
        "apiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata: {name: l}\nspec:\n"
        "  nodeSelectors:\n  - {matchLabels: {zone: b}}\n"
        "  - {matchExpressions: [{key: zone, operator: NotIn, values: [a]}]}\n"
        "  - {matchExpressions: [{key: zone, operator: Exists}]}\n"
        "  - {matchExpressions: [{key: zone, operator: DoesNotExist}]}\n"
        "  - {}\n");
    advertisement = (const struct l2_advertisement *)fixture->items[0];
    selectors = advertisement->node_selectors.items;
    assert_true(selector_matches(&selectors[0], &labels));
    assert_false(selector_matches(&selectors[0], &none));
    assert_true(selector_matches(&selectors[1], &labels));
    assert_true(selector_matches(&selectors[1], &none));
    assert_true(selector_matches(&selectors[2], &labels));
    assert_false(selector_matches(&selectors[2], &none));
    assert_false(selector_matches(&selectors[3], &labels));
    assert_true(selector_matches(&selectors[4], &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_later_duplicate_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_new_duplicate_does_not_replace_what_is_in_force,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_pool_name_is_global, setup, teardown),
        cmocka_unit_test_setup_teardown(test_status_wins_from_a_manifest_of_its_own, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_status_alone_is_kept_aside, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_statuses_are_one_too_many, setup, teardown),
        cmocka_unit_test_setup_teardown(test_overlap_at_the_start_goes_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_overlap_at_the_start_goes_by_assignments_first, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_is_in_force_beats_what_is_new, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_pool_that_grows_into_another_keeps_its_version,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_pools_may_exchange_their_ranges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_version_that_stays_defends_its_ranges, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_review, setup, teardown),
        cmocka_unit_test_setup_teardown(test_selectors, setup, teardown),
    };

    return cmocka_run_group_tests_name("objects-admission", tests, NULL, NULL);
}
