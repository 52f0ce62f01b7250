/* SPDX-License-Identifier: MIT */
/* What nodes say of themselves decides who stands for election. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/announcements.h"

#define NODES      NODE("a") NODE("b") NODE("c")
#define EVERYWHERE ENDPOINTS("web", ON("a") ", " ON("b") ", " ON("c"))
#define WEB        HELD("name: web", "", "{ip: 192.0.2.7}")
#define SIMPLE     LAN NODES WEB EVERYWHERE

/* By the digests alone they rank b, a, c for 192.0.2.7. */
#define NODE_COUNT 3

struct fixture {
    struct object_set objects;
    uint64_t generation;
    struct announcement_reconciler *reconciler;
    struct announcements results;
    struct node_facts facts[NODE_COUNT];
    struct live_node live[NODE_COUNT]; /* a, b, c */
};

static const struct node_facts_interface eth0[] = {{"eth0", {2, 0, 0, 0, 0, 1}}};
static const struct node_facts_interface eth1[] = {{"eth1", {2, 0, 0, 0, 0, 2}}};

static int setup(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL)
        return -1;
    object_set_init(&fixture->objects);
    for (size_t i = 0; i < NODE_COUNT; i++) {
        fixture->facts[i] =
            (struct node_facts){.ready = true, .interfaces = eth0, .interface_count = 1};
        fixture->live[i] = (struct live_node){.name = names[i], .facts = &fixture->facts[i]};
    }
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

static void use_mode(struct fixture *fixture, enum election_mode mode)
{
    struct announcement_options options = {.mode = mode, .node_name = "a"};
    announcement_reconciler_free(fixture->reconciler);
    fixture->reconciler = NULL;
    assert_int_equal(announcement_reconciler_new(&options, &fixture->reconciler), 0);
}

static void use_objects(struct fixture *fixture, const char *text)
{
    object_set_clear(&fixture->objects);
    objects_read(text, &fixture->objects);
    fixture->generation++;
    if (fixture->reconciler == NULL)
        use_mode(fixture, ELECTION_ENDPOINTS);
}

static const struct address_decision *run(struct fixture *fixture)
{
    struct announcement_input input = {.objects = &fixture->objects,
                                       .generation = fixture->generation,
                                       .live = fixture->live,
                                       .live_count = NODE_COUNT};
    assert_int_equal(announcement_reconciler_run(fixture->reconciler, &input, &fixture->results),
                     0);
    assert_int_equal(fixture->results.address_count, 1);
    return &fixture->results.addresses[0];
}

static void expect(struct fixture *fixture, const char *ranking)
{
    const struct address_decision *decision = run(fixture);
    const char *names[NODE_COUNT];
    char text[64] = "";
    assert_int_equal(announcement_reconciler_ranking(fixture->reconciler, decision, names), 0);
    for (size_t i = 0; i < decision->candidate_count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 0 ? " " : "",
                 names[i]);
    assert_string_equal(text, ranking);
    assert_true((decision->owner == NULL) == (ranking[0] == '\0'));
}

static void expect_reason(struct fixture *fixture, const char *reason)
{
    expect(fixture, "");
    assert_string_equal(fixture->results.addresses[0].reason, reason);
}

static struct node_facts *facts_of(struct fixture *fixture, char name)
{
    return &fixture->facts[name - 'a'];
}

static void facts_that_agree_change_nothing(void **state)
{
    struct fixture *fixture = *state;
    use_objects(fixture, SIMPLE);
    expect(fixture, "b a c");
    for (size_t i = 0; i < NODE_COUNT; i++)
        fixture->live[i].facts = NULL;
    expect(fixture, "b a c");
}

static void a_node_without_a_usable_interface_is_no_candidate(void **state)
{
    struct fixture *fixture = *state;
    use_objects(fixture, SIMPLE);
    facts_of(fixture, 'b')->interface_count = 0;
    expect(fixture, "a c");
    facts_of(fixture, 'a')->interface_count = 0;
    expect(fixture, "c");
    facts_of(fixture, 'c')->interface_count = 0;
    expect_reason(fixture, "noUsableInterface");
    facts_of(fixture, 'b')->interface_count = 1;
    expect(fixture, "b");
    /* The list was cut to nothing, so nobody knows. */
    facts_of(fixture, 'a')->more_interfaces = true;
    expect(fixture, "b a");
}

#define NAMED(interfaces)                      \
    POOL("lan", "{addresses: [192.0.2.0/29]}") \
    ADVERTISEMENT("x", "{interfaces: " interfaces "}") NODES WEB EVERYWHERE

static void the_named_interface_must_be_there(void **state)
{
    struct fixture *fixture = *state;
    use_objects(fixture, NAMED("[eth1]"));
    expect_reason(fixture, "noUsableInterface");
    facts_of(fixture, 'c')->interfaces = eth1;
    expect(fixture, "c");
    use_objects(fixture, NAMED("[eth1, eth0]"));
    expect(fixture, "b a c");
    /* A node that says nothing counts as able. */
    use_objects(fixture, NAMED("[eth1]"));
    fixture->live[1].facts = NULL;
    expect(fixture, "b c");
}

/* Each advertisement asks for itself, and only those that this node can follow give interfaces. */
static void one_of_several_advertisements_suffices(void **state)
{
    struct fixture *fixture = *state;
    use_objects(fixture, POOL("lan", "{addresses: [192.0.2.0/29]}")
                             ADVERTISEMENT("x", "{interfaces: [eth0]}")
                                 ADVERTISEMENT("y", "{interfaces: [eth1]}") NODES WEB EVERYWHERE);
    facts_of(fixture, 'b')->interfaces = eth1;
    expect(fixture, "b a c");
    facts_of(fixture, 'b')->interface_count = 0;
    const struct address_decision *decision = run(fixture);
    assert_string_equal(decision->owner, "a");
    assert_int_equal(decision->interface_list_count, 1);
    assert_true(address_decision_uses_interface(decision, "eth0"));
    assert_false(address_decision_uses_interface(decision, "eth1"));
}

