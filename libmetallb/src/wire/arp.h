/* SPDX-License-Identifier: MIT */
/* The Address Resolution Protocol for IPv4 over Ethernet (RFC 826). */
#pragma once

#include "wire/ethernet.h"

#define ARP_REQUEST     1
#define ARP_REPLY       2

#define ARP_PACKET_SIZE 28

/* A whole frame: header and packet, padded to the least length. */
#define ARP_FRAME_SIZE ETHERNET_FRAME_SIZE_MIN

struct arp_packet {
    uint16_t operation; /* any; only 1 and 2 mean something here */
    uint8_t sender_hardware[ETHERNET_ADDRESS_SIZE];
    uint8_t sender_protocol[4];
    uint8_t target_hardware[ETHERNET_ADDRESS_SIZE];
    uint8_t target_protocol[4];
};

/*
 * Parses what follows the Ethernet header; padding behind the packet is ignored.
 *
 * @return  MLB_OK, MLB_ERROR_MALFORMED also for other kinds of hardware or protocol
 */
int32_t arp_parse(const uint8_t *bytes, size_t length, struct arp_packet *packet);

/*
 * Builds a whole frame.
 *
 * @return  ARP_FRAME_SIZE, or 0 if that is more than capacity
 */
size_t arp_build(const uint8_t *destination, const uint8_t *source, const struct arp_packet *packet,
                 uint8_t *buffer, size_t capacity);
