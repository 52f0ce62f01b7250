/* SPDX-License-Identifier: MIT */
/* Groups of public memberships on loopback, from joining to leaving. */
#include "group_harness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct group group;

static int set_up(void **state)
{
    (void)state;
    memset(&group, 0, sizeof(group));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    group_free(&group);
    return 0;
}

/* The first `count` places, joined by the first one. */
static void make_group(size_t count)
{
    const char *const seeds[] = {group_seed(0), NULL};

    for (size_t i = 0; i < count; i++)
        group_add(&group, i, NULL);
    for (size_t i = 1; i < count; i++)
        group_join(&group, i, seeds);
    group_await_alive(&group, count);
}

static void assert_no_event(size_t place, uint32_t kind)
{
    const struct group_event event = {place, kind, NULL};

    assert_int_equal(group_count(&group, &event), 0);
}

static void test_alone(void **state)
{
    struct mlb_member member = {.struct_size = sizeof(member)};
    char text[MLB_ADDRESS_TEXT_SIZE];

    (void)state;
    group_add(&group, 0, NULL);
    assert_int_equal(mlb_membership_member(group.members[0].membership, 0, &member, NULL), MLB_OK);
    assert_string_equal(member.name, "node-0");
    assert_int_equal(member.state, MLB_MEMBER_ALIVE);
    assert_int_equal(member.is_self, 1);
    assert_int_equal(member.port, MLB_MEMBERSHIP_PORT);
    assert_int_equal(member.facts_version, 0);
    mlb_address_format(&member.address, text, sizeof(text), NULL);
    assert_string_equal(text, group_seed(0));
    assert_int_equal(mlb_membership_member(group.members[0].membership, 1, &member, NULL),
                     MLB_ERROR_NOT_FOUND);
}

static void test_join(void **state)
{
    (void)state;
    make_group(2);
    group_await(&group, 0, MLB_MEMBERSHIP_JOINED, "node-1");
    group_await(&group, 1, MLB_MEMBERSHIP_JOINED, "node-0");
    group_await(&group, 1, MLB_MEMBERSHIP_SYNCHRONIZED, NULL);
    assert_int_equal(group_state(&group, 0, "node-1"), MLB_MEMBER_ALIVE);
    assert_int_equal(group_state(&group, 1, "node-0"), MLB_MEMBER_ALIVE);
    assert_true(group_statistics(&group, 1).streams_opened >= 1);
    assert_true(group_statistics(&group, 0).streams_accepted >= 1);
    assert_int_equal(group_statistics(&group, 0).packets_refused, 0);
}

static int have_probed(const struct group *run, const void *context)
{
    const uint64_t *wanted = context;

    return group_statistics(run, 0).probes >= *wanted && group_statistics(run, 1).probes >= *wanted;
}

/* UDP goes both ways: probes are answered. */
static void test_probes(void **state)
{
    const uint64_t wanted = 3;

    (void)state;
    make_group(2);
    group_run(&group, have_probed, &wanted);
    for (size_t i = 0; i < 2; i++) {
        const struct mlb_membership_statistics statistics = group_statistics(&group, i);

        assert_int_equal(statistics.probes_failed, 0);
        assert_true(statistics.packets_received >= wanted);
        assert_true(statistics.packets_sent >= wanted);
        assert_int_equal(statistics.packets_failed, 0);
        assert_no_event(i, MLB_MEMBERSHIP_SUSPECTED);
        assert_no_event(i, MLB_MEMBERSHIP_ERROR);
    }
}

struct wanted_facts {
    size_t place;
    const char *name;
    const uint8_t *bytes;
    size_t length;
};

static int has_facts(const struct group *run, const void *context)
{
    const struct wanted_facts *wanted = context;
    uint8_t facts[MLB_MEMBERSHIP_FACTS_MAX];
    uint64_t version = 0;
    size_t length = 0;

    return mlb_membership_facts(run->members[wanted->place].membership, wanted->name, facts,
                                sizeof(facts), &length, &version, NULL) == MLB_OK &&
           version > 0 && length == wanted->length && memcmp(facts, wanted->bytes, length) == 0;
}

