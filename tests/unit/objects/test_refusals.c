/* SPDX-License-Identifier: MIT */
/* Each rule that an object can break, with the line and the field that the problem names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "objects/manifest.h"

#define POOL "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p}\nspec:\n"
#define ADVERTISEMENT \
    "apiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata: {name: l}\nspec:\n"
#define OLDER   "apiVersion: metallb.io/v1beta1\nkind: AddressPool\nmetadata: {name: o}\nspec:\n"
#define SERVICE "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: n}\nspec:\n"
#define SLICE \
    "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: e}\nendpoints:\n"

struct refusal {
    const char *text;
    unsigned line;
    const char *object;
    const char *field;
};

#define P "IPAddressPool/default/p"
#define L "L2Advertisement/default/l"
#define O "AddressPool/default/o"
#define S "Service/n/s"
#define E "EndpointSlice/default/e"

static const struct refusal refusals[] = {
    {POOL "  autoAssign: true\n", 5, P, "spec.addresses"},
    {POOL "  addresses: []\n", 5, P, "spec.addresses"},
    {POOL "  addresses: 192.0.2.1\n", 5, P, "spec.addresses"},
    {POOL "  addresses:\n  - 192.0.2.1\n  - nonsense\n", 7, P, "spec.addresses[1]"},
    {POOL "  addresses:\n  - fd00::\n", 6, P, "spec.addresses[0]"},
    {POOL "  addresses:\n  - 7\n", 6, P, "spec.addresses[0]"},
    {POOL "  addresses:\n  - ''\n", 6, P, "spec.addresses[0]"},
    {POOL "  addresses:\n  -\n", 6, P, "spec.addresses[0]"},
    {POOL "  addresses:\n  - 192.0.2.0/24\n  - 192.0.2.9\n", 7, P, "spec.addresses[1]"},
    {POOL "  addresses: [192.0.2.1]\n  autoAssign: 'false'\n", 6, P, "spec.autoAssign"},
    {POOL "  addresses: [192.0.2.1]\n  avoidBuggyIPs: 1\n", 6, P, "spec.avoidBuggyIPs"},
    {POOL "  addresses: [192.0.2.1]\n  serviceAllocation: {priority: -1}\n", 6, P,
     "spec.serviceAllocation.priority"},
    {POOL "  addresses: [192.0.2.1]\n  serviceAllocation: {priority: '1'}\n", 6, P,
     "spec.serviceAllocation.priority"},
    {POOL "  addresses: [192.0.2.1]\n  serviceAllocation: {priority: 1.5}\n", 6, P,
     "spec.serviceAllocation.priority"},
    {POOL "  addresses: [192.0.2.1]\n  serviceAllocation: {namespaces: [x, x]}\n", 6, P,
     "spec.serviceAllocation.namespaces[1]"},
    {POOL "  addresses: [192.0.2.1]\n  serviceAllocation: yes\n", 6, P, "spec.serviceAllocation"},
    {POOL "  addresses: [192.0.2.1]\n  serviceAllocation:\n    serviceSelectors:\n"
          "    - {matchExpressions: [{key: a, operator: In, values: [y, x]}]}\n"
          "    - {matchExpressions: [{key: a, operator: In, values: [x, y]}]}\n",
     9, P, "spec.serviceAllocation.serviceSelectors[1]"},
    {"apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p}\n", 1, P, "spec"},
    {OLDER "  addresses: [192.0.2.1]\n", 5, O, "spec.protocol"},
    {OLDER "  addresses: [192.0.2.1]\n  protocol: bgp\n", 6, O, "spec.protocol"},
    {OLDER "  addresses: [192.0.2.1]\n  protocol: rip\n", 6, O, "spec.protocol"},
    {ADVERTISEMENT "  ipAddressPools: [a, a]\n", 5, L, "spec.ipAddressPools[1]"},
    {ADVERTISEMENT "  interfaces: ['']\n", 5, L, "spec.interfaces[0]"},
    {ADVERTISEMENT "  nodeSelectors: [{matchLabels: {a: b}}, {matchLabels: {a: b}}]\n", 5, L,
     "spec.nodeSelectors[1]"},
    {ADVERTISEMENT "  nodeSelectors: [{matchLabels: {a: 5}}]\n", 5, L,
     "spec.nodeSelectors[0].matchLabels.a"},
    {ADVERTISEMENT "  nodeSelectors: [{matchLabels: {'a b': c}}]\n", 5, L,
     "spec.nodeSelectors[0].matchLabels.a b"},
    {ADVERTISEMENT "  nodeSelectors: [{matchExpressions: [{key: a, operator: Has}]}]\n", 5, L,
     "spec.nodeSelectors[0].matchExpressions[0].operator"},
    {ADVERTISEMENT "  nodeSelectors: [{matchExpressions: [{operator: Exists}]}]\n", 5, L,
     "spec.nodeSelectors[0].matchExpressions[0].key"},
    {ADVERTISEMENT "  nodeSelectors: [{matchExpressions: [{key: a, operator: In}]}]\n", 5, L,
     "spec.nodeSelectors[0].matchExpressions[0].values"},
    {ADVERTISEMENT
     "  nodeSelectors: [{matchExpressions: [{key: a, operator: In, values: [b, b]}]}]\n",
     5, L, "spec.nodeSelectors[0].matchExpressions[0].values"},
    {ADVERTISEMENT
     "  nodeSelectors: [{matchExpressions: [{key: a, operator: Exists, values: [b]}]}]\n",
     5, L, "spec.nodeSelectors[0].matchExpressions[0].values"},
    {ADVERTISEMENT "  nodeSelectors:\n  - matchExpressions:\n"
                   "    - {key: a, operator: In, values: [b, c]}\n"
                   "    - {key: a, operator: In, values: [c, b]}\n",
     8, L, "spec.nodeSelectors[0].matchExpressions[1]"},
    {ADVERTISEMENT "  preferredNodeSelectors:\n  - {weight: 0, preference: {}}\n", 6, L,
     "spec.preferredNodeSelectors[0].weight"},
    {ADVERTISEMENT "  preferredNodeSelectors:\n  - {weight: 101, preference: {}}\n", 6, L,
     "spec.preferredNodeSelectors[0].weight"},
    {ADVERTISEMENT "  preferredNodeSelectors:\n  - {weight: 1}\n", 6, L,
     "spec.preferredNodeSelectors[0].preference"},
    {SERVICE "  type: Balancer\n", 5, S, "spec.type"},
    {SERVICE "  externalTrafficPolicy: local\n", 5, S, "spec.externalTrafficPolicy"},
    {SERVICE "  ipFamilyPolicy: Dual\n", 5, S, "spec.ipFamilyPolicy"},
    {SERVICE "  ipFamilies: [IPv4, IPv4]\n", 5, S, "spec.ipFamilies[1]"},
    {SERVICE "  ipFamilies: [IPv5]\n", 5, S, "spec.ipFamilies[0]"},
    {SERVICE "  ports:\n  - {port: 0}\n", 6, S, "spec.ports[0].port"},
    {SERVICE "  ports:\n  - {port: 65536}\n", 6, S, "spec.ports[0].port"},
    {SERVICE "  ports:\n  - {port: '80'}\n", 6, S, "spec.ports[0].port"},
    {SERVICE "  ports:\n  - {name: http}\n", 6, S, "spec.ports[0].port"},
    {SERVICE "  ports:\n  - {port: 80, protocol: tcp}\n", 6, S, "spec.ports[0].protocol"},
    {SERVICE "  ports:\n  - {port: 80}\n  - {port: 80, protocol: TCP}\n", 7, S, "spec.ports[1]"},
    {SERVICE "  selector: {app: 7}\n", 5, S, "spec.selector.app"},
    {SERVICE "  clusterIPs: [7]\n", 5, S, "spec.clusterIPs[0]"},
    {SLICE "- {nodeName: 7}\n", 5, E, "endpoints[0].nodeName"},
    {SLICE "- {conditions: {ready: 'true'}}\n", 5, E, "endpoints[0].conditions.ready"},
    {"apiVersion: v1\nkind: Node\nmetadata: {name: -a}\n", 3, "Node/-a", "metadata.name"},
    {"apiVersion: v1\nkind: Node\nmetadata: {}\n", 3, "Node/", "metadata.name"},
    {"apiVersion: v1\nkind: Node\n", 1, "Node/", "metadata.name"},
    {"apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a.b}\n", 3, "Service/a.b/s",
     "metadata.namespace"},
    {"apiVersion: v1\nkind: Node\nmetadata:\n  name: a\n  labels: {a: true}\n", 5, "Node/a",
     "metadata.labels.a"},
    {"apiVersion: v1\nkind: Node\nmetadata:\n  name: a\n  creationTimestamp: soon\n", 5, "Node/a",
     "metadata.creationTimestamp"},
    {"apiVersion: v2\nkind: Node\nmetadata: {name: a}\n", 1, "", "apiVersion"},
    {"apiVersion: metallb.io/v1beta9\nkind: IPAddressPool\nmetadata: {name: a}\n", 1, "",
     "apiVersion"},
    {"kind: Node\nmetadata: {name: a}\n", 1, "", "apiVersion"},
    {"apiVersion: v1\nmetadata: {name: a}\n", 1, "", "kind"},
    {"apiVersion: v1\nkind: List\nitems: {}\n", 3, "", "items"},
    {"- a\n", 1, "", ""},
    {"a: b\na: c\n", 1, "", ""},
    {"a: *b\n", 1, "", ""},
    {"a: &a [*a]\n", 1, "", ""},
    {"? [a]\n: b\n", 1, "", ""},
    {"a: b\n c: d\n", 2, "", ""},
    {"{\"a\": 1, \"a\": 2}", 1, "", ""},
    {"{\"a\": \"\\u0000\"}", 1, "", ""},
    {"{\n\"a\": }", 2, "", ""},
    {"{\"a\": \"\xff\"}", 1, "", ""},
};

static const struct problem *first_error(const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        if (problems->items[i].severity == PROBLEM_ERROR)
            return &problems->items[i];
    return NULL;
}

static void check(const struct refusal *refusal)
{
    struct problem_list problems = {0};
    struct manifest manifest;
    const struct problem *problem;

    assert_int_equal(manifest_parse("f", refusal->text, strlen(refusal->text), MANIFEST_GUESS,
                                    &manifest, &problems),
                     0);
    problem = first_error(&problems);
    if (problem == NULL) {
        fail_msg("%s\n-> no error", refusal->text);
        return;
    }
    if (problem->line != refusal->line || strcmp(problem->object, refusal->object) != 0 ||
        strcmp(problem->field, refusal->field) != 0)
        fail_msg("%s\n-> %u %s %s %s", refusal->text, problem->line, problem->object,
                 problem->field, problem->message);
    assert_true(problem->message[0] != '\0');
    assert_int_equal(manifest.count, 0);
    assert_true(manifest.truncated || manifest.nameless || manifest.broken_count == 1);
    manifest_clear(&manifest);
    problem_list_clear(&problems);
}

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        check(&refusals[i]);
}

static void test_all_errors_of_an_object_are_told(void **state)
{
    static const char text[] = POOL "  addresses: [a, b, c]\n  autoAssign: 1\n";
    struct problem_list problems = {0};
    struct manifest manifest;

    (void)state;
    assert_int_equal(manifest_parse("f", text, strlen(text), MANIFEST_YAML, &manifest, &problems),
                     0);
    assert_int_equal(problems.count, 4);
    manifest_clear(&manifest);
    problem_list_clear(&problems);
}

static void test_an_unquoted_address_is_explained(void **state)
{
    static const char text[] = POOL "  addresses:\n  - fd00::\n";
    struct problem_list problems = {0};
    struct manifest manifest;

    (void)state;
    assert_int_equal(manifest_parse("f", text, strlen(text), MANIFEST_YAML, &manifest, &problems),
                     0);
    assert_true(problems.count > 0);
    assert_non_null(strstr(problems.items[0].message, "quote it, \"fd00::\""));
    manifest_clear(&manifest);
    problem_list_clear(&problems);
}

static void test_equal_meaning_in_other_words_is_accepted(void **state)
{
    /* MetalLB compares what is written, so manifests that it takes must stand here too. */
    static const char text[] =
        ADVERTISEMENT "  nodeSelectors:\n  - {matchLabels: {a: b}}\n"
                      "  - {matchExpressions: [{key: a, operator: In, values: [b]}]}\n";
    struct problem_list problems = {0};
    struct manifest manifest;

    (void)state;
    assert_int_equal(manifest_parse("f", text, strlen(text), MANIFEST_YAML, &manifest, &problems),
                     0);
    assert_int_equal(problems.count, 0);
    assert_int_equal(manifest.count, 1);
    manifest_clear(&manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_all_errors_of_an_object_are_told),
        cmocka_unit_test(test_an_unquoted_address_is_explained),
        cmocka_unit_test(test_equal_meaning_in_other_words_is_accepted),
    };

    return cmocka_run_group_tests_name("objects-refusals", tests, NULL, NULL);
}
