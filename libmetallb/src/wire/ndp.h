/* SPDX-License-Identifier: MIT */
/* Neighbour solicitations and advertisements over Ethernet (RFC 4861 §4.3, §4.4, RFC 2464). */
#pragma once

#include "wire/ethernet.h"

#define NDP_SOLICITATION  135
#define NDP_ADVERTISEMENT 136

/* Flags of an advertisement. */
#define NDP_FLAG_ROUTER    0x80u
#define NDP_FLAG_SOLICITED 0x40u
#define NDP_FLAG_OVERRIDE  0x20u

#define IPV6_ADDRESS_SIZE  16

/* Ethernet and IPv6 headers, the message, one link-layer address option. */
#define NDP_FRAME_SIZE_MAX 86

struct ndp_message {
    uint8_t type;  /* NDP_SOLICITATION or NDP_ADVERTISEMENT */
    uint8_t flags; /* NDP_FLAG_*; 0 in a solicitation */
    /* 1: link_address is the source (solicitation) or target (advertisement) option */
    uint8_t has_link_address;
    uint8_t link_address[ETHERNET_ADDRESS_SIZE];
    uint8_t source[IPV6_ADDRESS_SIZE];
    uint8_t destination[IPV6_ADDRESS_SIZE];
    uint8_t target[IPV6_ADDRESS_SIZE];
};

/* ff02::1 */
extern const uint8_t ipv6_all_nodes[IPV6_ADDRESS_SIZE];

/*
 * Parses an IPv6 packet (what follows the Ethernet header) and checks it as RFC 4861 §7.1.1 and
 * §7.1.2 demand; what the frame has behind the packet is ignored.
 *
 * @return  MLB_OK, MLB_ERROR_MALFORMED also for any other packet
 */
int32_t ndp_parse(const uint8_t *bytes, size_t length, struct ndp_message *message);

/*
 * Builds a whole frame with hop limit 255 and checksum.
 *
 * @return  its length, or 0 if that is more than capacity
 */
size_t ndp_build(const uint8_t *destination, const uint8_t *source,
                 const struct ndp_message *message, uint8_t *buffer, size_t capacity);

/* The solicited-node group of an address: ff02::1:ff00:0/104 and its last 24 bits (RFC 4291). */
void ipv6_solicited_node_group(const uint8_t *address, uint8_t *group);

int ipv6_is_multicast(const uint8_t *address);

int ipv6_is_unspecified(const uint8_t *address);

int ipv6_equal(const uint8_t *a, const uint8_t *b);

/* 33:33 and the last four bytes of the group (RFC 2464 §7). */
void ipv6_multicast_hardware_address(const uint8_t *group, uint8_t *hardware_address);
