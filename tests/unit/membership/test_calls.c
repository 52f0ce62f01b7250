/* SPDX-License-Identifier: MIT */
/* Options that are refused, what can be asked, and events that wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "peer.h"

static void refused(struct peer *peer)
{
    struct membership *core = NULL;

    assert_int_equal(membership_new(&peer->options, peer->now, &core), MLB_ERROR_INVALID_ARGUMENT);
    assert_null(core);
}

#define REFUSED(field, value)                                   \
    do {                                                        \
        const struct membership_options before = peer->options; \
        peer->options.field = value;                            \
        refused(peer);                                          \
        peer->options = before;                                 \
    } while (0)

static void test_texts(void **state)
{
    static char text[300];
    struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    REFUSED(name, NULL);
    REFUSED(name, "");
    REFUSED(name, "a\nb");
    REFUSED(name, text);
    REFUSED(label, text);
    REFUSED(meta_length, 513);
    peer_begin(peer);
    peer_free(peer);
}

static void test_advertised(void **state)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);

    (void)state;
    REFUSED(advertise.port, 0);
    REFUSED(advertise.address.family, MLB_FAMILY_NONE);
    REFUSED(advertise.address.bytes[0], 0);
    REFUSED(advertise.address.bytes[0], 224);
    peer_begin(peer);
    peer_free(peer);
}

static void test_numbers(void **state)
{
    static const struct mlb_membership_key bad_key = {.length = 17};
    struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);

    (void)state;
    REFUSED(delegate_versions[0], 1);
    REFUSED(delegate_versions[2], 1);
    REFUSED(timing.probe_interval, 0);
    REFUSED(facts_version, UINT64_MAX);
    peer->options.keys = &bad_key;
    REFUSED(key_count, 1);
    peer_begin(peer);
    peer_free(peer);
    membership_free(NULL);
}

static void test_positions(void **state)
{
    static const char *const names[] = {"a", "b", "self", "z"};
    struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);
    struct mlb_member member = {.struct_size = sizeof(member)};

    (void)state;
    peer_begin(peer);
    peer_alive(peer, "z", 5, 1);
    peer_alive(peer, "b", 3, 1);
    peer_alive(peer, "a", 2, 7);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(membership_member(peer->core, i, &member), MLB_OK);
        assert_string_equal(member.name, names[i]);
        assert_int_equal(member.is_self, i == 2);
        assert_int_equal(member.struct_size, sizeof(member));
    }
    assert_int_equal(membership_member(peer->core, 4, &member), MLB_ERROR_NOT_FOUND);
    assert_int_equal(membership_find(peer->core, "c", &member), MLB_ERROR_NOT_FOUND);
    assert_int_equal(membership_find(peer->core, "a", &member), MLB_OK);
    assert_int_equal(member.incarnation, 7);
    assert_int_equal(member.port, MLB_MEMBERSHIP_PORT);
    assert_int_equal(member.address.bytes[3], 2);
    assert_memory_equal(member.versions, "\1\5\2\0\0\0", 6);
    peer_free(peer);
}

static void test_facts_of_member(void **state)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);
    uint8_t facts[8];
    size_t length = 99;
    uint64_t version = 0;

    (void)state;
    peer_begin(peer);
    assert_int_equal(membership_facts(peer->core, "self", facts, 8, &length, &version),
                     MLB_ERROR_NOT_FOUND);
    assert_int_equal(membership_facts(peer->core, "no", facts, 8, &length, &version),
                     MLB_ERROR_NOT_FOUND);
    assert_int_equal(membership_set_facts(peer->core, peer->now, (const uint8_t *)"12345678", 8),
                     MLB_OK);
    assert_int_equal(membership_facts(peer->core, "self", facts, 7, &length, &version),
                     MLB_ERROR_BUFFER_TOO_SMALL);
    assert_int_equal(length, 99);
    assert_int_equal(membership_facts(peer->core, "self", facts, 8, &length, NULL), MLB_OK);
    assert_int_equal(length, 8);
    assert_int_equal(membership_facts(peer->core, "self", facts, 8, &length, &version), MLB_OK);
    assert_int_equal(version, 10);
    peer_free(peer);
}

/* Sends without taking events. */
static void send_quietly(struct peer *peer, enum memberlist_type type, uint32_t incarnation)
{
    const struct memberlist_node node = peer_node("a", 2, incarnation);
    const struct memberlist_verdict verdict = {peer_text("a"), peer_text("b"), incarnation};
    const struct membership_endpoint source = peer_at(9);
    uint8_t buffers[2][256];
    struct writer writer = writer_to(buffers[0], 256);
    struct span span;
    size_t length;

    if (type == MEMBERLIST_ALIVE)
        memberlist_build_alive(&writer, &node);
    else
        memberlist_build_verdict(&writer, type, &verdict);
    span = (struct span){buffers[0], writer.used};
    length = seal_close_packet(peer->seal, &span, 1, 0, buffers[1], 256);
    membership_input(peer->core, peer->now, &source, buffers[1], length);
}

