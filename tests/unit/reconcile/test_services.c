/* SPDX-License-Identifier: MIT */
/* The controller's rules: what each service gets. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/services.h"

struct fixture {
    struct object_set objects;
    struct service_reconciler *reconciler;
    struct service_results results;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL || service_reconciler_new(NULL, &fixture->reconciler) != 0)
        return -1;
    object_set_init(&fixture->objects);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    service_reconciler_free(fixture->reconciler);
    object_set_clear(&fixture->objects);
    free(fixture);
    return 0;
}

/* The former objects must live while the run replaces what points to them. */
static void run_with(struct fixture *fixture, const char *text, bool incomplete)
{
    struct object_set former = fixture->objects;
    objects_read(text, &fixture->objects);
    fixture->objects.incomplete = incomplete;
    assert_int_equal(
        service_reconciler_run(fixture->reconciler, &fixture->objects, NULL, &fixture->results), 0);
    object_set_clear(&former);
}

static void run(struct fixture *fixture, const char *text)
{
    run_with(fixture, text, false);
}

static const struct service_result *find(const struct fixture *fixture, const char *name)
{
    for (size_t i = 0; i < fixture->results.service_count; i++) {
        if (strcmp(service_results_at(&fixture->results, i)->name, name) == 0)
            return service_results_at(&fixture->results, i);
    }
    fail_msg("no result for %s", name);
    return NULL;
}

/* Addresses of a service, with blanks between them. */
static void expect(const struct fixture *fixture, const char *name, const char *addresses)
{
    const struct service_result *result = find(fixture, name);
    char text[256] = "";
    for (size_t i = 0; i < result->address_count; i++) {
        char one[MLB_ADDRESS_TEXT_SIZE];
        assert_int_equal(mlb_address_format(&result->addresses[i], one, sizeof(one), NULL), MLB_OK);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 0 ? " " : "", one);
    }
    assert_string_equal(text, addresses);
}

static void expect_error(const struct fixture *fixture, const char *name, const char *part)
{
    const struct service_result *result = find(fixture, name);
    assert_non_null(result->error);
    if (strstr(result->error, part) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", name, result->error, part);
}

static void gives_automatic_addresses_in_creation_order(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN SERVICE("name: a, creationTimestamp: '2024-01-02T00:00:00Z'", "")
                     SERVICE("name: b, creationTimestamp: '2024-01-01T00:00:00Z'", "")
                         SERVICE("name: c", ""));
    expect(fixture, "c", "192.0.2.0");
    expect(fixture, "b", "192.0.2.1");
    expect(fixture, "a", "192.0.2.2");
    assert_string_equal(find(fixture, "a")->pool, "lan");
    assert_null(find(fixture, "a")->error);
    assert_true(find(fixture, "a")->changed);
}

static void existing_addresses_come_before_new_ones(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN SERVICE("name: a", "") HELD("name: z", "", "{ip: 192.0.2.0}"));
    expect(fixture, "z", "192.0.2.0");
    expect(fixture, "a", "192.0.2.1");
    assert_false(find(fixture, "z")->changed);
}

static void the_first_of_two_that_claim_one_keeps_it(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN HELD("name: a, creationTimestamp: '2024-01-02T00:00:00Z'", "", "{ip: 192.0.2.3}")
            HELD("name: b, creationTimestamp: '2024-01-01T00:00:00Z'", "", "{ip: 192.0.2.3}"));
    expect(fixture, "b", "192.0.2.3");
    expect(fixture, "a", "192.0.2.0");
}

static void two_that_may_share_keep_one_address(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN HELD("name: a, annotations: {metallb.io/allow-shared-ip: k}",
                          "ports: [{port: 80}]", "{ip: 192.0.2.3}")
                     HELD("name: b, annotations: {metallb.universe.tf/allow-shared-ip: k}",
                          "ports: [{port: 81}]", "{ip: 192.0.2.3}"));
    expect(fixture, "a", "192.0.2.3");
    expect(fixture, "b", "192.0.2.3");
}

static void requested_addresses_come_before_automatic_ones(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN SERVICE("name: a", "") SERVICE("name: b", "loadBalancerIP: 192.0.2.0"));
    expect(fixture, "b", "192.0.2.0");
    expect(fixture, "a", "192.0.2.1");
}

