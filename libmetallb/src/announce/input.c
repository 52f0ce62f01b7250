/* SPDX-License-Identifier: MIT */
/* What comes in from the LAN: what is asked, and who else claims an announced address. */
#include <string.h>

#include "announce/core.h"
#include "base/cursor.h"
#include "wire/arp.h"
#include "wire/ndp.h"
#include "wire/vrrp.h"

/* A frame that came in and the interface that it came in on. */
struct arrival {
    const struct interface *interface;
    struct ethernet_header header;
    const uint8_t *payload;
    size_t length;
};

static struct mlb_address ipv4_of(const uint8_t *bytes)
{
    struct mlb_address address = {.family = MLB_FAMILY_IPV4};

    memcpy(address.bytes, bytes, 4);
    return address;
}

static struct mlb_address ipv6_of(const uint8_t *bytes)
{
    struct mlb_address address = {.family = MLB_FAMILY_IPV6};

    memcpy(address.bytes, bytes, IPV6_ADDRESS_SIZE);
    return address;
}

/* Takes a claim of an announced address by the owner of a hardware address. */
static enum announce_verdict take_claim(struct announce *core, struct binding *binding,
                                        const uint8_t *claimant)
{
    /* Two interfaces of this host on one LAN hear each other: no conflict. */
    if (!ethernet_is_station(claimant) || interface_is_own(core, claimant))
        return ANNOUNCE_IGNORED;
    event_conflict(core, binding, claimant);
    return ANNOUNCE_TAKEN;
}

/* RFC 5227 §2.4: "if a host receives an ARP packet (Request *or* Reply) where the 'sender IP
 * address' is (one of) the host's own IP address(es) configured on that interface, but the 'sender
 * hardware address' does not match any of the host's own interface addresses, then this is a
 * conflicting ARP packet". A probe has the sender 0.0.0.0, which is never announced. */
static enum announce_verdict arp_claim(struct announce *core, const struct arrival *arrival,
                                       const struct arp_packet *packet)
{
    struct mlb_address sender = ipv4_of(packet->sender_protocol);
    struct binding *binding = binding_find_active(core, &sender, arrival->interface->is.index);

    return binding ? take_claim(core, binding, packet->sender_hardware) : ANNOUNCE_FOREIGN;
}

static enum announce_verdict arp_request(struct announce *core, const struct arrival *arrival,
                                         const struct arp_packet *packet)
{
    struct answer answer = {
        .address = ipv4_of(packet->target_protocol),
        .interface_index = arrival->interface->is.index,
    };
    struct binding *binding = binding_find_active(core, &answer.address, answer.interface_index);

    if (!binding)
        return ANNOUNCE_FOREIGN;
    /* A reply is unicast, so it needs the address of one other station. */
    if (!ethernet_is_station(packet->sender_hardware) ||
        ethernet_equal(packet->sender_hardware, arrival->interface->is.hardware_address))
        return ANNOUNCE_IGNORED;
    memcpy(answer.hardware_address, packet->sender_hardware, sizeof(answer.hardware_address));
    memcpy(answer.protocol_address, packet->sender_protocol, sizeof(packet->sender_protocol));
    binding->counters.requests++;
    answer_push(core, &answer);
    return ANNOUNCE_TAKEN;
}

static enum announce_verdict take_arp(struct announce *core, const struct arrival *arrival)
{
    struct arp_packet packet;
    enum announce_verdict claim = ANNOUNCE_FOREIGN;

    if (!ethernet_equal(arrival->header.destination, ethernet_broadcast) &&
        !ethernet_equal(arrival->header.destination, arrival->interface->is.hardware_address))
        return ANNOUNCE_IGNORED;
    if (arp_parse(arrival->payload, arrival->length, &packet) != MLB_OK ||
        (packet.operation != ARP_REQUEST && packet.operation != ARP_REPLY))
        return ANNOUNCE_IGNORED;
    claim = arp_claim(core, arrival, &packet);
    /* Our own announcement, heard on another of our interfaces. */
    if (claim == ANNOUNCE_IGNORED || packet.operation == ARP_REPLY)
        return claim;
    if (arp_request(core, arrival, &packet) == ANNOUNCE_TAKEN)
        return ANNOUNCE_TAKEN;
    return claim;
}

