/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lab.h"

/* A core that announces 192.0.2.10 on eth1 and has nothing to send any more. */
static struct announce *settled(void)
{
    struct announce *core = lab_new(1);

    lab_add(core, 0, "192.0.2.10");
    lab_settle(core, 0, 10 * SECOND);
    return core;
}

static void assert_silent(struct announce *core)
{
    assert_int_equal(lab_drain(core, 0, NULL, 0), 0);
    assert_int_equal(announce_deadline(core), ANNOUNCE_NEVER);
    announce_free(core);
}

/* Checks the only answer: from the interface's own hardware address to the client. */
static void assert_answered(struct announce *core, const struct arp_packet *request)
{
    struct sent sent;
    struct arp_packet reply;
    uint8_t own[6];

    own_hardware(1, own);
    assert_int_equal(announce_deadline(core), 0);
    assert_int_equal(lab_drain(core, 0, &sent, 1), 1);
    assert_int_equal(sent.interface_index, 1);
    assert_int_equal(sent.kind, ANNOUNCE_FRAME_ARP);
    assert_int_equal(sent.length, 60);
    assert_memory_equal(sent.bytes, request->sender_hardware, 6);
    assert_memory_equal(sent.bytes + 6, own, 6);
    assert_int_equal(arp_parse(sent.bytes + 14, sent.length - 14, &reply), MLB_OK);
    assert_int_equal(reply.operation, ARP_REPLY);
    assert_memory_equal(reply.sender_hardware, own, 6);
    assert_memory_equal(reply.sender_protocol, request->target_protocol, 4);
    assert_memory_equal(reply.target_hardware, request->sender_hardware, 6);
    assert_memory_equal(reply.target_protocol, request->sender_protocol, 4);
    announce_free(core);
}

static void test_broadcast_request(void **state)
{
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");

    (void)state;
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &request), ANNOUNCE_TAKEN);
    assert_answered(core, &request);
}

/* RFC 1122 §2.3.2.1: a client verifies an old entry by a unicast request. */
static void test_unicast_request(void **state)
{
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");
    uint8_t own[6];

    (void)state;
    own_hardware(1, own);
    assert_int_equal(lab_arp(core, 1, own, &request), ANNOUNCE_TAKEN);
    assert_answered(core, &request);
}

/* RFC 5227 §2.1.1: a probe has the sender 0.0.0.0; the answer defends the address. */
static void test_probe(void **state)
{
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");
    struct mlb_announcer_event event;

    (void)state;
    memset(request.sender_protocol, 0, sizeof(request.sender_protocol));
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &request), ANNOUNCE_TAKEN);
    assert_int_equal(announce_next_event(core, &event), 0);
    assert_answered(core, &request);
}

static void test_request_to_another_station(void **state)
{
    static const uint8_t multicast[6] = {0x01, 0, 0x5e, 0, 0, 1};
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");

    (void)state;
    assert_int_equal(lab_arp(core, 1, rival_hardware, &request), ANNOUNCE_IGNORED);
    assert_int_equal(lab_arp(core, 1, multicast, &request), ANNOUNCE_IGNORED);
    assert_silent(core);
}

static void test_foreign_target(void **state)
{
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.11");

    (void)state;
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &request), ANNOUNCE_FOREIGN);
    assert_silent(core);
}

static void test_reply(void **state)
{
    struct announce *core = settled();
    struct arp_packet reply = arp_request_for("192.0.2.10");

    (void)state;
    for (uint16_t operation = 0; operation < 12; operation++) {
        reply.operation = operation;
        if (operation != ARP_REQUEST)
            assert_int_not_equal(lab_arp(core, 1, ethernet_broadcast, &reply), ANNOUNCE_TAKEN);
    }
    assert_silent(core);
}

/* The answer would go to nobody, to many, or to ourselves. */
static void test_senders_that_cannot_be_answered(void **state)
{
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");
    uint8_t frame[ARP_FRAME_SIZE];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        memset(request.sender_hardware, i == 0 ? 0 : 0xff, sizeof(request.sender_hardware));
        if (i == 2)
            own_hardware(1, request.sender_hardware);
        arp_build(ethernet_broadcast, client_hardware, &request, frame, sizeof(frame));
        assert_int_not_equal(announce_input(core, 0, 1, frame, sizeof(frame), 0), ANNOUNCE_TAKEN);
    }
    assert_silent(core);
}

static void test_own_frame(void **state)
{
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");
    uint8_t own[6];
    uint8_t frame[ARP_FRAME_SIZE];

    (void)state;
    own_hardware(1, own);
    arp_build(ethernet_broadcast, own, &request, frame, sizeof(frame));
    assert_int_equal(announce_input(core, 0, 1, frame, sizeof(frame), 0), ANNOUNCE_IGNORED);
    assert_silent(core);
}