static void reads_requests(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN SERVICE(
            "name: a, annotations: {metallb.io/loadBalancerIPs: ' 192.0.2.2 , 2001:db8::2'}", "")
            SERVICE("name: b, annotations: {metallb.universe.tf/loadBalancerIPs: 192.0.2.3}", "")
                SERVICE("name: c, annotations: {metallb.io/loadBalancerIPs: '',"
                        " metallb.universe.tf/loadBalancerIPs: 192.0.2.5}",
                        "") SERVICE("name: d, annotations: {metallb.io/loadBalancerIPs: 192.0.2.6}",
                                    "loadBalancerIP: 192.0.2.6")
                    SERVICE("name: e, annotations: {metallb.io/loadBalancerIPs: '192.0.2.6,'}", "")
                        SERVICE("name: f, annotations: {metallb.io/loadBalancerIPs:"
                                " '192.0.2.6,192.0.2.7'}",
                                "") SERVICE("name: g, annotations: {metallb.io/loadBalancerIPs:"
                                            " '192.0.2.6,2001:db8::6,192.0.2.7'}",
                                            "") SERVICE("name: h", "loadBalancerIP: 198.51.100.1"));
    expect(fixture, "a", "192.0.2.2 2001:db8::2");
    expect(fixture, "b", "192.0.2.3");
    expect(fixture, "c", "192.0.2.0");
    expect_error(fixture, "d", "both");
    expect_error(fixture, "e", "surplus comma");
    expect_error(fixture, "f", "one family");
    expect_error(fixture, "g", "more than two");
    expect_error(fixture, "h", "198.51.100.1");
}

static void families_come_from_the_first_that_tells(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN SERVICE("name: a", "clusterIPs: ['fd00::1'], ipFamilies: [IPv4]") SERVICE(
            "name: b", "ipFamilies: [IPv6]") SERVICE("name: c", "loadBalancerIP: '2001:db8::5'")
            SERVICE("name: d", "ipFamilyPolicy: PreferDualStack")
                SERVICE("name: e", "ipFamilyPolicy: RequireDualStack")
                    SERVICE("name: f", "ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv4]")
                        SERVICE("name: g", "ipFamilies: [IPv4, IPv6]")
                            SERVICE("name: h", "clusterIPs: [None]"));
    expect(fixture, "a", "2001:db8::");
    expect(fixture, "b", "2001:db8::1");
    expect(fixture, "c", "2001:db8::5");
    expect(fixture, "d", "192.0.2.0 2001:db8::2");
    expect(fixture, "e", "192.0.2.1 2001:db8::3");
    expect_error(fixture, "f", "RequireDualStack needs both families");
    expect_error(fixture, "g", "ipFamilyPolicy");
    expect_error(fixture, "h", "do not tell");
}

static void a_family_that_cannot_be_told_keeps_what_is_held(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN HELD("name: a", "clusterIPs: [None]", "{ip: 192.0.2.4}"));
    expect(fixture, "a", "192.0.2.4");
    expect_error(fixture, "a", "do not tell");
}

static void prefer_dual_stack_takes_the_primary_family_where_no_pool_has_both(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        POOL("four", "{addresses: [192.0.2.0/29]}") POOL("six", "{addresses: ['2001:db8::/125']}")
            SERVICE("name: a", "ipFamilyPolicy: PreferDualStack")
                SERVICE("name: b", "ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv6, IPv4]")
                    SERVICE("name: c", "ipFamilyPolicy: RequireDualStack"));
    expect(fixture, "a", "192.0.2.0");
    expect(fixture, "b", "2001:db8::");
    expect_error(fixture, "c", "no available IPs");
}

static void the_second_family_is_completed_from_the_same_pool(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN HELD("name: a", "ipFamilyPolicy: PreferDualStack", "{ip: '2001:db8::4'}"));
    expect(fixture, "a", "2001:db8::4 192.0.2.0");
}

static void one_cluster_ip_means_one_address_that_stays(void **state)
{
    struct fixture *fixture = *state;
    const char *before = LAN HELD("name: a",
                                  "clusterIPs: [10.0.0.1], "
                                  "ipFamilyPolicy: PreferDualStack",
                                  "{ip: 192.0.2.4}, {ip: '2001:db8::4'}");
    for (int i = 0; i < 3; i++) {
        run(fixture, before);
        expect(fixture, "a", "192.0.2.4");
        before = LAN HELD("name: a", "clusterIPs: [10.0.0.1], ipFamilyPolicy: PreferDualStack",
                          "{ip: 192.0.2.4}");
    }
}

