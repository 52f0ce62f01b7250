/* SPDX-License-Identifier: MIT */
/* What good manifests become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objects/manifest.h"
#include "objects/tree.h"

struct fixture {
    struct manifest manifest;
    struct problem_list problems;
};

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    manifest_clear(&fixture->manifest);
    problem_list_clear(&fixture->problems);
    free(fixture);
    return 0;
}

static void parse(struct fixture *fixture, enum manifest_format format, const char *text)
{
    assert_int_equal(
        manifest_parse("file", text, strlen(text), format, &fixture->manifest, &fixture->problems),
        0);
}

static struct object *parse_one(struct fixture *fixture, const char *text)
{
    parse(fixture, MANIFEST_YAML, text);
    for (size_t i = 0; i < fixture->problems.count; i++)
        print_error("%u: %s: %s\n", fixture->problems.items[i].line,
                    fixture->problems.items[i].field, fixture->problems.items[i].message);
    assert_int_equal(fixture->problems.count, 0);
    assert_int_equal(fixture->manifest.count, 1);
    return fixture->manifest.items[0];
}

static void test_pool(void **state)
{
    struct fixture *fixture = *state;
    struct ip_address_pool *pool = (struct ip_address_pool *)parse_one(
        fixture, "# a comment\n"
                 "apiVersion: metallb.io/v1beta1\n"
                 "kind: IPAddressPool\n"
                 "metadata:\n"
                 "  name: lan\n"
                 "  namespace: metallb-system\n"
                 "  labels: {zone: b, area: a}\n"
                 "  creationTimestamp: 2026-01-02T03:04:05Z\n"
                 "spec:\n"
                 "  addresses: [192.0.2.0/24, 'fd00::1-fd00::9']\n"
                 "  autoAssign: false\n"
                 "  avoidBuggyIPs: true\n"
                 "  serviceAllocation:\n"
                 "    priority: 5\n"
                 "    namespaces: [one]\n"
                 "    namespaceSelectors: [{matchLabels: {team: red}}]\n"
                 "    serviceSelectors:\n"
                 "    - matchExpressions:\n"
                 "      - {key: app, operator: NotIn, values: [b, a]}\n");
    struct mlb_address first = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 0}};

    assert_int_equal(pool->object.kind, OBJECT_IP_ADDRESS_POOL);
    assert_string_equal(pool->object.name, "lan");
    assert_string_equal(pool->object.namespace_, "metallb-system");
    assert_int_equal(pool->object.line, 2);
    assert_string_equal(pool->object.file, "file");
    assert_int_equal(pool->object.created, 1767323045);
    assert_string_equal(pool->object.labels.items[0].key, "area");
    assert_string_equal(labels_get(&pool->object.labels, "zone"), "b");
    assert_int_equal(mlb_pool_size(pool->pool), 2);
    assert_int_equal(mlb_pool_contains(pool->pool, &first), 0);
    assert_string_equal(pool->entries.items[1], "fd00::1-fd00::9");
    assert_false(pool->auto_assign);
    assert_true(pool->has_service_allocation);
    assert_int_equal(pool->priority, 5);
    assert_true(string_list_contains(&pool->namespaces, "one"));
    assert_int_equal(pool->namespace_selectors.count, 1);
    assert_int_equal(pool->service_selectors.items[0].requirements[0].operator, SELECTOR_NOT_IN);
    assert_false(pool->is_own_advertisement);
}

static void test_pool_defaults(void **state)
{
    struct ip_address_pool *pool = (struct ip_address_pool *)parse_one(
        *state, "{apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: {name: a},"
                " spec: {addresses: [192.0.2.1], serviceAllocation: {}}}");

    assert_string_equal(pool->object.namespace_, "default");
    assert_true(pool->auto_assign);
    assert_false(pool->avoid_buggy_ips);
    assert_true(pool->has_service_allocation);
    assert_int_equal(pool->priority, 0);
}

static void test_older_pool_is_its_own_advertisement(void **state)
{
    struct ip_address_pool *pool = (struct ip_address_pool *)parse_one(
        *state, "{apiVersion: metallb.io/v1alpha1, kind: AddressPool, metadata: {name: old},"
                " spec: {protocol: layer2, addresses: [192.0.2.0/28]}}");

    assert_true(pool->is_own_advertisement);
    assert_true(pool->auto_assign);
    assert_string_equal(pool->object.kind_text, "AddressPool");
}

static void test_advertisement(void **state)
{
    struct l2_advertisement *advertisement = (struct l2_advertisement *)parse_one(
        *state, "apiVersion: metallb.io/v1beta1\n"
                "kind: L2Advertisement\n"
                "metadata: {name: all}\n"
                "spec:\n"
                "  ipAddressPools: [lan, wan]\n"
                "  ipAddressPoolSelectors: [{}]\n"
                "  nodeSelectors: [{matchExpressions: [{key: x, operator: Exists}]}]\n"
                "  interfaces: [eth0, eth0]\n"
                "  preferredNodeSelectors:\n"
                "  - {weight: 100, preference: {matchLabels: {a: b}}}\n");

    assert_int_equal(advertisement->pools.count, 2);
    assert_int_equal(advertisement->pool_selectors.count, 1);
    assert_int_equal(advertisement->pool_selectors.items[0].count, 0);
    assert_int_equal(advertisement->interfaces.count, 2);
    assert_int_equal(advertisement->preference_count, 1);
    assert_int_equal(advertisement->preferences[0].weight, 100);
}

static void test_advertisement_without_spec(void **state)
{
    const struct object *object = parse_one(
        *state, "{apiVersion: metallb.io/v1beta1, kind: L2Advertisement, metadata: {name: all}}");

    assert_int_equal(((const struct l2_advertisement *)object)->pools.count, 0);
}

static void test_service(void **state)
{
    struct service *service = (struct service *)parse_one(
        *state, "apiVersion: v1\n"
                "kind: Service\n"
                "metadata:\n"
                "  name: web\n"
                "  namespace: shop\n"
                "  creationTimestamp: null\n"
                "  annotations: {metallb.io/loadBalancerIPs: nonsense}\n"
                "spec:\n"
                "  type: LoadBalancer\n"
                "  externalTrafficPolicy: Local\n"
                "  ipFamilyPolicy: PreferDualStack\n"
                "  ipFamilies: [IPv6, IPv4]\n"
                "  clusterIPs: [fd00::7, 10.0.0.7]\n"
                "  clusterIP: fd00::7\n"
                "  selector: {app: web}\n"
                "  loadBalancerIP: not an address\n"
                "  loadBalancerClass: mine\n"
                "  ports:\n"
                "  - {port: 80, targetPort: http}\n"
                "  - {port: 80, protocol: UDP}\n"
                "status:\n"
                "  loadBalancer:\n"
                "    ingress: [{ip: 192.0.2.1}, {hostname: a.example}, {ip: '2001:db8::1'}]\n");

    assert_true(service->is_load_balancer);
    assert_false(service->status_only);
    assert_int_equal(service->policy, TRAFFIC_POLICY_LOCAL);
    assert_int_equal(service->ip_family_policy, IP_FAMILY_POLICY_PREFER);
    assert_int_equal(service->ip_family_count, 2);
    assert_int_equal(service->ip_families[0], MLB_FAMILY_IPV6);
    assert_int_equal(service->cluster_ips.count, 2);
    assert_int_equal(service->port_count, 2);
    assert_int_equal(service->ports[0].protocol, MLB_PROTOCOL_TCP);
    assert_int_equal(service->ports[1].protocol, MLB_PROTOCOL_UDP);
    assert_string_equal(service->load_balancer_ip, "not an address");
    assert_string_equal(service->load_balancer_class, "mine");
    assert_int_equal(service->ingress_count, 2);
    assert_int_equal(service->ingress[1].family, MLB_FAMILY_IPV6);
    assert_int_equal(service->object.created, 0);
}

static void test_empty_texts_of_a_service_are_none(void **state)
{
    const struct service *service = (const struct service *)parse_one(
        *state, "apiVersion: v1\n"
                "kind: Service\n"
                "metadata: {name: web, namespace: '', creationTimestamp: null, labels: null}\n"
                "spec: {type: LoadBalancer, externalTrafficPolicy: '', ipFamilyPolicy: '',\n"
                "  clusterIP: '', loadBalancerIP: '', loadBalancerClass: '', ports:\n"
                "  [{port: 80, protocol: ''}]}\n"
                "status: {loadBalancer: {}}\n");

    assert_true(service->is_load_balancer);
    assert_int_equal(service->policy, TRAFFIC_POLICY_CLUSTER);
    assert_int_equal(service->ip_family_policy, IP_FAMILY_POLICY_NONE);
    assert_int_equal(service->cluster_ips.count, 0);
    assert_int_equal(service->ports[0].protocol, MLB_PROTOCOL_TCP);
    assert_null(service->load_balancer_ip);
    assert_null(service->load_balancer_class);
}

static void test_service_with_a_status_alone(void **state)
{
    struct service *service = (struct service *)parse_one(
        *state, "{apiVersion: v1, kind: Service, metadata: {name: web},"
                " status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}}");

    assert_true(service->status_only);
    assert_int_equal(service->ingress_count, 1);
}

static void test_unreadable_status_counts_as_none(void **state)
{
    static const char *const statuses[] = {
        "{loadBalancer: {ingress: [{ip: nonsense}, {ip: 7}, {}, text]}}",
        "{loadBalancer: {ingress: {ip: 192.0.2.1}}}",
        "{loadBalancer: text}",
        "text",
    };

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct fixture fixture = {0};
        char text[512];

        snprintf(text, sizeof(text),
                 "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: LoadBalancer}"
                 ", status: %s}",
                 statuses[i]);
        parse(&fixture, MANIFEST_YAML, text);
        assert_int_equal(fixture.manifest.count, 1);
        assert_int_equal(((struct service *)fixture.manifest.items[0])->ingress_count, 0);
        assert_true(fixture.problems.count > 0);
        assert_true(fixture.problems.count > 0);
        assert_int_equal(fixture.problems.items[0].severity, PROBLEM_NOTICE);
        manifest_clear(&fixture.manifest);
        problem_list_clear(&fixture.problems);
    }
    (void)state;
}

static void test_surplus_ingress_counts_as_none(void **state)
{
    struct fixture *fixture = *state;
    const struct service *service;

    parse(fixture, MANIFEST_YAML,
          "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {}, status: {loadBalancer: "
          "{ingress: [{ip: 192.0.2.1}, {ip: 192.0.2.2}, {ip: '::1'}, {ip: '::2'}]}}}");
    assert_int_equal(fixture->manifest.count, 1);
    service = (const struct service *)fixture->manifest.items[0];
    assert_int_equal(service->ingress_count, 2);
    assert_int_equal(service->ingress[0].bytes[3], 1);
    assert_int_equal(fixture->problems.count, 2);
}

static void test_endpoint_slice(void **state)
{
    struct endpoint_slice *slice = (struct endpoint_slice *)parse_one(
        *state, "apiVersion: discovery.k8s.io/v1\n"
                "kind: EndpointSlice\n"
                "metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}\n"
                "addressType: IPv4\n"
                "endpoints:\n"
                "- {addresses: [10.0.0.1], nodeName: a, conditions: {ready: true}}\n"
                "- {addresses: [10.0.0.2], conditions: {ready: false, serving: true}}\n"
                "- {addresses: [10.0.0.3], nodeName: b}\n");

    assert_string_equal(slice->service_name, "web");
    assert_int_equal(slice->endpoint_count, 3);
    assert_string_equal(slice->endpoints[0].node_name, "a");
    assert_int_equal(slice->endpoints[0].ready, TRISTATE_TRUE);
    assert_null(slice->endpoints[1].node_name);
    assert_int_equal(slice->endpoints[1].serving, TRISTATE_TRUE);
    assert_int_equal(slice->endpoints[2].ready, TRISTATE_UNKNOWN);
}

static void test_node(void **state)
{
    struct node *node = (struct node *)parse_one(
        *state, "apiVersion: v1\n"
                "kind: Node\n"
                "metadata:\n"
                "  name: n1\n"
                "  labels: {node.kubernetes.io/exclude-from-external-load-balancers: ''}\n"
                "status:\n"
                "  conditions:\n"
                "  - {type: NetworkUnavailable, status: 'True'}\n"
                "  - {type: Ready, status: Unknown}\n");

    assert_string_equal(node->object.namespace_, "");
    assert_true(node->network_unavailable);
    assert_true(node->not_ready);
    assert_true(node->exclude_from_balancers);
}

static void test_lists_are_expanded(void **state)
{
    struct fixture *fixture = *state;

    parse(fixture, MANIFEST_YAML,
          "apiVersion: v1\n"
          "kind: List\n"
          "items:\n"
          "- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n"
          "- apiVersion: v1\n"
          "  kind: NodeList\n"
          "  items:\n"
          "  - metadata: {name: b}\n"
          "---\n"
          "---\n"
          "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n"
          "---\n"
          "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: d}}\n");
    assert_int_equal(fixture->manifest.count, 2);
    assert_int_equal(fixture->manifest.items[1]->kind, OBJECT_NODE);
    assert_int_equal(fixture->manifest.items[1]->line, 8);
    assert_int_equal(fixture->problems.count, 2);
    assert_int_equal(fixture->problems.items[0].severity, PROBLEM_NOTICE);
    assert_int_equal(fixture->problems.items[0].line, 11);
    assert_false(fixture->manifest.nameless);
}

static void test_json_has_lines_and_many_documents(void **state)
{
    struct fixture *fixture = *state;

    parse(fixture, MANIFEST_JSON,
          "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\",\n \"metadata\": {\"name\": \"a\"}}\n"
          "\n{\"kind\":\"Namespace\",\"apiVersion\":\"v1\",\n\"metadata\":{\"name\":\n7}}"
          "{\"kind\":\"Namespace\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"c\"}}");
    assert_int_equal(fixture->manifest.count, 2);
    assert_string_equal(fixture->manifest.items[1]->name, "c");
    assert_int_equal(fixture->manifest.items[1]->line, 6);
    assert_int_equal(fixture->problems.count, 1);
    assert_int_equal(fixture->problems.items[0].line, 6);
    assert_string_equal(fixture->problems.items[0].field, "metadata.name");
    assert_true(fixture->manifest.nameless);
}

static void test_format_is_guessed(void **state)
{
    struct fixture *fixture = *state;

    parse(fixture, MANIFEST_GUESS,
          "\n {\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"a\"}} "
          "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"b\"}}");
    assert_int_equal(fixture->manifest.count, 2);
}

static void test_aliases_are_followed(void **state)
{
    struct object *object = parse_one(*state, "apiVersion: v1\n"
                                              "kind: Service\n"
                                              "metadata: {name: web, labels: &labels {app: x}}\n"
                                              "spec: {selector: *labels}\n");

    assert_string_equal(labels_get(&((struct service *)object)->selector, "app"), "x");
}

static void test_aliases_cannot_multiply(void **state)
{
    struct fixture *fixture = *state;
    char text[4096] = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";

    for (int i = 1; i < 20; i++) {
        size_t length = strlen(text);

        snprintf(text + length, sizeof(text) - length,
                 "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1,
                 i - 1, i - 1, i - 1);
    }
    parse(fixture, MANIFEST_YAML, text);
    assert_true(fixture->manifest.truncated);
    assert_true(fixture->problems.count > 0);
    assert_string_equal(fixture->problems.items[0].message, "too many values in one document");
}

static void test_depth_is_bounded(void **state)
{
    char text[4096];

    (void)state;
    for (int format = MANIFEST_YAML; format <= MANIFEST_JSON; format++) {
        struct fixture fixture = {0};

        memset(text, '[', 1000);
        memset(text + 1000, ']', 1000);
        text[2000] = '\0';
        parse(&fixture, format, text);
        assert_true(fixture.manifest.truncated);
        assert_int_equal(fixture.problems.count, 1);
        manifest_clear(&fixture.manifest);
        problem_list_clear(&fixture.problems);
    }
}

static void test_what_stands_before_the_break_is_read(void **state)
{
    struct fixture *fixture = *state;

    parse(fixture, MANIFEST_YAML,
          "{apiVersion: v1, kind: Node, metadata: {name: a}}\n---\nkind: [\n");
    assert_int_equal(fixture->manifest.count, 1);
    assert_true(fixture->manifest.truncated);
    assert_true(fixture->problems.count > 0);
    assert_int_equal(fixture->problems.items[0].severity, PROBLEM_ERROR);
    assert_true(fixture->problems.items[0].line >= 3);
}

static void test_broken_objects_are_named(void **state)
{
    struct fixture *fixture = *state;

    parse(fixture, MANIFEST_YAML,
          "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: 5}}\n---\n"
          "{apiVersion: v1, kind: Node, metadata: {name: a}}\n");
    assert_int_equal(fixture->manifest.count, 1);
    assert_int_equal(fixture->manifest.broken_count, 1);
    assert_string_equal(fixture->manifest.broken[0].name, "web");
    assert_false(fixture->manifest.truncated);
    assert_false(fixture->manifest.nameless);
}

static void test_names_that_a_cluster_refuses_are_warned_about(void **state)
{
    struct fixture *fixture = *state;

    parse(fixture, MANIFEST_YAML,
          "{apiVersion: v1, kind: Node, metadata: {name: Node1}}\n---\n"
          "{apiVersion: v1, kind: Node, metadata: {name: node_2}}\n");
    assert_int_equal(fixture->manifest.count, 2);
    assert_int_equal(fixture->problems.count, 2);
    assert_int_equal(fixture->problems.items[0].severity, PROBLEM_WARNING);
    assert_true(fixture->problems.count > 1);
    assert_int_equal(fixture->problems.items[1].severity, PROBLEM_WARNING);
}

static void test_unknown_fields_are_warned_about(void **state)
{
    static const char *const fields[] = {
        "spec.nodeSelectors[0].matchLabel",
        "spec.preferredNodeSelectors[0].wheight",
        "spec.ipAddressPool",
    };
    struct fixture *fixture = *state;
    size_t found = 0;

    parse(fixture, MANIFEST_YAML,
          "apiVersion: metallb.io/v1beta1\n"
          "kind: L2Advertisement\n"
          "metadata: {name: all}\n"
          "spec:\n"
          "  ipAddressPool: [lan]\n"
          "  nodeSelectors: [{matchLabel: {a: b}}]\n"
          "  preferredNodeSelectors: [{wheight: 5, weight: 5, preference: {}}]\n");
    assert_int_equal(fixture->manifest.count, 1);
    assert_int_equal(fixture->problems.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fixture->problems.items[i].severity, PROBLEM_WARNING);
        for (size_t j = 0; j < 3; j++)
            found += strcmp(fixture->problems.items[i].field, fields[j]) == 0;
    }
    assert_int_equal(found, 3);
}

static void test_a_byte_order_mark_is_skipped(void **state)
{
    struct fixture *fixture = *state;

    parse_one(fixture, "\xef\xbb\xbf{apiVersion: v1, kind: Node, metadata: {name: a}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pool, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_older_pool_is_its_own_advertisement, setup, teardown),
        cmocka_unit_test_setup_teardown(test_advertisement, setup, teardown),
        cmocka_unit_test_setup_teardown(test_advertisement_without_spec, setup, teardown),
        cmocka_unit_test_setup_teardown(test_service, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty_texts_of_a_service_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_service_with_a_status_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unreadable_status_counts_as_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_surplus_ingress_counts_as_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_endpoint_slice, setup, teardown),
        cmocka_unit_test_setup_teardown(test_node, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lists_are_expanded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json_has_lines_and_many_documents, setup, teardown),
        cmocka_unit_test_setup_teardown(test_format_is_guessed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_aliases_are_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_aliases_cannot_multiply, setup, teardown),
        cmocka_unit_test_setup_teardown(test_depth_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_stands_before_the_break_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_broken_objects_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_fields_are_warned_about, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_byte_order_mark_is_skipped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_that_a_cluster_refuses_are_warned_about, setup,
                                        teardown),
    };

    return cmocka_run_group_tests_name("objects-manifest", tests, NULL, NULL);
}