/* Of each kind the last one about a member, in the order of the last ones. */
static void test_events_wait(void **state)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);

    (void)state;
    peer_begin(peer);
    for (uint32_t i = 1; i < 1000; i += 2) {
        peer->now++;
        send_quietly(peer, MEMBERLIST_ALIVE, i);
        send_quietly(peer, MEMBERLIST_SUSPECT, i);
        send_quietly(peer, MEMBERLIST_ALIVE, i + 1);
        send_quietly(peer, MEMBERLIST_DEAD, i + 1);
    }
    peer_drain(peer);
    assert_int_equal(peer->event_count, 4);
    assert_int_equal(peer->events[0].kind, MLB_MEMBERSHIP_JOINED);
    assert_int_equal(peer->events[0].incarnation, 999);
    assert_int_equal(peer->events[1].kind, MLB_MEMBERSHIP_SUSPECTED);
    assert_int_equal(peer->events[2].kind, MLB_MEMBERSHIP_TRUSTED);
    assert_int_equal(peer->events[3].kind, MLB_MEMBERSHIP_FAILED);
    assert_int_equal(peer->events[3].incarnation, 1000);
    assert_int_equal(peer->events[3].time, peer->now);
    assert_string_equal(peer->events[3].name, "a");
    assert_int_equal(peer->events[3].address.bytes[3], 2);
    peer_free(peer);
}

static void test_clock_goes_back(void **state)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);
    uint64_t deadline;

    (void)state;
    peer_begin(peer);
    peer_alive(peer, "a", 2, 1);
    peer_pass(peer, SEC(1));
    membership_tick(peer->core, peer->now);
    deadline = membership_deadline(peer->core);
    membership_tick(peer->core, 5);
    assert_int_equal(membership_deadline(peer->core), deadline);
    peer->now -= SEC(1);
    peer_alive(peer, "b", 3, 1);
    assert_int_not_equal(peer->event_count, 0);
    assert_int_equal(peer->events[peer->event_count - 1].time, peer->now + SEC(1));
    peer_free(peer);
}

static int no_entropy(void *context, uint8_t *bytes, size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
    return -1;
}

static int zero_entropy(void *context, uint8_t *bytes, size_t length)
{
    (void)context;
    memset(bytes, 0, length);
    return 0;
}

/* Without nonces nothing is sent, and that is told. */
static void test_no_entropy(void **state)
{
    static const struct mlb_membership_key key = {.length = 16};
    struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);
    struct membership_endpoint seed = peer_at(2);
    struct membership_action action;

    (void)state;
    peer->options.keys = &key;
    peer->options.key_count = 1;
    peer->options.entropy = no_entropy;
    peer_begin(peer);
    seal_free(peer->seal);
    assert_int_equal(seal_new(&(struct seal_options){.entropy = zero_entropy}, &peer->seal),
                     MLB_OK);
    assert_int_equal(seal_set_keys(peer->seal, &key, 1), MLB_OK);
    assert_int_equal(membership_set_seeds(peer->core, peer->now, &seed, 1), MLB_OK);
    assert_int_equal(membership_next_action(peer->core, &action), 0);
    peer_alive(peer, "a", 2, 1);
    assert_int_equal(peer_state(peer, "a"), MLB_MEMBER_ALIVE);
    peer_pass(peer, MS(80));
    assert_int_equal(peer->packets, 0);
    assert_true(peer_events(peer, MLB_MEMBERSHIP_ERROR, NULL) > 0);
    assert_int_equal(peer_statistics(peer).packets_sent, 0);
    peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),           cmocka_unit_test(test_advertised),
        cmocka_unit_test(test_numbers),         cmocka_unit_test(test_positions),
        cmocka_unit_test(test_facts_of_member), cmocka_unit_test(test_events_wait),
        cmocka_unit_test(test_clock_goes_back), cmocka_unit_test(test_no_entropy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
