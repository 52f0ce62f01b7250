/* SPDX-License-Identifier: MIT */
/* Equal configurations have equal digests, and each thing that the rules read makes a difference.
 */
#include "fixture.h"

#include "reconcile/configuration_digest.h"

static uint64_t digest(const char *text)
{
    struct announcement_options options = {0};
    struct object_set objects;
    objects_read(text, &objects);
    uint64_t made = configuration_digest(&objects, &options);
    object_set_clear(&objects);
    return made;
}

#define WEB  HELD("name: web", "", "{ip: 192.0.2.1}")
#define DNS  HELD("name: dns", "", "{ip: 192.0.2.2}")
#define BASE LAN NODE("a") WEB ENDPOINTS("web", ON("a"))

static void order_and_layout_do_not_matter(void **state)
{
    (void)state;
    assert_true(digest(BASE) == digest(BASE));
    assert_true(digest(LAN WEB DNS NODE("a") NODE("b")) == digest(NODE("b") DNS NODE("a") WEB LAN));
    /* A remark of a tool and the state of a node, which the members know better. */
    assert_true(digest(SERVICE("name: web", "")) ==
                digest(SERVICE("name: web, annotations: {example.com/checked: monday}", "")));
    assert_true(digest(NODE("a")) ==
                digest(NODE("a") "status: {conditions: [{type: Ready, status: 'False'}]}\n"));
}

static void what_the_rules_read_matters(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        BASE,
        BASE DNS,
        LAN NODE("a") WEB,
        LAN NODE("b") WEB ENDPOINTS("web", ON("a")),
        LAN NODE("a") WEB ENDPOINTS("web", ON("b")),
        LAN NODE("a") WEB ENDPOINTS("dns", ON("a")),
        LAN NODE("a") HELD("name: web", "", "{ip: 192.0.2.3}") ENDPOINTS("web", ON("a")),
        LAN NODE("a") HELD("name: web", "externalTrafficPolicy: Local", "{ip: 192.0.2.1}")
            ENDPOINTS("web", ON("a")),
        LAN NODE("a") HELD("name: web, labels: {a: b}", "", "{ip: 192.0.2.1}")
            ENDPOINTS("web", ON("a")),
        POOL("lan", "{addresses: [192.0.2.0/29]}"),
        POOL("lan", "{addresses: [192.0.2.0/28]}"),
        POOL("lan", "{addresses: [192.0.2.0/28], autoAssign: false}"),
        ADVERTISEMENT("x", "{}"),
        ADVERTISEMENT("x", "{interfaces: [eth0]}"),
        ADVERTISEMENT("x", "{ipAddressPools: [eth0]}"),
        ADVERTISEMENT("x", "{nodeSelectors: [{matchLabels: {a: b}}]}"),
        ADVERTISEMENT("x", "{nodeSelectors: [{matchLabels: {a: c}}]}"),
        ADVERTISEMENT("x", "{serviceSelectors: [{matchLabels: {a: b}}]}"),
        SERVICE("name: web", "loadBalancerIP: 192.0.2.1"),
        SERVICE("name: web", "loadBalancerIP: 192.0.2.2"),
        SERVICE("name: web, annotations: {metallb.io/loadBalancerIPs: 192.0.2.1}", ""),
        SERVICE("name: web, annotations: {metallb.io/allow-shared-ip: x}", ""),
        SERVICE("name: web", "ports: [{port: 80}]"),
        SERVICE("name: web", "ports: [{port: 81}]"),
        SERVICE("name: web", "loadBalancerClass: other"),
        STATUS("web", "{ip: 192.0.2.1}"),
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (size_t j = 0; j < i; j++) {
            if (digest(texts[i]) == digest(texts[j]))
                fail_msg("the same for\n%s\nand\n%s", texts[i], texts[j]);
        }
    }
}

static void the_rules_matter(void **state)
{
    (void)state;
    struct announcement_options options[] = {
        {.node_name = "a"},
        {.mode = ELECTION_SPEAKERS},
        {.ignore_exclude_label = true},
        {.load_balancer_class = "other"},
    };
    struct announcement_options same = {.load_balancer_class = "", .node_name = "b"};
    struct object_set objects;
    objects_read(BASE, &objects);
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        for (size_t j = 0; j < i; j++)
            assert_false(configuration_digest(&objects, &options[i]) ==
                         configuration_digest(&objects, &options[j]));
    }
    assert_true(configuration_digest(&objects, &options[0]) ==
                configuration_digest(&objects, &same));
    object_set_clear(&objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_and_layout_do_not_matter),
        cmocka_unit_test(what_the_rules_read_matters),
        cmocka_unit_test(the_rules_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
