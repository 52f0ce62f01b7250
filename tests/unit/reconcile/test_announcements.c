/* SPDX-License-Identifier: MIT */
/* The speaker's rules: who announces which address. */
#include "fixture.h"

#include <metallb/election.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/announcements.h"

#define NODES NODE("a") NODE("b") NODE("c")

struct fixture {
    struct object_set objects;
    struct announcement_reconciler *reconciler;
    struct announcements results;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL)
        return -1;
    object_set_init(&fixture->objects);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    announcement_reconciler_free(fixture->reconciler);
    object_set_clear(&fixture->objects);
    free(fixture);
    return 0;
}

static void use(struct fixture *fixture, const struct announcement_options *options)
{
    announcement_reconciler_free(fixture->reconciler);
    fixture->reconciler = NULL;
    assert_int_equal(announcement_reconciler_new(options, &fixture->reconciler), 0);
}

static void use_mode(struct fixture *fixture, enum election_mode mode)
{
    struct announcement_options options = {.mode = mode};
    use(fixture, &options);
}

/* live is a list with blanks, or NULL for what the Node objects say. */
static void run(struct fixture *fixture, const char *text, const char *live)
{
    struct object_set former = fixture->objects;
    struct live_node *found = NULL;
    struct live_node given[16] = {{0}};
    char copy[256];
    size_t count = 0;
    if (fixture->reconciler == NULL)
        use_mode(fixture, ELECTION_ENDPOINTS);
    objects_read(text, &fixture->objects);
    if (live == NULL) {
        assert_int_equal(announcement_live_nodes(&fixture->objects, NULL, &found, &count), 0);
    } else {
        snprintf(copy, sizeof(copy), "%s", live);
        char *rest = copy;
        for (char *name = strsep(&rest, " "); name != NULL; name = strsep(&rest, " ")) {
            if (name[0] != '\0')
                given[count++].name = name;
        }
    }
    struct announcement_input input = {
        .objects = &fixture->objects, .live = found == NULL ? given : found, .live_count = count};
    assert_int_equal(announcement_reconciler_run(fixture->reconciler, &input, &fixture->results),
                     0);
    free(found);
    object_set_clear(&former);
}

static const struct address_decision *find(const struct fixture *fixture, const char *address)
{
    for (size_t i = 0; i < fixture->results.address_count; i++) {
        if (strcmp(fixture->results.addresses[i].text, address) == 0)
            return &fixture->results.addresses[i];
    }
    fail_msg("no decision for %s", address);
    return NULL;
}

/* All candidates in their order, as the handle and the three places give them. */
static void ranking_of(const struct fixture *fixture, const struct address_decision *decision,
                       char *text, size_t size)
{
    const char *names[64];
    assert_in_range(decision->candidate_count, 0, 64);
    assert_int_equal(announcement_reconciler_ranking(fixture->reconciler, decision, names), 0);
    text[0] = '\0';
    for (size_t i = 0; i < decision->candidate_count; i++) {
        if (i < decision->place_count)
            assert_string_equal(names[i], decision->places[i]);
        snprintf(text + strlen(text), size - strlen(text), "%s%s", i > 0 ? " " : "", names[i]);
    }
    if (decision->candidate_count > 0) {
        assert_int_equal(decision->place_count,
                         decision->candidate_count < 3 ? decision->candidate_count : 3);
        assert_string_equal(decision->owner, names[0]);
        assert_null(decision->reason);
    } else {
        assert_null(decision->owner);
        assert_non_null(decision->reason);
    }
}

static void expect(const struct fixture *fixture, const char *address, const char *ranking)
{
    char text[256];
    ranking_of(fixture, find(fixture, address), text, sizeof(text));
    assert_string_equal(text, ranking);
}

/* The same candidates, whatever their order. */
static void expect_candidates(const struct fixture *fixture, const char *address, size_t count)
{
    char text[256];
    ranking_of(fixture, find(fixture, address), text, sizeof(text));
    assert_int_equal(find(fixture, address)->candidate_count, count);
}

static void expect_reason(const struct fixture *fixture, const char *address, const char *reason)
{
    expect(fixture, address, "");
    assert_string_equal(find(fixture, address)->reason, reason);
}