static void a_change_of_family_changes_the_address(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN HELD("name: a", "clusterIPs: ['fd00::1']", "{ip: 192.0.2.4}"));
    expect(fixture, "a", "2001:db8::");
}

static void the_order_of_held_addresses_stays(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN HELD("name: a, annotations: {metallb.io/loadBalancerIPs: "
                 "'192.0.2.1,2001:db8::1'}",
                 "ipFamilyPolicy: RequireDualStack", "{ip: '2001:db8::1'}, {ip: 192.0.2.1}"));
    expect(fixture, "a", "2001:db8::1 192.0.2.1");
    assert_false(find(fixture, "a")->changed);
}

static void another_request_changes_the_address(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN HELD("name: a", "loadBalancerIP: 192.0.2.5", "{ip: 192.0.2.4}")
                     HELD("name: b", "loadBalancerIP: nonsense", "{ip: 192.0.2.6}"));
    expect(fixture, "a", "192.0.2.5");
    expect(fixture, "b", "192.0.2.6");
    expect_error(fixture, "b", "not an IP address");
}

static void pools_by_priority_then_name(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        POOL("b-open", "{addresses: [10.0.6.0/32]}") POOL("a-open", "{addresses: [10.0.5.0/32]}")
            POOL("zero", "{addresses: [10.0.4.0/32], serviceAllocation: {priority: 0}}")
                POOL("b-ten", "{addresses: [10.0.3.0/32], serviceAllocation: {priority: 10}}")
                    POOL("a-ten", "{addresses: [10.0.2.0/32], serviceAllocation: {priority: 10}}")
                        POOL("nine", "{addresses: [10.0.1.0/32], serviceAllocation: {priority: 9}}")
                            POOL("manual", "{addresses: [10.0.0.0/32], autoAssign: false}")
                                SERVICE("name: a", "") SERVICE("name: b", "") SERVICE("name: c", "")
                                    SERVICE("name: d", "") SERVICE("name: e", "")
                                        SERVICE("name: f", "") SERVICE("name: g", ""));
    expect(fixture, "a", "10.0.1.0");
    expect(fixture, "b", "10.0.2.0");
    expect(fixture, "c", "10.0.3.0");
    expect(fixture, "d", "10.0.4.0");
    expect(fixture, "e", "10.0.5.0");
    expect(fixture, "f", "10.0.6.0");
    expect_error(fixture, "g", "no available IPs");
}

static void a_service_allocation_closes_a_pool(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, POOL("closed", "{addresses: [10.0.0.0/32], serviceAllocation: "
                                "{namespaceSelectors: [{matchLabels: {team: x}}]}}")
                     POOL("labels", "{addresses: [10.0.1.0/32], serviceAllocation: "
                                    "{serviceSelectors: [{matchLabels: {app: x}}]}}")
                         SERVICE("name: a", "loadBalancerIP: 10.0.0.0")
                             SERVICE("name: b, annotations: {metallb.io/address-pool: closed}", "")
                                 SERVICE("name: c, labels: {app: x}", "") SERVICE("name: d", ""));
    expect_error(fixture, "a", "10.0.0.0");
    expect_error(fixture, "b", "closed");
    expect(fixture, "c", "10.0.1.0");
    expect_error(fixture, "d", "no available IPs");
}

static void a_namespace_opens_a_pool(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, POOL("team", "{addresses: [10.0.0.0/31], serviceAllocation: "
                              "{namespaces: [other], namespaceSelectors: [{matchLabels: {team: "
                              "x}}]}}") "---\napiVersion: v1\nkind: Namespace\n"
                                        "metadata: {name: blue, labels: {team: x}}\n" SERVICE(
                                            "name: a, namespace: blue", "")
                                            SERVICE("name: b, namespace: other", "")
                                                SERVICE("name: c, namespace: red", ""));
    expect(fixture, "a", "10.0.0.0");
    expect(fixture, "b", "10.0.0.1");
    expect_error(fixture, "c", "no available IPs");
}

static void a_pool_can_be_named(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN POOL("manual", "{addresses: [10.0.0.0/31], autoAssign: false}")
            HELD("name: a, annotations: {metallb.io/address-pool: manual}", "", "{ip: 192.0.2.1}")
                SERVICE("name: b, annotations: {metallb.io/address-pool: none}", "")
                    SERVICE("name: c, annotations: {metallb.io/address-pool: lan}",
                            "loadBalancerIP: 10.0.0.1"));
    expect(fixture, "a", "10.0.0.0");
    expect_error(fixture, "b", "no pool none");
    expect_error(fixture, "c", "not in pool lan");
}

