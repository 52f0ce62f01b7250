/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lab.h"
#include "wire/vrrp.h"

/* 192.0.2.10 and 2001:db8::10 on two interfaces of one LAN. */
static struct announce *settled(void)
{
    struct announce *core = lab_new(2);

    lab_add(core, 0, "192.0.2.10");
    lab_add(core, 0, "2001:db8::10");
    lab_settle(core, 0, 10 * SECOND);
    return core;
}

static struct mlb_announcer_event take_event(struct announce *core, uint32_t kind,
                                             const char *address)
{
    struct mlb_announcer_event event = {.struct_size = 1234};
    struct mlb_address expected = address_of(address);

    assert_int_equal(announce_next_event(core, &event), 1);
    assert_int_equal(event.struct_size, 1234);
    assert_int_equal(event.kind, kind);
    assert_memory_equal(&event.address, &expected, sizeof(expected));
    return event;
}

static void assert_no_event(struct announce *core)
{
    struct mlb_announcer_event event;

    assert_int_equal(announce_next_event(core, &event), 0);
}

/* An announcement of 192.0.2.10 by another host, in one of its forms. */
static struct arp_packet claim(uint16_t operation)
{
    struct arp_packet packet = arp_request_for("192.0.2.10");

    packet.operation = operation;
    memcpy(packet.sender_hardware, rival_hardware, sizeof(packet.sender_hardware));
    memcpy(packet.sender_protocol, packet.target_protocol, sizeof(packet.sender_protocol));
    return packet;
}

static void test_arp_conflict(void **state)
{
    struct announce *core = settled();
    struct mlb_announcer_event event;
    struct arp_packet packet;

    (void)state;
    for (uint16_t operation = ARP_REQUEST; operation <= ARP_REPLY; operation++) {
        packet = claim(operation);
        assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &packet), ANNOUNCE_TAKEN);
        event = take_event(core, MLB_ANNOUNCER_CONFLICT, "192.0.2.10");
        assert_int_equal(event.interface_index, 1);
        assert_string_equal(event.interface_name, "eth1");
        assert_memory_equal(event.hardware_address, rival_hardware, 6);
        assert_int_equal(event.count, operation);
        assert_string_equal(event.detail, "claimed by 02:aa:00:00:00:03");
        assert_no_event(core);
    }
    assert_int_equal(lab_counters(core, "192.0.2.10", 1).conflicts, 2);
    assert_int_equal(lab_counters(core, "192.0.2.10", 2).conflicts, 0);
    announce_free(core);
}

/* A host that uses the address to ask for another one claims it too. */
static void test_request_from_an_announced_address(void **state)
{
    struct announce *core = settled();
    struct arp_packet packet = claim(ARP_REQUEST);

    (void)state;
    packet.target_protocol[3] = 77;
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &packet), ANNOUNCE_TAKEN);
    take_event(core, MLB_ANNOUNCER_CONFLICT, "192.0.2.10");
    assert_int_equal(lab_drain(core, 0, NULL, 0), 0);
    announce_free(core);
}

/* RFC 5227 §2.4: "does not match any of the host's own interface addresses". */
static void test_own_other_interface_is_no_conflict(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for("2001:db8::10");
    struct arp_packet packet = claim(ARP_REQUEST);
    uint8_t own[6];

    (void)state;
    own_hardware(2, own);
    memcpy(packet.sender_hardware, own, sizeof(own));
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &packet), ANNOUNCE_IGNORED);
    message.type = NDP_ADVERTISEMENT;
    memcpy(message.link_address, own, sizeof(own));
    memcpy(message.destination, ipv6_all_nodes, sizeof(message.destination));
    assert_int_equal(lab_ndp(core, 1, own, &message), ANNOUNCE_IGNORED);
    assert_no_event(core);
    /* An interface that cannot be used is still ours. */
    lab_set_interface(core, 0, 9, "bond-port", 0);
    own_hardware(9, packet.sender_hardware);
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &packet), ANNOUNCE_IGNORED);
    assert_no_event(core);
    assert_int_equal(lab_drain(core, 0, NULL, 0), 0);
    announce_free(core);
}