static void a_draining_node_is_the_last_candidate(void **state)
{
    struct fixture *fixture = *state;
    use_objects(fixture, SIMPLE);
    facts_of(fixture, 'b')->draining = true;
    expect(fixture, "a c b");
    facts_of(fixture, 'a')->draining = true;
    expect(fixture, "c b a");
    facts_of(fixture, 'c')->draining = true;
    expect(fixture, "b a c");
    facts_of(fixture, 'b')->draining = false;
    expect(fixture, "b a c");
}

static void draining_outweighs_preference_and_endpoints(void **state)
{
    struct fixture *fixture = *state;
    const char *preferred = POOL("lan", "{addresses: [192.0.2.0/29]}")
        ADVERTISEMENT("x", "{preferredNodeSelectors: [{weight: 100, preference: {matchLabels: "
                           "{kubernetes.io/hostname: b}}}]}") NODES WEB EVERYWHERE;
    use_objects(fixture, preferred);
    facts_of(fixture, 'b')->draining = true;
    expect(fixture, "a c b");
    use_mode(fixture, ELECTION_PREFER_ENDPOINTS);
    use_objects(fixture, LAN NODES WEB ENDPOINTS("web", ON("b")));
    expect(fixture, "a c b");
    facts_of(fixture, 'a')->draining = true;
    facts_of(fixture, 'c')->draining = true;
    expect(fixture, "b a c");
}

static void who_starts_or_is_waited_for_is_no_candidate(void **state)
{
    struct fixture *fixture = *state;
    use_objects(fixture, SIMPLE);
    facts_of(fixture, 'b')->ready = false;
    expect(fixture, "a c");
    fixture->live[0].facts = NULL;
    expect(fixture, "a c");
    fixture->live[0].waiting = true;
    expect(fixture, "c");
    facts_of(fixture, 'c')->ready = false;
    expect_reason(fixture, "noEligibleNode");
    facts_of(fixture, 'c')->draining = true;
    expect_reason(fixture, "noEligibleNode");
}

static void as_metallb_elects_facts_change_nothing(void **state)
{
    struct fixture *fixture = *state;
    use_mode(fixture, ELECTION_METALLB);
    use_objects(fixture, NAMED("[eth7]"));
    expect(fixture, "b a c");
    facts_of(fixture, 'b')->draining = true;
    facts_of(fixture, 'b')->ready = false;
    facts_of(fixture, 'b')->interface_count = 0;
    fixture->live[0].waiting = true;
    expect(fixture, "b a c");
}

/* All speakers elect alike, whatever they are called and in whatever order they list the nodes. */
static void the_order_of_the_nodes_does_not_matter(void **state)
{
    struct fixture *fixture = *state;
    use_objects(fixture, SIMPLE);
    facts_of(fixture, 'b')->draining = true;
    struct live_node first = fixture->live[0];
    fixture->live[0] = fixture->live[2];
    fixture->live[2] = first;
    expect(fixture, "a c b");
}

/* What follows from the objects alone is kept, and made anew with others. */
static void objects_of_the_same_number_are_not_read_again(void **state)
{
    struct fixture *fixture = *state;
    const char *rest = NODES EVERYWHERE;
    char text[2048];
    snprintf(text, sizeof(text), "%s%s%s", LAN,
             SERVICE("name: web", "loadBalancerIP: 192.0.2.7, ports: [{port: 80}]"), rest);
    use_objects(fixture, text);
    expect(fixture, "b a c");
    facts_of(fixture, 'b')->draining = true;
    expect(fixture, "a c b");
    /* A request that is refused is told by each run. */
    snprintf(text, sizeof(text), "%s%s%s%s", LAN,
             SERVICE("name: web", "loadBalancerIP: 192.0.2.7, ports: [{port: 80}]"),
             SERVICE("name: xyz", "loadBalancerIP: 198.51.100.1, ports: [{port: 80}]"), rest);
    use_objects(fixture, text);
    for (int i = 0; i < 2; i++) {
        struct announcement_input input = {.objects = &fixture->objects,
                                           .generation = fixture->generation,
                                           .live = fixture->live,
                                           .live_count = NODE_COUNT};
        assert_int_equal(
            announcement_reconciler_run(fixture->reconciler, &input, &fixture->results), 0);
        assert_int_equal(fixture->results.warning_count, 1);
        assert_string_equal(fixture->results.warnings[0].address, "198.51.100.1");
        assert_int_equal(fixture->results.address_count, 2);
        assert_string_equal(fixture->results.addresses[0].owner, "a");
        assert_string_equal(fixture->results.addresses[1].reason, "ipNotAllowed");
    }
    use_objects(fixture, SIMPLE);
    expect(fixture, "a c b");
    assert_int_equal(fixture->results.warning_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(facts_that_agree_change_nothing),
        TEST(a_node_without_a_usable_interface_is_no_candidate),
        TEST(the_named_interface_must_be_there),
        TEST(one_of_several_advertisements_suffices),
        TEST(a_draining_node_is_the_last_candidate),
        TEST(draining_outweighs_preference_and_endpoints),
        TEST(who_starts_or_is_waited_for_is_no_candidate),
        TEST(as_metallb_elects_facts_change_nothing),
        TEST(objects_of_the_same_number_are_not_read_again),
        TEST(the_order_of_the_nodes_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
