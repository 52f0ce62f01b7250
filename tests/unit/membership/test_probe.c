/* SPDX-License-Identifier: MIT */
/* Probing: whom, how and with what result (7.8), answers to others, and packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "peer.h"

/* Members b, c, d and e at hosts 2 to 5, of LAN timing; all has been gossiped. */
static struct peer *with_members(uint32_t flags)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);

    peer->options.timing.flags = flags;
    peer_begin(peer);
    peer->answers = 1;
    peer_alive(peer, "b", 2, 1);
    peer_alive(peer, "c", 3, 1);
    peer_alive(peer, "d", 4, 1);
    peer_alive(peer, "e", 5, 1);
    peer_pass(peer, SEC(4));
    assert_int_equal(peer_statistics(peer).queued, 0);
    peer->answers = 0;
    peer_forget(peer);
    return peer;
}

static struct memberlist_ping parsed_ping(const struct peer_message *message)
{
    struct memberlist_ping ping;

    assert_non_null(message);
    assert_int_equal(memberlist_parse_ping(message->bytes + 1, message->length - 1, &ping), MLB_OK);
    return ping;
}

static void next_probe(struct peer *peer)
{
    for (int i = 0; i < 30 && !peer_first(peer, MEMBERLIST_PING, 0); i++)
        peer_pass(peer, MS(50));
}

static void test_round(void **state)
{
    struct peer *peer = with_members(0);

    (void)state;
    peer->answers = 1;
    peer_pass(peer, SEC(40));
    for (uint8_t host = 2; host <= 5; host++)
        assert_int_equal(peer_count(peer, MEMBERLIST_PING, host), 10);
    assert_int_equal(peer_count(peer, MEMBERLIST_PING, 1), 0);
    assert_int_equal(peer_count(peer, MEMBERLIST_INDIRECT_PING, 0), 0);
    assert_int_equal(peer_statistics(peer).probes_failed, 0);
    peer_free(peer);
}

static void test_ping(void **state)
{
    struct peer *peer = with_members(0);
    struct memberlist_ping ping;
    const struct peer_message *message = NULL;

    (void)state;
    next_probe(peer);
    message = peer_first(peer, MEMBERLIST_PING, 0);
    ping = parsed_ping(message);
    assert_int_equal(ping.node.length, 1);
    assert_int_equal(ping.node.bytes[0], 'a' + message->target.address.bytes[3] - 1);
    assert_memory_equal(ping.source_node.bytes, "self", 4);
    assert_int_equal(ping.source_address.length, 4);
    assert_int_equal(ping.source_port, MLB_MEMBERSHIP_PORT);
    peer_free(peer);
}

/* Silence: others are asked at the timeout, by stream too, and at the end it is suspected. */
static void test_silence(void **state)
{
    struct peer *peer = with_members(0);
    struct memberlist_indirect_ping indirect;
    struct membership_action action;
    const struct peer_message *message = NULL;
    uint8_t stream_message[1400];
    size_t position = 0;
    uint8_t host;

    (void)state;
    next_probe(peer);
    assert_non_null(peer_first(peer, MEMBERLIST_PING, 0));
    host = peer_first(peer, MEMBERLIST_PING, 0)->target.address.bytes[3];
    peer_pass(peer, MS(500));
    assert_int_equal(peer_count(peer, MEMBERLIST_INDIRECT_PING, 0), 3);
    assert_int_equal(peer_count(peer, MEMBERLIST_INDIRECT_PING, host), 0);
    while ((message = peer_next(peer, MEMBERLIST_INDIRECT_PING, 0, &position))) {
        assert_int_equal(
            memberlist_parse_indirect_ping(message->bytes + 1, message->length - 1, &indirect),
            MLB_OK);
        assert_int_equal(indirect.nack, 1);
        assert_int_equal(indirect.port, MLB_MEMBERSHIP_PORT);
        assert_int_equal(indirect.target.bytes[3], host);
        assert_int_equal(indirect.sequence,
                         parsed_ping(peer_first(peer, MEMBERLIST_PING, 0)).sequence);
    }
    action = peer_action(peer, MEMBERSHIP_STREAM_CONNECT);
    assert_int_equal(action.target.address.bytes[3], host);
    assert_int_equal(action.stream % 2, 0);
    action = peer_action(peer, MEMBERSHIP_STREAM_SEND);
    assert_in_range(peer_open(peer, &action, SEAL_ACCEPTED, stream_message, 1400), 10, 1400);
    assert_int_equal(stream_message[0], MEMBERLIST_PING);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SUSPECTED, NULL), 0);
    peer_pass(peer, MS(500));
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SUSPECTED, NULL), 1);
    assert_int_equal(peer_statistics(peer).probes_failed, 1);
    /* 7.8.5, but nacks could not be here in time with these values: one point, not three. */
    assert_int_equal(peer_statistics(peer).health, 1);
    action = peer_action(peer, MEMBERSHIP_STREAM_CLOSE);
    peer_free(peer);
}