#define EVERYWHERE ENDPOINTS("web", ON("a") ", " ON("b") ", " ON("c"))
#define WEB        HELD("name: web", "", "{ip: 192.0.2.1}")

static void only_nodes_with_an_endpoint_announce(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, LAN NODES WEB ENDPOINTS("web", ON("b")), NULL);
    expect(fixture, "192.0.2.1", "b");
    run(fixture, LAN NODES WEB ENDPOINTS("web", ON("elsewhere")), NULL);
    expect_reason(fixture, "192.0.2.1", "noReadyEndpoint");
    run(fixture, LAN NODES WEB, NULL);
    expect_reason(fixture, "192.0.2.1", "noReadyEndpoint");
    run(fixture, LAN NODES WEB EVERYWHERE, NULL);
    expect_candidates(fixture, "192.0.2.1", 3);
}

static void readiness(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN NODES WEB ENDPOINTS(
            "web", "{addresses: [198.51.100.1], nodeName: a, conditions: {ready: false}}, "
                   "{addresses: [198.51.100.2], nodeName: b, "
                   "conditions: {ready: false, serving: true}}"),
        NULL);
    expect(fixture, "192.0.2.1", "b");
}

static void other_modes_take_nodes_without_endpoints(void **state)
{
    struct fixture *fixture = *state;
    const char *text = LAN NODES WEB ENDPOINTS("web", ON("b"));
    use_mode(fixture, ELECTION_PREFER_ENDPOINTS);
    run(fixture, text, NULL);
    expect_candidates(fixture, "192.0.2.1", 3);
    assert_string_equal(find(fixture, "192.0.2.1")->owner, "b");
    run(fixture, LAN NODES WEB, NULL);
    expect_candidates(fixture, "192.0.2.1", 3);
    use_mode(fixture, ELECTION_SPEAKERS);
    run(fixture, LAN NODES WEB, NULL);
    expect_candidates(fixture, "192.0.2.1", 3);
    use_mode(fixture, ELECTION_METALLB);
    run(fixture, LAN NODES WEB, NULL);
    expect_reason(fixture, "192.0.2.1", "notOwner");
    run(fixture, text, NULL);
    expect_candidates(fixture, "192.0.2.1", 3);
}

static void policy_local_always_needs_an_endpoint(void **state)
{
    struct fixture *fixture = *state;
    const char *text = LAN NODES HELD("name: web", "externalTrafficPolicy: Local",
                                      "{ip: 192.0.2.1}") ENDPOINTS("web", ON("b"));
    for (int mode = ELECTION_ENDPOINTS; mode <= ELECTION_METALLB; mode++) {
        use_mode(fixture, (enum election_mode)mode);
        run(fixture, text, NULL);
        expect(fixture, "192.0.2.1", "b");
    }
}

static void nodes_are_filtered(void **state)
{
    struct fixture *fixture = *state;
    const char *text =
        LAN "---\napiVersion: v1\nkind: Node\n"
            "metadata: {name: a, labels: {node.kubernetes.io/exclude-from-external-load-balancers: "
            "'false'}}\n"
            "---\napiVersion: v1\nkind: Node\nmetadata: {name: b}\n"
            "status: {conditions: [{type: NetworkUnavailable, status: 'True'}]}\n"
            "---\napiVersion: v1\nkind: Node\nmetadata: {name: c}\n"
            "status: {conditions: [{type: Ready, status: Unknown}]}\n" NODE("d")
                WEB ENDPOINTS("web", ON("a") ", " ON("b") ", " ON("c") ", " ON("d"));
    run(fixture, text, NULL);
    expect(fixture, "192.0.2.1", "d");
    run(fixture, text, "a b c");
    expect(fixture, "192.0.2.1", "c");
    run(fixture, text, "a b");
    expect_reason(fixture, "192.0.2.1", "noEligibleNode");
    run(fixture, text, "");
    expect_reason(fixture, "192.0.2.1", "noLiveNode");
    struct announcement_options options = {.ignore_exclude_label = true};
    use(fixture, &options);
    run(fixture, text, "a b");
    expect(fixture, "192.0.2.1", "a");
}

