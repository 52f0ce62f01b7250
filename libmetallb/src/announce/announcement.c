/* SPDX-License-Identifier: MIT */
/* Frames that nobody asked for: they correct the neighbours and the switches after a take-over. */
#include <string.h>

#include "announce/core.h"
#include "wire/arp.h"
#include "wire/ndp.h"

#define FRAMES_OF_ARP_SET 2
#define FRAMES_OF_NDP_SET 1

/* RFC 5227 §3: an announcement is a request with sender and target protocol address equal; the
 * target hardware address is not known, so zero. Linux takes a reply as gratuitous only where
 * both hardware addresses are equal. Some hosts heed but one of the forms. */
static size_t build_arp(const struct binding *binding, uint8_t *buffer, size_t capacity)
{
    const uint8_t *own = binding->interface->is.hardware_address;
    struct arp_packet packet = {
        .operation = binding->frames_sent == 0 ? ARP_REQUEST : ARP_REPLY,
    };

    memcpy(packet.sender_hardware, own, sizeof(packet.sender_hardware));
    memcpy(packet.sender_protocol, binding->announced->address.bytes,
           sizeof(packet.sender_protocol));
    memcpy(packet.target_protocol, binding->announced->address.bytes,
           sizeof(packet.target_protocol));
    if (packet.operation == ARP_REPLY)
        memcpy(packet.target_hardware, own, sizeof(packet.target_hardware));
    return arp_build(ethernet_broadcast, own, &packet, buffer, capacity);
}

/* RFC 4861 §7.2.6: unsolicited advertisements go to all nodes with Solicited=0; Override=1 makes
 * the neighbours replace the address that they have. */
static size_t build_ndp(const struct binding *binding, uint8_t *buffer, size_t capacity)
{
    const uint8_t *own = binding->interface->is.hardware_address;
    uint8_t destination[ETHERNET_ADDRESS_SIZE];
    struct ndp_message message = {
        .type = NDP_ADVERTISEMENT,
        .flags = NDP_FLAG_OVERRIDE,
        .has_link_address = 1,
    };

    memcpy(message.link_address, own, sizeof(message.link_address));
    memcpy(message.source, binding->announced->address.bytes, sizeof(message.source));
    memcpy(message.target, binding->announced->address.bytes, sizeof(message.target));
    memcpy(message.destination, ipv6_all_nodes, sizeof(message.destination));
    ipv6_multicast_hardware_address(ipv6_all_nodes, destination);
    return ndp_build(destination, own, &message, buffer, capacity);
}

static struct binding *next_turn(const struct interface *interface)
{
    if (!list_is_empty(&interface->first))
        return list_entry(interface->first.next, struct binding, turn);
    if (!list_is_empty(&interface->repeats))
        return list_entry(interface->repeats.next, struct binding, turn);
    return NULL;
}

static size_t take_turn(struct announce *core, struct binding *binding, uint8_t *buffer,
                        size_t capacity, enum announce_frame_kind *kind)
{
    int is_arp = binding->announced->address.family == MLB_FAMILY_IPV4;
    size_t length =
        is_arp ? build_arp(binding, buffer, capacity) : build_ndp(binding, buffer, capacity);

    *kind = is_arp ? ANNOUNCE_FRAME_ARP : ANNOUNCE_FRAME_NDP;
    binding->counters.gratuitous++;
    binding->frames_sent++;
    if (binding->frames_sent == (is_arp ? FRAMES_OF_ARP_SET : FRAMES_OF_NDP_SET))
        binding_step(core, binding, SCHEDULE_SENT);
    return length;
}

size_t announcement_output(struct announce *core, uint8_t *buffer, size_t capacity,
                           uint32_t *interface_index, enum announce_frame_kind *kind)
{
    for (size_t i = 0; core->waiting_count > 0 && i < core->interface_count; i++) {
        size_t position = (core->turn + i) % core->interface_count;
        struct interface *interface = core->interfaces[position];
        struct binding *binding = next_turn(interface);

        if (!binding || !pacer_take(&interface->pacer, core->now))
            continue;
        core->turn = position + 1;
        *interface_index = interface->is.index;
        return take_turn(core, binding, buffer, capacity, kind);
    }
    return 0;
}