static void test_late_acknowledgement(void **state)
{
    struct peer *peer = with_members(MLB_MEMBERSHIP_NO_STREAM_PINGS);
    struct membership_action action;
    uint32_t sequence;

    (void)state;
    next_probe(peer);
    sequence = parsed_ping(peer_first(peer, MEMBERLIST_PING, 0)).sequence;
    peer_ack(peer, sequence + 1);
    peer_pass(peer, MS(700));
    assert_int_equal(peer_count(peer, MEMBERLIST_INDIRECT_PING, 0), 3);
    assert_int_equal(membership_next_action(peer->core, &action), 0);
    /* As one of the others sends it on: the same number. */
    peer_ack(peer, sequence);
    peer_pass(peer, MS(250));
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SUSPECTED, NULL), 0);
    peer_free(peer);
}

/* 7.8.4: only the stream was answered. */
static void test_answer_by_stream(void **state)
{
    for (int answers = 0; answers < 2; answers++) {
        struct peer *peer = with_members(0);
        struct memberlist_ack ack = {0};
        struct membership_action action;
        uint8_t buffer[64];
        struct writer writer = writer_to(buffer, sizeof(buffer));

        (void)state;
        next_probe(peer);
        ack.sequence = parsed_ping(peer_first(peer, MEMBERLIST_PING, 0)).sequence + !answers;
        memberlist_build_ack(&writer, &ack);
        peer_pass(peer, MS(500));
        action = peer_action(peer, MEMBERSHIP_STREAM_CONNECT);
        peer_stream(peer, action.stream, SEAL_ACCEPTED, buffer, writer.used);
        peer_pass(peer, MS(550));
        assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SUSPECTED, NULL), !answers);
        peer_free(peer);
    }
}

static void nack(struct peer *peer, uint32_t sequence)
{
    const struct memberlist_nack message = {sequence};
    uint8_t buffer[64];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_nack(&writer, &message);
    peer_send(peer, buffer, writer.used);
}

/* 7.8.5 where nacks can be here in time: each that is missing is our own fault. */
static void test_nacks(void **state)
{
    (void)state;
    for (uint32_t nacks = 0; nacks <= 3; nacks++) {
        struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);

        peer_begin(peer);
        peer_alive(peer, "b", 2, 1);
        peer_alive(peer, "c", 3, 1);
        peer_alive(peer, "d", 4, 1);
        peer_alive(peer, "e", 5, 1);
        peer_forget(peer);
        for (int i = 0; i < 100 && !peer_first(peer, MEMBERLIST_PING, 0); i++)
            peer_pass(peer, MS(2));
        peer_pass(peer, MS(45));
        assert_int_equal(peer_count(peer, MEMBERLIST_INDIRECT_PING, 0), 3);
        for (uint32_t i = 0; i < nacks; i++)
            nack(peer, parsed_ping(peer_first(peer, MEMBERLIST_PING, 0)).sequence);
        peer_pass(peer, MS(56));
        assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SUSPECTED, NULL), 1);
        assert_int_equal(peer_statistics(peer).health, 3 - nacks);
        peer_free(peer);
    }
}

