/* SPDX-License-Identifier: MIT */
/* What one packet may hold, and what it may bring about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "peer.h"

/* A packet of many questions, which may name anybody to be answered to, is no lever. */
static void test_questions_are_bounded(void **state)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);
    const struct membership_endpoint source = peer_at(99);
    const struct memberlist_ping ping = {.node = peer_text("self"), .sequence = 1};
    uint8_t packet[SEAL_PACKET_MAX];
    uint8_t buffer[64];
    struct writer writer = writer_to(buffer, sizeof(buffer));
    struct span messages[MEMBERLIST_COMPOUND_MAX];
    size_t length;

    (void)state;
    peer_begin(peer);
    memberlist_build_ping(&writer, &ping);
    assert_false(writer.failed);
    for (size_t i = 0; i < MEMBERLIST_COMPOUND_MAX; i++)
        messages[i] = (struct span){buffer, writer.used};
    length =
        seal_close_packet(peer->seal, messages, MEMBERLIST_COMPOUND_MAX, 0, packet, sizeof(packet));
    assert_true(length > 0);
    membership_input(peer->core, peer->now, &source, packet, length);
    peer_drain(peer);
    assert_int_equal(peer_count(peer, MEMBERLIST_ACK, 99), 8);
    assert_int_equal(peer_statistics(peer).messages_refused, MEMBERLIST_COMPOUND_MAX - 8);
    /* The next packet is answered again. */
    peer_send(peer, buffer, writer.used);
    assert_int_equal(peer_count(peer, MEMBERLIST_ACK, 99), 9);
    peer_free(peer);
}

/* Whatever is gossiped, a packet stays within the budget, and all are told in the end. */
static void test_budget(void **state)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);
    uint8_t meta[512] = {0};
    static uint8_t buffer[SEAL_PACKET_MAX];
    struct membership_endpoint target;
    size_t largest = 0;

    (void)state;
    peer->options.label = "a label";
    peer_begin(peer);
    seal_free(peer->seal);
    assert_int_equal(seal_new(&(struct seal_options){.label = "a label"}, &peer->seal), MLB_OK);
    for (uint8_t i = 0; i < 40; i++) {
        char name[16];
        struct memberlist_node node;

        snprintf(name, sizeof(name), "node-%u", i);
        node = peer_node(name, (uint8_t)(i + 2), 1);
        node.meta = (struct span){meta, (size_t)(i % 7) * 80};
        peer_tell(peer, &node);
    }
    for (int i = 0; i < 400; i++) {
        size_t length;

        peer->now += MS(100);
        membership_tick(peer->core, peer->now);
        while ((length =
                    membership_output(peer->core, peer->now, buffer, sizeof(buffer), &target)) > 0)
            largest = length > largest ? length : largest;
    }
    assert_in_range(largest, 1200, 1405);
    peer_free(peer);
}

/* News of members fill the packets, but facts have their share of each. */
static void test_share_of_facts(void **state)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);
    uint8_t meta[400] = {0};
    const struct membership_endpoint source = peer_at(9);
    static uint8_t packet[SEAL_PACKET_MAX];
    uint8_t buffer[1400];

    (void)state;
    peer_begin(peer);
    for (uint8_t i = 0; i < 40; i++) {
        char name[16];
        struct memberlist_node node;
        struct writer writer = writer_to(buffer, sizeof(buffer));
        struct span span;
        size_t length;

        snprintf(name, sizeof(name), "node-%u", i);
        node = peer_node(name, (uint8_t)(i + 2), 1);
        node.meta = (struct span){meta, 100};
        memberlist_build_alive(&writer, &node);
        span = (struct span){buffer, writer.used};
        length = seal_close_packet(peer->seal, &span, 1, 0, packet, sizeof(packet));
        membership_input(peer->core, peer->now, &source, packet, length);
    }
    assert_int_equal(membership_set_facts(peer->core, peer->now, meta, 300), MLB_OK);
    membership_tick(peer->core, peer->now);
    peer_drain(peer);
    /* A round of gossip, and each of 40 directly. */
    assert_int_equal(peer->packets, 3 + 40);
    assert_int_equal(peer_count(peer, MEMBERLIST_USER, 0), 3 + 40);
    assert_true(peer_count(peer, MEMBERLIST_ALIVE, 0) >= 6);
    peer_free(peer);
}

/* What a small group is told by its origin reaches each member whatever gossip does. */
static void test_told_directly(void **state)
{
    (void)state;
    for (uint8_t members = 10; members <= 70; members += 60) {
        struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);
        char name[16];

        peer_begin(peer);
        for (uint8_t i = 0; i < members; i++) {
            snprintf(name, sizeof(name), "node-%u", i);
            peer_alive(peer, name, (uint8_t)(i + 2), 1);
        }
        peer_forget(peer);
        assert_int_equal(membership_leave(peer->core, peer->now, SEC(5)), MLB_OK);
        peer_drain(peer);
        for (uint8_t i = 0; i < members; i++)
            assert_int_equal(peer_count(peer, MEMBERLIST_DEAD, (uint8_t)(i + 2)), members == 10);
        peer_free(peer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions_are_bounded),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_share_of_facts),
        cmocka_unit_test(test_told_directly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