static void publish(size_t from, const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {"node-0", "node-1", "node-2"};

    assert_int_equal(mlb_membership_set_facts(group.members[from].membership, bytes, length, NULL),
                     MLB_OK);
    for (size_t to = 0; to < 3; to++) {
        const struct wanted_facts wanted = {to, names[from], bytes, length};

        if (group.members[to].membership)
            group_run(&group, has_facts, &wanted);
    }
}

/* Small ones fit a packet, large ones go by stream. */
static void test_facts(void **state)
{
    uint8_t large[MLB_MEMBERSHIP_FACTS_MAX];
    size_t length = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(large); i++)
        large[i] = (uint8_t)(i * 7 + i / 256);
    make_group(3);
    assert_int_equal(mlb_membership_facts(group.members[0].membership, "node-1", large,
                                          sizeof(large), &length, NULL, NULL),
                     MLB_ERROR_NOT_FOUND);
    publish(0, (const uint8_t *)"small", 5);
    group_await(&group, 1, MLB_MEMBERSHIP_FACTS, "node-0");
    publish(1, large, sizeof(large));
    publish(2, large, 1500);
    publish(0, (const uint8_t *)"other", 5);
    assert_int_equal(
        mlb_membership_facts(group.members[1].membership, "node-0", large, 4, &length, NULL, NULL),
        MLB_ERROR_BUFFER_TOO_SMALL);
}

static int has_meta(const struct group *run, const void *context)
{
    struct mlb_member member = {.struct_size = sizeof(member)};

    return mlb_membership_find(run->members[1].membership, "node-0", &member, NULL) == MLB_OK &&
           member.meta_length == strlen(context) &&
           memcmp(member.meta, context, member.meta_length) == 0;
}

static void test_meta(void **state)
{
    struct mlb_membership_options options = group_options(0);
    const char *const seeds[] = {group_seed(0), NULL};

    (void)state;
    options.meta = (const uint8_t *)"first";
    options.meta_length = 5;
    group_add(&group, 0, &options);
    group_add(&group, 1, NULL);
    group_join(&group, 1, seeds);
    group_run(&group, has_meta, "first");
    assert_int_equal(
        mlb_membership_set_meta(group.members[0].membership, (const uint8_t *)"second", 6, NULL),
        MLB_OK);
    group_run(&group, has_meta, "second");
    group_await(&group, 1, MLB_MEMBERSHIP_UPDATED, "node-0");
}

static void test_leave_and_return(void **state)
{
    struct mlb_membership *leaver;

    (void)state;
    make_group(3);
    leaver = group.members[2].membership;
    assert_int_equal(mlb_membership_return(leaver, NULL), MLB_ERROR_WRONG_STATE);
    group_forget_events(&group);
    assert_int_equal(mlb_membership_leave(leaver, 5000, NULL), MLB_OK);
    group_await(&group, 2, MLB_MEMBERSHIP_DEPARTED, NULL);
    group_await(&group, 0, MLB_MEMBERSHIP_LEFT, "node-2");
    group_await(&group, 1, MLB_MEMBERSHIP_LEFT, "node-2");
    assert_int_equal(group_state(&group, 0, "node-2"), MLB_MEMBER_LEFT);
    assert_no_event(0, MLB_MEMBERSHIP_FAILED);
    assert_int_equal(mlb_membership_leave(leaver, 5000, NULL), MLB_ERROR_WRONG_STATE);
    assert_int_equal(mlb_membership_return(leaver, NULL), MLB_OK);
    group_await(&group, 0, MLB_MEMBERSHIP_JOINED, "node-2");
    group_await(&group, 1, MLB_MEMBERSHIP_JOINED, "node-2");
    group_await_alive(&group, 3);
}