/* A slow node waits longer, and at most one probe that was due meanwhile follows. */
static void test_slow_node(void **state)
{
    struct peer *peer = with_members(0);
    uint64_t probes;

    (void)state;
    peer_suspect(peer, "self", "b", 1);
    peer_suspect(peer, "self", "b", 2);
    assert_int_equal(peer_statistics(peer).health, 2);
    peer_forget(peer);
    next_probe(peer);
    peer_pass(peer, MS(2800));
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SUSPECTED, NULL), 0);
    probes = peer_statistics(peer).probes;
    peer_pass(peer, MS(210));
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SUSPECTED, NULL), 1);
    assert_int_equal(peer_statistics(peer).probes, probes + 1);
    peer_free(peer);
}

/* The probe that was due meanwhile begins as soon as the slow one is answered. */
static void test_missed_probe(void **state)
{
    struct peer *peer = with_members(0);
    uint64_t probes;

    (void)state;
    peer_suspect(peer, "self", "b", 1);
    peer_suspect(peer, "self", "b", 2);
    peer_forget(peer);
    next_probe(peer);
    probes = peer_statistics(peer).probes;
    peer_pass(peer, MS(1500));
    assert_int_equal(peer_statistics(peer).probes, probes);
    peer_ack(peer, parsed_ping(peer_first(peer, MEMBERLIST_PING, 0)).sequence);
    assert_int_equal(peer_statistics(peer).probes, probes + 1);
    assert_int_equal(peer_statistics(peer).health, 1);
    peer_free(peer);
}

/* What was not heard in a stall is nobody's fault. */
static void test_probe_and_stall(void **state)
{
    struct peer *peer = with_members(0);

    (void)state;
    next_probe(peer);
    peer->now += SEC(20);
    membership_tick(peer->core, peer->now);
    peer_drain(peer);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_STALLED, NULL), 1);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SUSPECTED, NULL), 0);
    assert_int_equal(peer_statistics(peer).health, 0);
    assert_int_equal(peer_statistics(peer).probes_failed, 0);
    peer_free(peer);
}

static void send_ping(struct peer *peer, const char *node, const uint8_t *source, uint16_t port)
{
    const struct memberlist_ping ping = {
        .node = peer_text(node),
        .source_address = {source, source ? 4 : 0},
        .sequence = 77,
        .source_port = port,
    };
    uint8_t buffer[256];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_ping(&writer, &ping);
    peer_send(peer, buffer, writer.used);
}

static void test_answers(void **state)
{
    static const uint8_t source[] = {192, 0, 2, 50};
    struct peer *peer = with_members(0);
    struct memberlist_ack ack;
    const struct peer_message *message = NULL;

    (void)state;
    send_ping(peer, "self", NULL, 0);
    message = peer_first(peer, MEMBERLIST_ACK, 99);
    assert_non_null(message);
    assert_int_equal(memberlist_parse_ack(message->bytes + 1, message->length - 1, &ack), MLB_OK);
    assert_int_equal(ack.sequence, 77);
    assert_int_equal(ack.payload.length, 0);
    send_ping(peer, "", NULL, 0);
    assert_int_equal(peer_count(peer, MEMBERLIST_ACK, 99), 2);
    send_ping(peer, "self", source, 1234);
    message = peer_first(peer, MEMBERLIST_ACK, 50);
    assert_non_null(message);
    assert_int_equal(message->target.port, 1234);
    /* Not both are there. */
    send_ping(peer, "self", source, 0);
    assert_int_equal(peer_count(peer, MEMBERLIST_ACK, 99), 3);
    peer_forget(peer);
    send_ping(peer, "b", NULL, 0);
    send_ping(peer, "unknown", NULL, 0);
    assert_int_equal(peer_count(peer, MEMBERLIST_ACK, 0), 0);
    peer_free(peer);
}