static void local_services_share_by_selector(void **state)
{
    struct fixture *fixture = *state;
#define LOCAL(name, port, selector)                                                                \
    SERVICE("name: " name ", annotations: {metallb.io/allow-shared-ip: k}",                        \
            "externalTrafficPolicy: Local, loadBalancerIP: 192.0.2.1, ports: [{port: " port "}], " \
            "selector: {" selector "}")
    run(fixture, LAN LOCAL("a", "80", "x: '1', y: '2'") LOCAL("b", "81", "y: '2', x: '1'")
                     LOCAL("c", "82", "x: '1'") LOCAL("d", "83", ""));
    expect(fixture, "a", "192.0.2.1");
    expect(fixture, "b", "192.0.2.1");
    assert_non_null(find(fixture, "c")->error);
    assert_non_null(find(fixture, "d")->error);
}

/* MetalLB would let them share, because both have no selector to compare. */
static void a_local_service_without_selector_shares_with_nobody(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN SERVICE("name: a, annotations: {metallb.io/allow-shared-ip: k}",
                    "loadBalancerIP: 192.0.2.1, ports: [{port: 80}]") LOCAL("b", "81", ""));
    expect(fixture, "a", "192.0.2.1");
    expect(fixture, "b", "");
    expect_error(fixture, "b", "192.0.2.1");
    expect_error(fixture, "b", "no selector");
}

static void classes_are_told_apart(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN HELD("name: a", "loadBalancerClass: example.com/x", "{ip: 192.0.2.1}"));
    assert_int_equal(find(fixture, "a")->condition, SERVICE_OTHER_CLASS);
    assert_int_equal(find(fixture, "a")->address_count, 0);
    assert_false(find(fixture, "a")->changed);
    struct service_reconciler_options options = {.load_balancer_class = "example.com/x"};
    service_reconciler_free(fixture->reconciler);
    fixture->reconciler = NULL;
    assert_int_equal(service_reconciler_new(&options, &fixture->reconciler), 0);
    run(fixture, LAN HELD("name: a", "loadBalancerClass: example.com/x", "{ip: 192.0.2.1}")
                     SERVICE("name: b", ""));
    expect(fixture, "a", "192.0.2.1");
    assert_int_equal(find(fixture, "b")->condition, SERVICE_OTHER_CLASS);
}

static void other_types_are_cleared(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN "---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
            "spec: {type: ClusterIP}\n"
            "status: {loadBalancer: {ingress: [{ip: 192.0.2.0}]}}\n" SERVICE("name: b", ""));
    assert_int_equal(find(fixture, "a")->condition, SERVICE_NOT_BALANCED);
    assert_true(find(fixture, "a")->changed);
    expect(fixture, "b", "192.0.2.0");
}

static void without_pools_nothing_is_held(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, HELD("name: a", "", "{ip: 192.0.2.0}"));
    expect(fixture, "a", "");
    expect_error(fixture, "a", "no IPAddressPool");
    run_with(fixture, HELD("name: a", "", "{ip: 192.0.2.0}"), true);
    expect(fixture, "a", "192.0.2.0");
    assert_int_equal(find(fixture, "a")->condition, SERVICE_KEPT);
}

static void nothing_is_released_while_objects_are_missing(void **state)
{
    struct fixture *fixture = *state;
    const char *text = LAN HELD("name: a", "", "{ip: 198.51.100.1}")
        HELD("name: b, annotations: {metallb.io/address-pool: lost}", "", "{ip: 192.0.2.1}")
            HELD("name: c", "loadBalancerIP: 198.51.100.2", "{ip: 192.0.2.2}")
                STATUS("gone", "{ip: 192.0.2.0}") SERVICE("name: d", "");
    run_with(fixture, text, true);
    expect(fixture, "a", "198.51.100.1");
    assert_null(find(fixture, "a")->pool);
    expect(fixture, "b", "192.0.2.1");
    assert_int_equal(find(fixture, "b")->condition, SERVICE_KEPT);
    expect(fixture, "c", "192.0.2.2");
    expect(fixture, "d", "192.0.2.3");
    assert_int_equal(fixture->results.orphan_count, 1);
    assert_string_equal(fixture->results.orphans[0].service->object.name, "gone");
    assert_int_equal(fixture->results.orphans[0].address_count, 1);
}