static void a_node_knows_that_it_lives(void **state)
{
    struct fixture *fixture = *state;
    struct live_node *nodes = NULL;
    size_t count = 0;
    run(fixture,
        LAN NODE("a") "---\napiVersion: v1\nkind: Node\nmetadata: {name: b}\n"
                      "status: {conditions: [{type: Ready, status: 'False'}]}\n",
        NULL);
    assert_int_equal(announcement_live_nodes(&fixture->objects, "b", &nodes, &count), 0);
    assert_int_equal(count, 2);
    free(nodes);
    assert_int_equal(announcement_live_nodes(&fixture->objects, "z", &nodes, &count), 0);
    assert_int_equal(count, 2);
    assert_string_equal(nodes[1].name, "z");
    free(nodes);
}

static void a_node_without_object_has_its_host_name(void **state)
{
    struct fixture *fixture = *state;
    const char *text = POOL("lan", "{addresses: [192.0.2.0/24]}")
        ADVERTISEMENT("x", "{nodeSelectors: [{matchLabels: {kubernetes.io/hostname: b}}]}")
            NODE("a") WEB ENDPOINTS("web", ON("a") ", " ON("b"));
    run(fixture, text, "a b b");
    expect(fixture, "192.0.2.1", "b");
    run(fixture, text, "a");
    expect_reason(fixture, "192.0.2.1", "noMatchingAdvertisement");
}

static void advertisements_choose_pools_and_services(void **state)
{
    struct fixture *fixture = *state;
    const char *text =
        POOL("one", "{addresses: [192.0.2.0/24]}") POOL("two", "{addresses: [198.51.100.0/24]}")
            ADVERTISEMENT("x", "{ipAddressPools: [one, unknown], "
                               "serviceSelectors: [{matchLabels: {app: web}}]}")
                NODES HELD("name: web, labels: {app: web}", "", "{ip: 192.0.2.1}")
                    HELD("name: web2", "", "{ip: 192.0.2.2}")
                        HELD("name: web3, labels: {app: web}", "", "{ip: 198.51.100.1}")
                            EVERYWHERE ENDPOINTS("web2", ON("a")) ENDPOINTS("web3", ON("a"));
    run(fixture, text, NULL);
    expect_candidates(fixture, "192.0.2.1", 3);
    expect_reason(fixture, "192.0.2.2", "noMatchingAdvertisement");
    expect_reason(fixture, "198.51.100.1", "noMatchingAdvertisement");
}

static void preferences_add_up(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        POOL("lan", "{addresses: [192.0.2.0/24]}")
            ADVERTISEMENT("x", "{preferredNodeSelectors: [{weight: 60, preference: {matchLabels: "
                               "{kubernetes.io/hostname: a}}}]}")
                ADVERTISEMENT("y", "{preferredNodeSelectors: [{weight: 50, preference: "
                                   "{matchLabels: {kubernetes.io/hostname: b}}}]}")
                    ADVERTISEMENT("z", "{nodeSelectors: [{matchLabels: {kubernetes.io/hostname: "
                                       "b}}], preferredNodeSelectors: [{weight: 20, preference: "
                                       "{}}]}") NODES WEB EVERYWHERE,
        NULL);
    expect(fixture, "192.0.2.1", "b a c");
}

static void an_address_pool_advertises_itself(void **state)
{
    struct fixture *fixture = *state;
    struct announcement_options options = {.node_name = "b"};
    use(fixture, &options);
    run(fixture,
        "apiVersion: metallb.io/v1beta1\nkind: AddressPool\nmetadata: {name: old}\n"
        "spec: {protocol: layer2, addresses: [192.0.2.0/24]}\n" NODES WEB ENDPOINTS("web", ON("b")),
        NULL);
    expect(fixture, "192.0.2.1", "b");
    assert_true(find(fixture, "192.0.2.1")->all_interfaces);
}