static void test_failure(void **state)
{
    (void)state;
    make_group(3);
    group_forget_events(&group);
    group_remove(&group, 1);
    group_await(&group, 0, MLB_MEMBERSHIP_FAILED, "node-1");
    group_await(&group, 2, MLB_MEMBERSHIP_FAILED, "node-1");
    assert_int_equal(group_state(&group, 0, "node-1"), MLB_MEMBER_FAILED);
    assert_no_event(0, MLB_MEMBERSHIP_LEFT);
    assert_no_event(0, MLB_MEMBERSHIP_STALLED);
    /* Back under its name and at its address, it is a member as before. */
    group_add(&group, 1, NULL);
    group_join(&group, 1, (const char *const[]){group_seed(2), NULL});
    group_await_alive(&group, 3);
    group_await(&group, 0, MLB_MEMBERSHIP_JOINED, "node-1");
}

/*
 * A process that stood still until the others took it for dead hears nothing of what queued up
 * meanwhile, accuses nobody, and is a member again.
 */
static void test_stall(void **state)
{
    uint64_t received;

    (void)state;
    make_group(3);
    group_forget_events(&group);
    received = group_statistics(&group, 0).packets_received;
    group.members[0].frozen = 1;
    group_await(&group, 1, MLB_MEMBERSHIP_FAILED, "node-0");
    group_await(&group, 2, MLB_MEMBERSHIP_FAILED, "node-0");
    group.members[0].frozen = 0;
    assert_int_equal(mlb_membership_dispatch(group.members[0].membership, NULL), MLB_OK);
    assert_int_equal(group_statistics(&group, 0).packets_received, received);
    group_await(&group, 0, MLB_MEMBERSHIP_STALLED, NULL);
    group_await(&group, 0, MLB_MEMBERSHIP_RECOVERED, NULL);
    group_await_alive(&group, 3);
    assert_no_event(0, MLB_MEMBERSHIP_FAILED);
}

/* What the system will not send is counted and told, and work goes on. */
static void test_unreachable_member(void **state)
{
    struct mlb_membership_options options = group_options(1);
    char seed[64];

    (void)state;
    snprintf(seed, sizeof(seed), "%s:%d", group_seed(0), MLB_MEMBERSHIP_PORT);
    group_add(&group, 0, NULL);
    options.bind_address = (struct mlb_address){.family = MLB_FAMILY_NONE};
    options.advertise_address = address_of("::1");
    options.bind_port = free_port(AF_INET6);
    group_add(&group, 1, &options);
    group_join(&group, 1, (const char *const[]){seed, NULL});
    group_await(&group, 0, MLB_MEMBERSHIP_ERROR, NULL);
    assert_true(group_statistics(&group, 0).packets_failed > 0);
    for (size_t i = 0; i < group.members[0].event_count; i++) {
        const struct mlb_membership_event *event = &group.members[0].events[i];

        if (event->kind != MLB_MEMBERSHIP_ERROR)
            continue;
        assert_string_equal(event->detail,
                            "cannot send packets: Address family not supported by protocol");
    }
}

static const struct mlb_membership_key key_one = {.bytes = "0123456789abcdef", .length = 16};
static const struct mlb_membership_key key_two = {.bytes = "fedcba9876543210", .length = 32};

static void add_with_key(size_t place, const struct mlb_membership_key *key)
{
    struct mlb_membership_options options = group_options(place);

    options.keys = key;
    options.key_count = key != NULL;
    group_add(&group, place, &options);
}

static int refuses(const struct group *run, const void *context)
{
    (void)context;
    return group_statistics(run, 0).streams_failed > 0 &&
           group_statistics(run, 1).streams_failed > 0;
}

static void stay_apart(const struct mlb_membership_key *one, const struct mlb_membership_key *other)
{
    add_with_key(0, one);
    add_with_key(1, other);
    group_join(&group, 1, (const char *const[]){group_seed(0), NULL});
    group_await(&group, 1, MLB_MEMBERSHIP_SEEDS_SILENT, NULL);
    group_run(&group, refuses, NULL);
    assert_int_equal(group_state(&group, 0, "node-1"), -1);
    assert_int_equal(group_state(&group, 1, "node-0"), -1);
    group_free(&group);
}

