/* SPDX-License-Identifier: MIT */
/*
 * Answers that wait for output. They are built only then, so that an address withdrawn or an
 * interface changed in between counts.
 */
#include <string.h>

#include "announce/core.h"
#include "wire/arp.h"
#include "wire/ndp.h"

void answer_push(struct announce *core, const struct answer *answer)
{
    size_t position = (core->answer_first + core->answer_count) % ANNOUNCE_ANSWERS_MAX;

    if (core->answer_count == ANNOUNCE_ANSWERS_MAX)
        return;
    core->answers[position] = *answer;
    core->answer_count++;
}

/* RFC 826 "Packet Reception": sender and target change places. */
static size_t build_arp(const struct answer *answer, const uint8_t *own, uint8_t *buffer,
                        size_t capacity)
{
    struct arp_packet packet = {.operation = ARP_REPLY};

    memcpy(packet.sender_hardware, own, sizeof(packet.sender_hardware));
    memcpy(packet.sender_protocol, answer->address.bytes, sizeof(packet.sender_protocol));
    memcpy(packet.target_hardware, answer->hardware_address, sizeof(packet.target_hardware));
    memcpy(packet.target_protocol, answer->protocol_address, sizeof(packet.target_protocol));
    return arp_build(answer->hardware_address, own, &packet, buffer, capacity);
}

static size_t build_ndp(const struct answer *answer, const uint8_t *own, uint8_t *buffer,
                        size_t capacity)
{
    uint8_t destination[ETHERNET_ADDRESS_SIZE];
    struct ndp_message message = {
        .type = NDP_ADVERTISEMENT,
        .flags = NDP_FLAG_OVERRIDE,
        .has_link_address = 1,
    };

    memcpy(message.link_address, own, sizeof(message.link_address));
    memcpy(message.source, answer->address.bytes, sizeof(message.source));
    memcpy(message.target, answer->address.bytes, sizeof(message.target));
    /* RFC 4861 §7.2.4: "If the source of the solicitation is the unspecified address, the node
     * MUST set the Solicited flag to zero and multicast the advertisement to the all-nodes
     * address. Otherwise, the node MUST set the Solicited flag to one and unicast the
     * advertisement to the Source Address of the solicitation." */
    if (ipv6_is_unspecified(answer->protocol_address)) {
        memcpy(message.destination, ipv6_all_nodes, sizeof(message.destination));
        ipv6_multicast_hardware_address(ipv6_all_nodes, destination);
    } else {
        message.flags |= NDP_FLAG_SOLICITED;
        memcpy(message.destination, answer->protocol_address, sizeof(message.destination));
        memcpy(destination, answer->hardware_address, sizeof(destination));
    }
    return ndp_build(destination, own, &message, buffer, capacity);
}

size_t answer_output(struct announce *core, uint8_t *buffer, size_t capacity,
                     uint32_t *interface_index, enum announce_frame_kind *kind)
{
    while (core->answer_count > 0) {
        const struct answer *answer = &core->answers[core->answer_first];
        struct binding *binding =
            binding_find_active(core, &answer->address, answer->interface_index);

        core->answer_first = (core->answer_first + 1) % ANNOUNCE_ANSWERS_MAX;
        core->answer_count--;
        if (!binding)
            continue;
        binding->counters.replies++;
        *interface_index = answer->interface_index;
        if (answer->address.family == MLB_FAMILY_IPV4) {
            *kind = ANNOUNCE_FRAME_ARP;
            return build_arp(answer, binding->interface->is.hardware_address, buffer, capacity);
        }
        *kind = ANNOUNCE_FRAME_NDP;
        return build_ndp(answer, binding->interface->is.hardware_address, buffer, capacity);
    }
    return 0;
}