static void interfaces_are_merged(void **state)
{
    struct fixture *fixture = *state;
    struct announcement_options options = {.node_name = "b"};
    use(fixture, &options);
#define INTERFACES(more)                                                     \
    POOL("lan", "{addresses: [192.0.2.0/24]}")                               \
    ADVERTISEMENT("x", "{interfaces: [eth0, eth1]}")                         \
    ADVERTISEMENT("y", "{interfaces: [eth2]}")                               \
    ADVERTISEMENT("z", "{interfaces: [eth3], nodeSelectors: [{matchLabels: " \
                       "{kubernetes.io/hostname: a}}]}")                     \
    NODES WEB more
    run(fixture, INTERFACES(ENDPOINTS("web", ON("b"))), NULL);
    const struct address_decision *decision = find(fixture, "192.0.2.1");
    assert_false(decision->all_interfaces);
    assert_true(address_decision_uses_interface(decision, "eth0"));
    assert_true(address_decision_uses_interface(decision, "eth1"));
    assert_true(address_decision_uses_interface(decision, "eth2"));
    assert_false(address_decision_uses_interface(decision, "eth3"));
    run(fixture, INTERFACES(ENDPOINTS("web", ON("b")) ADVERTISEMENT("all", "{}")), NULL);
    assert_true(find(fixture, "192.0.2.1")->all_interfaces);
    assert_true(address_decision_uses_interface(find(fixture, "192.0.2.1"), "eth9"));
    run(fixture, INTERFACES(ENDPOINTS("web", ON("a")) ADVERTISEMENT("all", "{}")), NULL);
    assert_false(address_decision_uses_interface(find(fixture, "192.0.2.1"), "eth0"));
}

#define SHARED(name, port, more)                                                                  \
    HELD("name: " name ", labels: {app: " name "}, annotations: {metallb.io/allow-shared-ip: k}", \
         "ports: [{port: " port "}]" more, "{ip: 192.0.2.1}")

static void a_shared_address_goes_where_all_its_services_are(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN NODES SHARED("x", "80", "") SHARED("y", "81", "") ENDPOINTS("x", ON("a") ", " ON("b"))
            ENDPOINTS("y", ON("b") ", " ON("c")),
        NULL);
    expect(fixture, "192.0.2.1", "b");
    assert_int_equal(find(fixture, "192.0.2.1")->service_count, 2);
    assert_int_equal(fixture->results.warning_count, 0);
    run(fixture,
        LAN NODES SHARED("x", "80", "") SHARED("y", "81", "") ENDPOINTS("x", ON("a"))
            ENDPOINTS("y", ON("c")),
        NULL);
    expect_candidates(fixture, "192.0.2.1", 2);
    assert_int_equal(fixture->results.warning_count, 1);
    assert_string_equal(fixture->results.warnings[0].address, "192.0.2.1");
    run(fixture, LAN NODES SHARED("x", "80", "") SHARED("y", "81", "") ENDPOINTS("y", ON("c")),
        NULL);
    expect(fixture, "192.0.2.1", "c");
    assert_int_equal(fixture->results.warning_count, 1);
}

static void sharing_and_service_selectors_exclude_each_other_in_metallb(void **state)
{
    struct fixture *fixture = *state;
    const char *text = POOL("lan", "{addresses: [192.0.2.0/24]}")
        ADVERTISEMENT("s", "{serviceSelectors: [{matchLabels: {app: web}}]}")
            NODES HELD("name: web, labels: {app: web}, annotations: {metallb.universe.tf/"
                       "allow-shared-ip: ''}",
                       "", "{ip: 192.0.2.1}") EVERYWHERE;
    run(fixture, text, NULL);
    expect_candidates(fixture, "192.0.2.1", 3);
    use_mode(fixture, ELECTION_METALLB);
    run(fixture, text, NULL);
    expect_reason(fixture, "192.0.2.1", "sharedIPWithServiceSelector");
}