static void test_wrong_key(void **state)
{
    (void)state;
    stay_apart(&key_one, &key_two);
    stay_apart(&key_one, NULL);
    stay_apart(NULL, &key_two);
}

static void test_wrong_label(void **state)
{
    struct mlb_membership_options options = group_options(0);

    (void)state;
    options.label = "label";
    group_add(&group, 0, &options);
    group_add(&group, 1, NULL);
    options = group_options(2);
    options.label = "label";
    group_add(&group, 2, &options);
    group_join(&group, 1, (const char *const[]){group_seed(0), NULL});
    group_join(&group, 2, (const char *const[]){group_seed(0), NULL});
    group_await(&group, 1, MLB_MEMBERSHIP_SEEDS_SILENT, NULL);
    group_await(&group, 2, MLB_MEMBERSHIP_JOINED, "node-0");
    assert_int_equal(group_state(&group, 1, "node-0"), -1);
    assert_int_equal(group_state(&group, 0, "node-1"), -1);
}

static void give_keys(size_t place, const struct mlb_membership_key *keys, size_t count)
{
    assert_int_equal(mlb_membership_set_keys(group.members[place].membership, keys, count, NULL),
                     MLB_OK);
}

/* What each step publishes arrives everywhere, so nobody is cut off at any step. */
static void test_key_rotation(void **state)
{
    const struct mlb_membership_key old_first[] = {key_one, key_two};
    const struct mlb_membership_key new_first[] = {key_two, key_one};
    struct mlb_diagnostic diagnostic;

    (void)state;
    add_with_key(0, &key_one);
    add_with_key(1, &key_one);
    group_join(&group, 1, (const char *const[]){group_seed(0), NULL});
    group_await_alive(&group, 2);
    for (size_t place = 0; place < 2; place++) {
        give_keys(place, old_first, 2);
        publish(place, (const uint8_t *)"one, two", 8);
    }
    for (size_t place = 0; place < 2; place++) {
        give_keys(place, new_first, 2);
        publish(0, (const uint8_t *)(place ? "a" : "b"), 1);
        publish(1, (const uint8_t *)(place ? "c" : "d"), 1);
    }
    for (size_t place = 0; place < 2; place++) {
        give_keys(place, &key_two, 1);
        publish(0, (const uint8_t *)(place ? "e" : "f"), 1);
        publish(1, (const uint8_t *)(place ? "g" : "h"), 1);
    }
    assert_int_equal(group_statistics(&group, 0).packets_refused, 0);
    assert_int_equal(group_statistics(&group, 1).packets_refused, 0);
    assert_no_event(0, MLB_MEMBERSHIP_SUSPECTED);
    /* Who has the old key only is a stranger by now. */
    add_with_key(2, &key_one);
    group_join(&group, 2, (const char *const[]){group_seed(0), NULL});
    group_await(&group, 2, MLB_MEMBERSHIP_SEEDS_SILENT, NULL);
    assert_int_equal(group_state(&group, 0, "node-2"), -1);
    mlb_diagnostic_init(&diagnostic);
    assert_int_equal(mlb_membership_set_keys(group.members[0].membership, NULL, 0, &diagnostic),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_non_null(strstr(diagnostic.message, "cannot be taken away"));
}

static void test_ipv6(void **state)
{
    char seed[64];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct mlb_membership_options options = group_options(i);

        options.bind_address = address_of("::1");
        options.bind_port = free_port(AF_INET6);
        if (i == 0)
            snprintf(seed, sizeof(seed), "[::1]:%u", options.bind_port);
        group_add(&group, i, &options);
    }
    group_join(&group, 1, (const char *const[]){seed, NULL});
    group_await_alive(&group, 2);
    publish(0, (const uint8_t *)"facts", 5);
    publish(1, (const uint8_t *)"facts", 5);
    assert_no_event(0, MLB_MEMBERSHIP_SUSPECTED);
}