/* Solicitations reach the target's group, or (RFC 4861 §7.3.3, to verify reachability) the target
 * itself. */
static int is_for_target(const struct ndp_message *message)
{
    uint8_t group[IPV6_ADDRESS_SIZE];

    ipv6_solicited_node_group(message->target, group);
    return ipv6_equal(message->destination, group) ||
           ipv6_equal(message->destination, message->target);
}

static enum announce_verdict take_solicitation(struct announce *core, const struct arrival *arrival,
                                               const struct ndp_message *message,
                                               struct binding *binding)
{
    struct answer answer = {
        .address = binding->announced->address,
        .interface_index = arrival->interface->is.index,
    };
    /* Without the option a host would first resolve the requester (RFC 4861 §7.2.4); whoever sent
     * the frame can be reached where it came from. */
    const uint8_t *requester =
        message->has_link_address ? message->link_address : arrival->header.source;

    if (!is_for_target(message) || ipv6_equal(message->source, message->target) ||
        !ethernet_is_station(requester) ||
        ethernet_equal(requester, arrival->interface->is.hardware_address))
        return ANNOUNCE_IGNORED;
    memcpy(answer.hardware_address, requester, sizeof(answer.hardware_address));
    memcpy(answer.protocol_address, message->source, sizeof(answer.protocol_address));
    binding->counters.requests++;
    answer_push(core, &answer);
    return ANNOUNCE_TAKEN;
}

static enum announce_verdict take_ndp(struct announce *core, const struct arrival *arrival)
{
    static const uint8_t multicast_prefix[] = {0x33, 0x33};
    struct ndp_message message;
    struct mlb_address target;
    struct binding *binding = NULL;

    if (memcmp(arrival->header.destination, multicast_prefix, sizeof(multicast_prefix)) != 0 &&
        !ethernet_equal(arrival->header.destination, arrival->interface->is.hardware_address))
        return ANNOUNCE_IGNORED;
    if (ndp_parse(arrival->payload, arrival->length, &message) != MLB_OK)
        return ANNOUNCE_IGNORED;
    target = ipv6_of(message.target);
    binding = binding_find_active(core, &target, arrival->interface->is.index);
    if (!binding)
        return ANNOUNCE_FOREIGN;
    if (message.type == NDP_SOLICITATION)
        return take_solicitation(core, arrival, &message, binding);
    /* RFC 4862 §5.4.4: an advertisement for an address of ours means that another node has it. */
    return take_claim(core, binding,
                      message.has_link_address ? message.link_address : arrival->header.source);
}

enum announce_verdict announce_input(struct announce *core, uint64_t now, uint32_t interface_index,
                                     const uint8_t *bytes, size_t length, int tagged)
{
    struct arrival arrival = {.interface = interface_find(core, interface_index)};
    struct reader reader = reader_of(bytes, length);

    core_set_now(core, now);
    ethernet_read(&reader, &arrival.header);
    /* A frame of a VLAN that is not the interface's must not be answered outside of it. */
    if (reader.failed || tagged || !arrival.interface || !arrival.interface->is.usable ||
        ethernet_equal(arrival.header.source, arrival.interface->is.hardware_address))
        return ANNOUNCE_IGNORED;
    arrival.payload = reader.at;
    arrival.length = reader.left;
    if (arrival.header.type == ETHERNET_TYPE_ARP)
        return take_arp(core, &arrival);
    if (arrival.header.type == ETHERNET_TYPE_IPV6)
        return take_ndp(core, &arrival);
    return ANNOUNCE_IGNORED;
}

size_t announce_input_vrrp(struct announce *core, uint64_t now, uint32_t interface_index,
                           const struct mlb_address *source, const uint8_t *bytes, size_t length)
{
    struct vrrp_advertisement advertisement;
    size_t found = 0;

    core_set_now(core, now);
    if (vrrp_parse(source, bytes, length, &advertisement) != MLB_OK)
        return 0;
    for (size_t i = 0; i < advertisement.count; i++) {
        struct mlb_address address;
        struct announced *announced = NULL;

        vrrp_address(&advertisement, i, &address);
        announced = address_table_find(&core->addresses, &address);
        if (!announced)
            continue;
        event_vrrp(core, announced, interface_index, source, &advertisement);
        found++;
    }
    return found;
}