/* The answer to an accusation travels with the acknowledgement. */
static void test_refutation_with_acknowledgement(void **state)
{
    struct peer *peer = with_members(0);
    static uint8_t packet[SEAL_PACKET_MAX];
    const struct memberlist_ping ping = {.node = peer_text("self"), .sequence = 5};
    const struct memberlist_verdict verdict = {peer_text("self"), peer_text("b"), 1};
    const struct membership_endpoint source = peer_at(2);
    uint8_t buffers[2][256];
    struct writer first = writer_to(buffers[0], 256);
    struct writer second = writer_to(buffers[1], 256);
    struct span spans[2];
    size_t length;

    (void)state;
    memberlist_build_ping(&first, &ping);
    memberlist_build_verdict(&second, MEMBERLIST_SUSPECT, &verdict);
    spans[0] = (struct span){buffers[0], first.used};
    spans[1] = (struct span){buffers[1], second.used};
    length = seal_close_packet(peer->seal, spans, 2, 1, packet, sizeof(packet));
    membership_input(peer->core, peer->now, &source, packet, length);
    peer_drain(peer);
    assert_int_equal(peer_count(peer, MEMBERLIST_ACK, 2), 1);
    assert_int_equal(peer_count(peer, MEMBERLIST_ALIVE, 2), 1);
    assert_int_equal(peer->messages[0].packet, peer->messages[1].packet);
    peer_free(peer);
}

static void ask_for(struct peer *peer, const char *node, uint8_t host, int with_nack)
{
    const uint8_t target[] = {192, 0, 2, host};
    const struct memberlist_indirect_ping message = {
        .node = peer_text(node),
        .target = {target, 4},
        .sequence = 4711,
        .nack = with_nack,
    };
    uint8_t buffer[256];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_indirect_ping(&writer, &message);
    peer_send(peer, buffer, writer.used);
}

static void test_relay(void **state)
{
    struct peer *peer = with_members(0);
    const struct peer_message *message = NULL;
    struct memberlist_ping ping;
    struct memberlist_ack ack;

    (void)state;
    ask_for(peer, "z", 40, 1);
    message = peer_first(peer, MEMBERLIST_PING, 40);
    ping = parsed_ping(message);
    assert_memory_equal(ping.node.bytes, "z", 1);
    assert_memory_equal(ping.source_node.bytes, "self", 4);
    /* Port 0 is the own one. */
    assert_int_equal(message->target.port, MLB_MEMBERSHIP_PORT);
    assert_int_not_equal(ping.sequence, 4711);
    peer_ack(peer, ping.sequence);
    message = peer_first(peer, MEMBERLIST_ACK, 99);
    assert_non_null(message);
    assert_int_equal(memberlist_parse_ack(message->bytes + 1, message->length - 1, &ack), MLB_OK);
    assert_int_equal(ack.sequence, 4711);
    /* Once only, and no nack any more. */
    peer_ack(peer, ping.sequence);
    peer_pass(peer, SEC(2));
    assert_int_equal(peer_count(peer, MEMBERLIST_ACK, 99), 1);
    assert_int_equal(peer_count(peer, MEMBERLIST_NACK, 99), 0);
    peer_free(peer);
}

static void test_relay_in_vain(void **state)
{
    struct peer *peer = with_members(0);
    uint32_t sequence;

    (void)state;
    ask_for(peer, "z", 40, 0);
    peer_pass(peer, SEC(2));
    assert_int_equal(peer_count(peer, MEMBERLIST_NACK, 99), 0);
    peer_forget(peer);
    ask_for(peer, "z", 40, 1);
    sequence = parsed_ping(peer_first(peer, MEMBERLIST_PING, 40)).sequence;
    peer_pass(peer, MS(390));
    assert_int_equal(peer_count(peer, MEMBERLIST_NACK, 99), 0);
    /* Before the asker's second is over. */
    peer_pass(peer, MS(20));
    assert_int_equal(peer_count(peer, MEMBERLIST_NACK, 99), 1);
    peer_ack(peer, sequence);
    assert_int_equal(peer_count(peer, MEMBERLIST_ACK, 99), 1);
    peer_free(peer);
}