/* A tag in the frame, 802.1Q or 802.1ad, and one that the kernel has taken off. */
static void test_frame_of_a_vlan(void **state)
{
    static const uint8_t tags[2][4] = {{0x81, 0x00, 0, 5}, {0x88, 0xa8, 0, 5}};
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");
    uint8_t frame[ARP_FRAME_SIZE];
    uint8_t tagged[ARP_FRAME_SIZE + 4];

    (void)state;
    arp_build(ethernet_broadcast, client_hardware, &request, frame, sizeof(frame));
    assert_int_equal(announce_input(core, 0, 1, frame, sizeof(frame), 1), ANNOUNCE_IGNORED);
    for (size_t i = 0; i < 2; i++) {
        memcpy(tagged, frame, 12);
        memcpy(tagged + 12, tags[i], 4);
        memcpy(tagged + 16, frame + 12, sizeof(frame) - 12);
        assert_int_equal(announce_input(core, 0, 1, tagged, sizeof(tagged), 0), ANNOUNCE_IGNORED);
    }
    assert_silent(core);
}

static void test_every_shorter_frame(void **state)
{
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");
    uint8_t frame[ARP_FRAME_SIZE];

    (void)state;
    arp_build(ethernet_broadcast, client_hardware, &request, frame, sizeof(frame));
    for (size_t length = 0; length < 42; length++)
        assert_int_equal(announce_input(core, 0, 1, frame, length, 0), ANNOUNCE_IGNORED);
    assert_silent(core);
}

static void test_interfaces(void **state)
{
    struct announce *core = lab_new(2);
    const char *names[] = {"eth2"};
    struct mlb_address address = address_of("192.0.2.10");
    struct arp_packet request = arp_request_for("192.0.2.10");

    (void)state;
    assert_int_equal(announce_add(core, 0, &address, names, 1), MLB_OK);
    lab_settle(core, 0, 10 * SECOND);
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &request), ANNOUNCE_FOREIGN);
    assert_int_equal(lab_arp(core, 7, ethernet_broadcast, &request), ANNOUNCE_IGNORED);
    assert_int_equal(lab_arp(core, 2, ethernet_broadcast, &request), ANNOUNCE_TAKEN);
    assert_int_equal(lab_drain(core, 0, NULL, 0), 1);
    lab_set_interface(core, 0, 2, "eth2", 0);
    assert_int_equal(lab_arp(core, 2, ethernet_broadcast, &request), ANNOUNCE_IGNORED);
    assert_silent(core);
}

/* What was asked before the address was withdrawn is not answered after. */
static void test_withdrawn_before_the_answer(void **state)
{
    struct announce *core = settled();
    struct mlb_address address = address_of("192.0.2.10");
    struct arp_packet request = arp_request_for("192.0.2.10");

    (void)state;
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &request), ANNOUNCE_TAKEN);
    assert_int_equal(announce_remove(core, 0, &address), MLB_OK);
    assert_silent(core);
}

/* Nor does it hold back the answers behind it. */
static void test_answer_behind_a_withdrawn_one(void **state)
{
    struct announce *core = settled();
    struct mlb_address address = address_of("192.0.2.10");
    struct arp_packet request = arp_request_for("192.0.2.10");
    struct arp_packet other = arp_request_for("192.0.2.11");

    (void)state;
    lab_add(core, 10 * SECOND, "192.0.2.11");
    lab_settle(core, 10 * SECOND, 20 * SECOND);
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &request), ANNOUNCE_TAKEN);
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &other), ANNOUNCE_TAKEN);
    assert_int_equal(announce_remove(core, 0, &address), MLB_OK);
    assert_answered(core, &other);
}

static void test_answers_come_first(void **state)
{
    struct announce *core = lab_new(1);
    struct arp_packet request = arp_request_for("192.0.2.10");
    struct arp_packet packet;
    struct sent sent[3];

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    lab_arp(core, 1, ethernet_broadcast, &request);
    assert_int_equal(lab_drain(core, 0, sent, 3), 3);
    arp_parse(sent[0].bytes + 14, sent[0].length - 14, &packet);
    assert_memory_equal(packet.target_hardware, client_hardware, 6);
    announce_free(core);
}

/* A storm of requests takes no more memory than the queue, and no pacing holds answers back. */
static void test_storm(void **state)
{
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");

    (void)state;
    for (size_t i = 0; i < 3 * ANNOUNCE_ANSWERS_MAX; i++)
        assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &request), ANNOUNCE_TAKEN);
    assert_int_equal(lab_drain(core, 0, NULL, 0), ANNOUNCE_ANSWERS_MAX);
    assert_int_equal(lab_counters(core, "192.0.2.10", 0).requests, 3 * ANNOUNCE_ANSWERS_MAX);
    assert_int_equal(lab_counters(core, "192.0.2.10", 0).replies, ANNOUNCE_ANSWERS_MAX);
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &request), ANNOUNCE_TAKEN);
    assert_int_equal(lab_drain(core, 0, NULL, 0), 1);
    announce_free(core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broadcast_request),
        cmocka_unit_test(test_unicast_request),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_request_to_another_station),
        cmocka_unit_test(test_foreign_target),
        cmocka_unit_test(test_reply),
        cmocka_unit_test(test_senders_that_cannot_be_answered),
        cmocka_unit_test(test_own_frame),
        cmocka_unit_test(test_frame_of_a_vlan),
        cmocka_unit_test(test_every_shorter_frame),
        cmocka_unit_test(test_interfaces),
        cmocka_unit_test(test_withdrawn_before_the_answer),
        cmocka_unit_test(test_answer_behind_a_withdrawn_one),
        cmocka_unit_test(test_answers_come_first),
        cmocka_unit_test(test_storm),
    };

    return cmocka_run_group_tests_name("announce arp", tests, NULL, NULL);
}
