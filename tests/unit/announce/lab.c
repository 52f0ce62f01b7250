/* SPDX-License-Identifier: MIT */
#include "lab.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define MANY_FRAMES 100000

const uint8_t client_hardware[6] = {0x02, 0xaa, 0, 0, 0, 2};
const uint8_t rival_hardware[6] = {0x02, 0xaa, 0, 0, 0, 3};

struct mlb_address address_of(const char *text)
{
    struct mlb_address address = {0};

    address.family = strchr(text, ':') ? MLB_FAMILY_IPV6 : MLB_FAMILY_IPV4;
    assert_int_equal(
        inet_pton(address.family == MLB_FAMILY_IPV6 ? AF_INET6 : AF_INET, text, address.bytes), 1);
    return address;
}

void own_hardware(uint32_t interface_index, uint8_t *hardware_address)
{
    const uint8_t hardware[6] = {0x02, 0, 0, 0, 0, (uint8_t)interface_index};

    memcpy(hardware_address, hardware, sizeof(hardware));
}

void lab_set_interface(struct announce *core, uint64_t now, uint32_t index, const char *name,
                       uint8_t usable)
{
    struct announce_interface interface = {.index = index, .usable = usable};

    snprintf(interface.name, sizeof(interface.name), "%s", name);
    own_hardware(index, interface.hardware_address);
    assert_int_equal(announce_set_interface(core, now, &interface), MLB_OK);
}

struct announce *lab_new(uint32_t interfaces)
{
    struct announce *core = NULL;

    assert_int_equal(announce_new(NULL, &core), MLB_OK);
    for (uint32_t i = 1; i <= interfaces; i++) {
        char name[MLB_INTERFACE_NAME_SIZE];

        snprintf(name, sizeof(name), "eth%u", i);
        lab_set_interface(core, 0, i, name, 1);
    }
    return core;
}

void lab_add(struct announce *core, uint64_t now, const char *address)
{
    struct mlb_address value = address_of(address);

    assert_int_equal(announce_add(core, now, &value, NULL, 0), MLB_OK);
}

size_t lab_drain(struct announce *core, uint64_t now, struct sent *sent, size_t capacity)
{
    size_t count = 0;

    for (;;) {
        struct sent frame = {.time = now};

        frame.length = announce_output(core, now, frame.bytes, sizeof(frame.bytes),
                                       &frame.interface_index, &frame.kind);
        if (frame.length == 0)
            return count;
        assert_true(count < MANY_FRAMES);
        if (count < capacity)
            sent[count] = frame;
        count++;
    }
}

size_t lab_run(struct announce *core, uint64_t from, uint64_t to, struct sent *sent,
               size_t capacity)
{
    uint64_t now = from;
    size_t count = 0;

    for (;;) {
        uint64_t deadline = 0;

        announce_tick(core, now);
        count += lab_drain(core, now, sent ? sent + count : NULL, sent ? capacity - count : 0);
        assert_true(!sent || count <= capacity);
        deadline = announce_deadline(core);
        if (deadline > to)
            return count;
        /* Nothing may be due that output and tick have just been asked for. */
        assert_true(deadline > now);
        now = deadline;
    }
}

void lab_settle(struct announce *core, uint64_t from, uint64_t to)
{
    lab_run(core, from, to, NULL, 0);
}

struct arp_packet arp_request_for(const char *target)
{
    struct mlb_address address = address_of(target);
    struct arp_packet packet = {.operation = ARP_REQUEST, .sender_protocol = {192, 0, 2, 1}};

    memcpy(packet.sender_hardware, client_hardware, sizeof(packet.sender_hardware));
    memcpy(packet.target_protocol, address.bytes, sizeof(packet.target_protocol));
    return packet;
}

enum announce_verdict lab_arp(struct announce *core, uint32_t interface_index,
                              const uint8_t *destination, const struct arp_packet *packet)
{
    uint8_t frame[ARP_FRAME_SIZE];

    assert_int_equal(arp_build(destination, packet->sender_hardware, packet, frame, sizeof(frame)),
                     sizeof(frame));
    return announce_input(core, 0, interface_index, frame, sizeof(frame), 0);
}

struct ndp_message solicitation_for(const char *target)
{
    struct mlb_address address = address_of(target);
    struct mlb_address client = address_of("fe80::2");
    struct ndp_message message = {.type = NDP_SOLICITATION, .has_link_address = 1};

    memcpy(message.link_address, client_hardware, sizeof(message.link_address));
    memcpy(message.source, client.bytes, sizeof(message.source));
    memcpy(message.target, address.bytes, sizeof(message.target));
    ipv6_solicited_node_group(message.target, message.destination);
    return message;
}

enum announce_verdict lab_ndp(struct announce *core, uint32_t interface_index,
                              const uint8_t *source, const struct ndp_message *message)
{
    uint8_t destination[ETHERNET_ADDRESS_SIZE];
    uint8_t frame[NDP_FRAME_SIZE_MAX];
    size_t length = 0;

    if (ipv6_is_multicast(message->destination))
        ipv6_multicast_hardware_address(message->destination, destination);
    else
        own_hardware(interface_index, destination);
    length = ndp_build(destination, source, message, frame, sizeof(frame));
    return announce_input(core, 0, interface_index, frame, length, 0);
}

struct mlb_announcer_counters lab_counters(const struct announce *core, const char *address,
                                           uint32_t interface_index)
{
    struct mlb_announcer_counters counters = {.struct_size = sizeof(counters)};
    struct mlb_address value = address_of(address);

    assert_int_equal(announce_counters(core, &value, interface_index, &counters), MLB_OK);
    return counters;
}