static void the_first_address_decides_only_as_metallb_elects(void **state)
{
    struct fixture *fixture = *state;
    const char *text = LAN NODES HELD("name: web", "ipFamilyPolicy: RequireDualStack",
                                      "{ip: '2001:db8::1'}, {ip: 192.0.2.2}") EVERYWHERE;
    use_mode(fixture, ELECTION_METALLB);
    run(fixture, text, NULL);
    struct mlb_address address;
    struct mlb_candidate candidates[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    uint32_t first[3];
    uint32_t own[3];
    assert_int_equal(mlb_address_parse("2001:db8::1", &address, NULL), MLB_OK);
    assert_int_equal(mlb_election_rank(&address, candidates, 3, first, 3, NULL), MLB_OK);
    assert_int_equal(mlb_address_parse("192.0.2.2", &address, NULL), MLB_OK);
    assert_int_equal(mlb_election_rank(&address, candidates, 3, own, 3, NULL), MLB_OK);
    assert_int_not_equal(first[0], own[0]);
    expect_candidates(fixture, "192.0.2.2", 3);
    assert_string_equal(find(fixture, "192.0.2.2")->owner, candidates[first[0]].name);
    assert_string_equal(find(fixture, "2001:db8::1")->owner, candidates[first[0]].name);
    use_mode(fixture, ELECTION_ENDPOINTS);
    run(fixture, text, NULL);
    assert_string_equal(find(fixture, "192.0.2.2")->owner, candidates[own[0]].name);
    assert_string_equal(find(fixture, "2001:db8::1")->owner, candidates[first[0]].name);
}

static void what_is_not_served_is_listed_with_a_reason(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN NODES HELD("name: class", "loadBalancerClass: example.com/x", "{ip: 192.0.2.1}")
            HELD("name: outside", "", "{ip: 203.0.113.1}")
                HELD("name: half", "ipFamilyPolicy: PreferDualStack",
                     "{ip: 192.0.2.2}, {ip: 'fd00::1'}") "---\napiVersion: v1\nkind: "
                                                         "Service\nmetadata: {name: plain}\n"
                                                         "spec: {type: ClusterIP}\n"
                                                         "status: {loadBalancer: {ingress: [{ip: "
                                                         "192.0.2.3}]}}\n",
        NULL);
    expect_reason(fixture, "192.0.2.1", "otherLoadBalancerClass");
    expect_reason(fixture, "203.0.113.1", "ipNotAllowed");
    expect_reason(fixture, "192.0.2.2", "ipNotAllowed");
    expect_reason(fixture, "fd00::1", "ipNotAllowed");
    expect_reason(fixture, "192.0.2.3", "notLoadBalancer");
}

static void pinned_addresses_need_no_status(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        LAN NODES SERVICE("name: web", "loadBalancerIP: 192.0.2.1")
            SERVICE("name: other", "loadBalancerIP: 203.0.113.1")
                SERVICE("name: zzz", "loadBalancerIP: 192.0.2.1") SERVICE("name: none", "")
                    EVERYWHERE ENDPOINTS("zzz", ON("a")),
        NULL);
    expect_candidates(fixture, "192.0.2.1", 3);
    assert_int_equal(find(fixture, "192.0.2.1")->service_count, 1);
    expect_reason(fixture, "203.0.113.1", "ipNotAllowed");
    assert_int_equal(fixture->results.address_count, 2);
    assert_int_equal(fixture->results.warning_count, 2);
}

static void buggy_addresses_are_announced(void **state)
{
    struct fixture *fixture = *state;
    run(fixture,
        POOL("lan", "{addresses: [192.0.2.0/24], avoidBuggyIPs: true}") ADVERTISEMENT("all", "{}")
            NODES HELD("name: web", "", "{ip: 192.0.2.255}") EVERYWHERE,
        NULL);
    expect_candidates(fixture, "192.0.2.255", 3);
}

static void modes_are_read(void **state)
{
    (void)state;
    enum election_mode mode = ELECTION_SPEAKERS;
    assert_true(election_mode_parse("endpoints", &mode));
    assert_int_equal(mode, ELECTION_ENDPOINTS);
    assert_true(election_mode_parse("prefer-endpoints", &mode));
    assert_int_equal(mode, ELECTION_PREFER_ENDPOINTS);
    assert_true(election_mode_parse("speakers", &mode));
    assert_true(election_mode_parse("metallb", &mode));
    assert_int_equal(mode, ELECTION_METALLB);
    assert_false(election_mode_parse("Endpoints", &mode));
    assert_int_equal(mode, ELECTION_METALLB);
}