static void test_ndp_conflict(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for("2001:db8::10");
    struct mlb_announcer_event event;

    (void)state;
    message.type = NDP_ADVERTISEMENT;
    message.flags = NDP_FLAG_OVERRIDE;
    memcpy(message.link_address, rival_hardware, 6);
    memcpy(message.source, message.target, sizeof(message.source));
    memcpy(message.destination, ipv6_all_nodes, sizeof(message.destination));
    assert_int_equal(lab_ndp(core, 2, client_hardware, &message), ANNOUNCE_TAKEN);
    event = take_event(core, MLB_ANNOUNCER_CONFLICT, "2001:db8::10");
    assert_memory_equal(event.hardware_address, rival_hardware, 6);
    assert_string_equal(event.interface_name, "eth2");
    /* Without the option the frame's source is who claims it. */
    message.has_link_address = 0;
    assert_int_equal(lab_ndp(core, 2, client_hardware, &message), ANNOUNCE_TAKEN);
    event = take_event(core, MLB_ANNOUNCER_CONFLICT, "2001:db8::10");
    assert_memory_equal(event.hardware_address, client_hardware, 6);
    assert_int_equal(event.count, 2);
    memcpy(message.target, address_of("2001:db8::11").bytes, sizeof(message.target));
    assert_int_equal(lab_ndp(core, 2, client_hardware, &message), ANNOUNCE_FOREIGN);
    assert_no_event(core);
    announce_free(core);
}

/* Events that nobody takes are merged: the oldest of the address stays and counts up. */
static void test_storm_of_conflicts(void **state)
{
    struct announce *core = settled();
    struct mlb_announcer_event event;
    struct arp_packet packet = claim(ARP_REPLY);

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        lab_arp(core, i == 0 ? 1 : 2, ethernet_broadcast, &packet);
        memcpy(packet.sender_hardware, client_hardware, 6);
    }
    event = take_event(core, MLB_ANNOUNCER_CONFLICT, "192.0.2.10");
    assert_int_equal(event.count, 1000);
    assert_int_equal(event.interface_index, 1);
    assert_memory_equal(event.hardware_address, rival_hardware, 6);
    assert_no_event(core);
    announce_free(core);
}

static void test_conflict_of_a_withdrawn_address(void **state)
{
    struct announce *core = settled();
    struct mlb_address address = address_of("192.0.2.10");
    struct arp_packet packet = claim(ARP_REPLY);

    (void)state;
    lab_arp(core, 1, ethernet_broadcast, &packet);
    assert_int_equal(announce_remove(core, 0, &address), MLB_OK);
    assert_no_event(core);
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &packet), ANNOUNCE_FOREIGN);
    assert_no_event(core);
    announce_free(core);
}

static void set_local(struct announce *core, uint32_t index, const char *address, int present)
{
    struct mlb_address value = address_of(address);

    assert_int_equal(announce_local_address(core, index, "eth1", &value, present), MLB_OK);
}

static void test_local_address(void **state)
{
    struct announce *core = settled();
    struct mlb_announcer_event event;

    (void)state;
    set_local(core, 1, "192.0.2.99", 1);
    assert_no_event(core);
    set_local(core, 1, "192.0.2.10", 1);
    event = take_event(core, MLB_ANNOUNCER_LOCAL_ADDRESS, "192.0.2.10");
    assert_int_equal(event.interface_index, 1);
    assert_string_equal(event.interface_name, "eth1");
    set_local(core, 1, "192.0.2.10", 1);
    assert_no_event(core);
    set_local(core, 1, "192.0.2.10", 0);
    take_event(core, MLB_ANNOUNCER_LOCAL_REMOVED, "192.0.2.10");
    set_local(core, 1, "192.0.2.10", 0);
    assert_no_event(core);
    announce_free(core);
}

/* The local address was there first; withdrawn and announced again it is told again. */
static void test_local_address_before_the_announcement(void **state)
{
    struct announce *core = lab_new(1);
    struct mlb_address address = address_of("192.0.2.10");

    (void)state;
    set_local(core, 1, "192.0.2.10", 1);
    set_local(core, 2, "192.0.2.10", 1);
    assert_no_event(core);
    for (size_t i = 0; i < 2; i++) {
        lab_add(core, 0, "192.0.2.10");
        assert_int_equal(
            take_event(core, MLB_ANNOUNCER_LOCAL_ADDRESS, "192.0.2.10").interface_index, 1);
        assert_int_equal(
            take_event(core, MLB_ANNOUNCER_LOCAL_ADDRESS, "192.0.2.10").interface_index, 2);
        assert_no_event(core);
        assert_int_equal(announce_remove(core, 0, &address), MLB_OK);
        assert_no_event(core);
    }
    set_local(core, 1, "192.0.2.10", 0);
    lab_add(core, 0, "192.0.2.10");
    assert_int_equal(take_event(core, MLB_ANNOUNCER_LOCAL_ADDRESS, "192.0.2.10").interface_index,
                     2);
    assert_no_event(core);
    announce_free(core);
}