static void of_two_kept_addresses_each_is_reserved(void **state)
{
    struct fixture *fixture = *state;
    run_with(fixture,
             LAN HELD("name: a", "ipFamilies: [IPv4, IPv6]", "{ip: 192.0.2.0}, {ip: '3fff::1'}")
                 SERVICE("name: d", ""),
             true);
    expect(fixture, "a", "192.0.2.0 3fff::1");
    expect(fixture, "d", "192.0.2.1");
}

static void what_is_gone_is_released_once_all_is_known(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN HELD("name: a", "", "{ip: 198.51.100.1}") STATUS("gone", "{ip: 192.0.2.0}")
                     SERVICE("name: d", ""));
    expect(fixture, "a", "192.0.2.0");
    expect(fixture, "d", "192.0.2.1");
    assert_int_equal(fixture->results.orphan_count, 0);
}

static void a_run_remembers_what_is_not_written_yet(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN SERVICE("name: b", ""));
    expect(fixture, "b", "192.0.2.0");
    run(fixture, LAN SERVICE("name: a", "") SERVICE("name: b", ""));
    expect(fixture, "b", "192.0.2.0");
    expect(fixture, "a", "192.0.2.1");
    run(fixture, LAN SERVICE("name: a", ""));
    run(fixture, LAN SERVICE("name: a", "") SERVICE("name: b", ""));
    expect(fixture, "a", "192.0.2.1");
    expect(fixture, "b", "192.0.2.0");
}

static void counts_are_exact(void **state)
{
    struct fixture *fixture = *state;
    char text[MLB_COUNT_TEXT_SIZE];
    run(fixture, LAN POOL("all", "{addresses: ['fd00::/8']}") SERVICE("name: a", "") SERVICE(
                     "name: b, annotations: {metallb.io/address-pool: all}", "ipFamilies: [IPv6]"));
    assert_int_equal(fixture->results.pool_count, 2);
    assert_string_equal(fixture->results.pools[0].pool->object.name, "all");
    mlb_count_format(&fixture->results.pools[0].counters.available_ipv6, text, sizeof(text), NULL);
    assert_string_equal(text, "1329227995784915872903807060280344575");
    mlb_count_format(&fixture->results.pools[1].counters.assigned_ipv4, text, sizeof(text), NULL);
    assert_string_equal(text, "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_automatic_addresses_in_creation_order, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(existing_addresses_come_before_new_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_of_two_that_claim_one_keeps_it, setup, teardown),
        cmocka_unit_test_setup_teardown(two_that_may_share_keep_one_address, setup, teardown),
        cmocka_unit_test_setup_teardown(requested_addresses_come_before_automatic_ones, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(reads_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(families_come_from_the_first_that_tells, setup, teardown),
        cmocka_unit_test_setup_teardown(a_family_that_cannot_be_told_keeps_what_is_held, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            prefer_dual_stack_takes_the_primary_family_where_no_pool_has_both, setup, teardown),
        cmocka_unit_test_setup_teardown(the_second_family_is_completed_from_the_same_pool, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(one_cluster_ip_means_one_address_that_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_change_of_family_changes_the_address, setup, teardown),
        cmocka_unit_test_setup_teardown(the_order_of_held_addresses_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(another_request_changes_the_address, setup, teardown),
        cmocka_unit_test_setup_teardown(pools_by_priority_then_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_service_allocation_closes_a_pool, setup, teardown),
        cmocka_unit_test_setup_teardown(a_namespace_opens_a_pool, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pool_can_be_named, setup, teardown),
        cmocka_unit_test_setup_teardown(local_services_share_by_selector, setup, teardown),
        cmocka_unit_test_setup_teardown(a_local_service_without_selector_shares_with_nobody, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(classes_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(other_types_are_cleared, setup, teardown),
        cmocka_unit_test_setup_teardown(without_pools_nothing_is_held, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_released_while_objects_are_missing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_two_kept_addresses_each_is_reserved, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_gone_is_released_once_all_is_known, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_run_remembers_what_is_not_written_yet, setup, teardown),
        cmocka_unit_test_setup_teardown(counts_are_exact, setup, teardown),
    };
    return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