/* Manifests with random endpoints of many services. */
static char *random_manifests(unsigned *seed)
{
    size_t size = 1u << 20;
    char *text = calloc(1, size);
    if (text == NULL)
        abort();
    size_t used = (size_t)snprintf(
        text, size, "%s", POOL("lan", "{addresses: [10.0.0.0/16]}") ADVERTISEMENT("all", "{}"));
    for (unsigned i = 0; i < 40; i++) {
        if (rand_r(seed) % 8 == 0)
            continue;
        used += (size_t)snprintf(text + used, size - used,
                                 "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%u}\n"
                                 "spec: {type: LoadBalancer}\n"
                                 "status: {loadBalancer: {ingress: [{ip: 10.0.0.%u}]}}\n"
                                 "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
                                 "metadata: {name: s%u, labels: {kubernetes.io/service-name: "
                                 "s%u}}\naddressType: IPv4\nendpoints:\n",
                                 i, i, i, i);
        unsigned pattern = (unsigned)rand_r(seed) % 3;
        for (unsigned j = 0; j < 6; j++) {
            if ((i + j) % 3 != pattern)
                used += (size_t)snprintf(text + used, size - used,
                                         "- {addresses: [10.1.0.1], nodeName: n%u}\n", j);
        }
    }
    return text;
}

static char *random_live(unsigned *seed)
{
    static char text[128];
    text[0] = '\0';
    for (unsigned j = 0; j < 6; j++) {
        if (rand_r(seed) % 4 != 0)
            snprintf(text + strlen(text), sizeof(text) - strlen(text), " n%u", j);
    }
    return text;
}

/* A handle that saw many changes decides like one that sees the objects for the first time. */
static void history_does_not_matter(void **state)
{
    struct fixture *fixture = *state;
    unsigned seed = 7;
    for (int round = 0; round < 60; round++) {
        char *text = random_manifests(&seed);
        const char *live = random_live(&seed);
        struct fixture fresh_fixture = {0};
        struct fixture *fresh = &fresh_fixture;
        object_set_init(&fresh->objects);
        run(fixture, text, live);
        run(fresh, text, live);
        assert_int_equal(fixture->results.address_count, fresh->results.address_count);
        for (size_t i = 0; i < fresh->results.address_count; i++) {
            char ranking[256];
            ranking_of(fresh, &fresh->results.addresses[i], ranking, sizeof(ranking));
            expect(fixture, fresh->results.addresses[i].text, ranking);
        }
        announcement_reconciler_free(fresh->reconciler);
        object_set_clear(&fresh->objects);
        free(text);
    }
}

/* Nodes that come and go for ever do not pile up. */
static void names_of_former_nodes_are_forgotten(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned round = 0; round < 400; round++) {
        char live[32];
        snprintf(live, sizeof(live), "a x%u", round);
        run(fixture, LAN NODES WEB EVERYWHERE, live);
        expect(fixture, "192.0.2.1", "a");
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(only_nodes_with_an_endpoint_announce),
        TEST(readiness),
        TEST(other_modes_take_nodes_without_endpoints),
        TEST(policy_local_always_needs_an_endpoint),
        TEST(nodes_are_filtered),
        TEST(a_node_knows_that_it_lives),
        TEST(a_node_without_object_has_its_host_name),
        TEST(advertisements_choose_pools_and_services),
        TEST(preferences_add_up),
        TEST(an_address_pool_advertises_itself),
        TEST(interfaces_are_merged),
        TEST(a_shared_address_goes_where_all_its_services_are),
        TEST(sharing_and_service_selectors_exclude_each_other_in_metallb),
        TEST(the_first_address_decides_only_as_metallb_elects),
        TEST(what_is_not_served_is_listed_with_a_reason),
        TEST(pinned_addresses_need_no_status),
        TEST(buggy_addresses_are_announced),
        TEST(modes_are_read),
        TEST(history_does_not_matter),
        TEST(names_of_former_nodes_are_forgotten),
    };
    return cmocka_run_group_tests_name("announcements", tests, NULL, NULL);
}