/* Bound to all addresses it is reached by either family, and answers in the same. */
static void test_both_families(void **state)
{
    struct mlb_membership_options options = group_options(0);
    struct mlb_member member = {.struct_size = sizeof(member)};
    char seeds[2][64];

    (void)state;
    options.bind_address = (struct mlb_address){.family = MLB_FAMILY_NONE};
    options.advertise_address = address_of("::1");
    options.bind_port = free_port(AF_INET6);
    snprintf(seeds[0], sizeof(seeds[0]), "127.0.0.1:%u", options.bind_port);
    snprintf(seeds[1], sizeof(seeds[1]), "[::1]:%u", options.bind_port);
    group_add(&group, 0, &options);
    options = group_options(1);
    options.bind_address = (struct mlb_address){.family = MLB_FAMILY_NONE};
    options.advertise_address = address_of("127.0.0.1");
    options.bind_port = free_port(AF_INET6);
    group_add(&group, 1, &options);
    group_join(&group, 1, (const char *const[]){seeds[0], NULL});
    group_await_alive(&group, 2);
    publish(0, (const uint8_t *)"facts", 5);
    publish(1, (const uint8_t *)"facts", 5);
    assert_int_equal(mlb_membership_find(group.members[1].membership, "node-0", &member, NULL),
                     MLB_OK);
    assert_int_equal(member.address.family, MLB_FAMILY_IPV6);
    assert_no_event(0, MLB_MEMBERSHIP_SUSPECTED);
    assert_no_event(1, MLB_MEMBERSHIP_SUSPECTED);
}

static void test_port_taken(void **state)
{
    const struct mlb_membership_options options = group_options(0);
    struct mlb_membership *second = NULL;
    struct mlb_diagnostic diagnostic;

    (void)state;
    group_add(&group, 0, NULL);
    mlb_diagnostic_init(&diagnostic);
    assert_int_equal(mlb_membership_new(&options, &second, &diagnostic), MLB_ERROR_SYSTEM);
    assert_null(second);
    assert_int_equal(diagnostic.system_error, EADDRINUSE);
    assert_non_null(strstr(diagnostic.message, group_seed(0)));
    assert_non_null(strstr(diagnostic.message, "port 7946 (UDP)"));
}

/* Only TCP is taken: the UDP socket is given back. */
static void test_tcp_port_taken(void **state)
{
    const struct mlb_membership_options options = group_options(0);
    struct sockaddr_in taken = {.sin_family = AF_INET, .sin_port = htons(MLB_MEMBERSHIP_PORT)};
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    struct mlb_membership *membership = NULL;
    struct mlb_diagnostic diagnostic;

    (void)state;
    memcpy(&taken.sin_addr, options.bind_address.bytes, 4);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&taken, sizeof(taken)), 0);
    assert_int_equal(listen(descriptor, 1), 0);
    mlb_diagnostic_init(&diagnostic);
    assert_int_equal(mlb_membership_new(&options, &membership, &diagnostic), MLB_ERROR_SYSTEM);
    assert_non_null(strstr(diagnostic.message, "port 7946 (TCP)"));
    close(descriptor);
    group_add(&group, 0, NULL);
}

static int has_dispatched(const struct group *run, const void *context)
{
    const uint64_t *wanted = context;

    return run->dispatches >= *wanted;
}

/* Whoever is alone has hardly anything to do: its descriptor is not readable all the time. */
static void test_sleeps(void **state)
{
    const uint64_t few = 5;
    struct pollfd entry;
    int wakes = 0;

    (void)state;
    group_add(&group, 0, NULL);
    group_run(&group, has_dispatched, &few);
    entry = (struct pollfd){.fd = mlb_membership_fd(group.members[0].membership), .events = POLLIN};
    while (wakes < 100 && poll(&entry, 1, 0) == 1) {
        assert_int_equal(mlb_membership_dispatch(group.members[0].membership, NULL), MLB_OK);
        wakes++;
    }
    assert_true(wakes < 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_join, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_probes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_facts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_meta, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_leave_and_return, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stall, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unreachable_member, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_label, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_key_rotation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ipv6, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_both_families, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_port_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tcp_port_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sleeps, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