static void test_local_address_that_does_not_stay(void **state)
{
    struct announce *core = settled();

    (void)state;
    set_local(core, 1, "192.0.2.10", 1);
    set_local(core, 1, "192.0.2.10", 0);
    assert_no_event(core);
    set_local(core, 1, "192.0.2.10", 1);
    take_event(core, MLB_ANNOUNCER_LOCAL_ADDRESS, "192.0.2.10");
    announce_remove_interface(core, 0, 1);
    take_event(core, MLB_ANNOUNCER_LOCAL_REMOVED, "192.0.2.10");
    assert_no_event(core);
    announce_free(core);
}

static void test_local_address_arguments(void **state)
{
    struct mlb_address address = address_of("192.0.2.10");
    struct announce *core = settled();

    (void)state;
    assert_int_equal(announce_local_address(core, 1, NULL, &address, 1),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(announce_local_address(core, 1, "a-name-of-16-byt", &address, 1),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_no_event(core);
    announce_free(core);
}

static void test_vrrp(void **state)
{
    static const uint8_t addresses[] = {192, 0, 2, 9, 192, 0, 2, 10};
    struct vrrp_advertisement advertisement = {
        .version = 2, .router = 51, .priority = 100, .count = 2, .addresses = addresses};
    struct mlb_address router = address_of("192.0.2.1");
    struct announce *core = settled();
    struct mlb_announcer_event event;
    uint8_t bytes[64];
    size_t length = vrrp_build(&router, &advertisement, bytes, sizeof(bytes));

    (void)state;
    assert_int_equal(announce_input_vrrp(core, 0, 1, &router, bytes, length), 1);
    assert_int_equal(announce_input_vrrp(core, 0, 1, &router, bytes, length), 1);
    event = take_event(core, MLB_ANNOUNCER_VRRP, "192.0.2.10");
    assert_int_equal(event.count, 2);
    assert_memory_equal(&event.sender, &router, sizeof(router));
    assert_string_equal(event.interface_name, "eth1");
    assert_string_equal(event.detail, "virtual router 51 advertises it with priority 100");
    assert_no_event(core);
    bytes[8] = 10;
    assert_int_equal(announce_input_vrrp(core, 0, 1, &router, bytes, length), 0);
    assert_no_event(core);
    announce_free(core);
}

static void test_vrrp_ipv6(void **state)
{
    struct mlb_address service = address_of("2001:db8::10");
    struct vrrp_advertisement advertisement = {
        .version = 3, .router = 7, .priority = 1, .count = 1, .addresses = service.bytes};
    struct mlb_address router = address_of("fe80::1");
    struct announce *core = settled();
    uint8_t bytes[64];
    size_t length = vrrp_build(&router, &advertisement, bytes, sizeof(bytes));

    (void)state;
    assert_int_equal(announce_input_vrrp(core, 0, 2, &router, bytes, length), 1);
    take_event(core, MLB_ANNOUNCER_VRRP, "2001:db8::10");
    announce_free(core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arp_conflict),
        cmocka_unit_test(test_request_from_an_announced_address),
        cmocka_unit_test(test_own_other_interface_is_no_conflict),
        cmocka_unit_test(test_ndp_conflict),
        cmocka_unit_test(test_storm_of_conflicts),
        cmocka_unit_test(test_conflict_of_a_withdrawn_address),
        cmocka_unit_test(test_local_address),
        cmocka_unit_test(test_local_address_before_the_announcement),
        cmocka_unit_test(test_local_address_that_does_not_stay),
        cmocka_unit_test(test_local_address_arguments),
        cmocka_unit_test(test_vrrp),
        cmocka_unit_test(test_vrrp_ipv6),
    };

    return cmocka_run_group_tests_name("announce events", tests, NULL, NULL);
}