static void test_relays_are_bounded(void **state)
{
    static struct peer *peer;

    (void)state;
    peer = with_members(0);
    for (int i = 0; i < 300; i++)
        ask_for(peer, "z", 40, 1);
    assert_int_equal(peer_count(peer, MEMBERLIST_PING, 40), 256);
    peer_free(peer);
}

/* Packets that nobody takes out do not pile up without end. */
static void test_packets_are_bounded(void **state)
{
    struct peer *peer = with_members(0);
    static uint8_t packet[SEAL_PACKET_MAX];
    static uint8_t buffer[SEAL_PACKET_MAX];
    const struct memberlist_ping ping = {.node = peer_text("self"), .sequence = 5};
    const struct membership_endpoint source = peer_at(2);
    struct membership_endpoint target;
    uint8_t bytes[256];
    struct writer writer = writer_to(bytes, sizeof(bytes));
    struct span span;
    size_t length;
    size_t count = 0;

    (void)state;
    memberlist_build_ping(&writer, &ping);
    span = (struct span){bytes, writer.used};
    length = seal_close_packet(peer->seal, &span, 1, 0, packet, sizeof(packet));
    for (int i = 0; i < 10000; i++)
        membership_input(peer->core, peer->now, &source, packet, length);
    while (membership_output(peer->core, peer->now, buffer, sizeof(buffer), &target) > 0)
        count++;
    assert_int_equal(count, 4096);
    /* Room for less than a packet: nothing is written, nothing lost. */
    membership_input(peer->core, peer->now, &source, packet, length);
    assert_int_equal(membership_output(peer->core, peer->now, buffer, 100, &target), 0);
    assert_true(membership_output(peer->core, peer->now, buffer, sizeof(buffer), &target) > 0);
    peer_free(peer);
}

/* The same seed and the same input give the same packets. */
static void test_repeatable(void **state)
{
    static struct peer_message first[PEER_MESSAGES];
    size_t count = 0;

    (void)state;
    for (int run = 0; run < 3; run++) {
        struct peer *peer = NULL;

        peer = peer_new(MLB_MEMBERSHIP_FAST);
        peer->options.seed = run < 2 ? 1 : 2;
        peer_begin(peer);
        peer->answers = 1;
        for (uint8_t i = 0; i < 20; i++) {
            char name[16];

            snprintf(name, sizeof(name), "node-%u", i);
            peer_alive(peer, name, (uint8_t)(i + 2), 1);
        }
        peer_pass(peer, MS(300));
        if (run == 0) {
            count = peer->count;
            memcpy(first, peer->messages, sizeof(first));
        } else if (run == 1) {
            assert_int_equal(peer->count, count);
            for (size_t i = 0; i < count; i++) {
                assert_int_equal(peer->messages[i].length, first[i].length);
                assert_memory_equal(peer->messages[i].bytes, first[i].bytes, first[i].length);
            }
        } else {
            assert_memory_not_equal(peer->messages, first, sizeof(first));
        }
        peer_free(peer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_ping),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_late_acknowledgement),
        cmocka_unit_test(test_answer_by_stream),
        cmocka_unit_test(test_nacks),
        cmocka_unit_test(test_slow_node),
        cmocka_unit_test(test_missed_probe),
        cmocka_unit_test(test_probe_and_stall),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_refutation_with_acknowledgement),
        cmocka_unit_test(test_relay),
        cmocka_unit_test(test_relay_in_vain),
        cmocka_unit_test(test_relays_are_bounded),
        cmocka_unit_test(test_packets_are_bounded),
        cmocka_unit_test(test_repeatable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
