/* SPDX-License-Identifier: MIT */
/* Ethernet II headers. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ETHERNET_ADDRESS_SIZE 6
#define ETHERNET_HEADER_SIZE  14

/* The least length of a frame without its check sequence (IEEE 802.3). */
#define ETHERNET_FRAME_SIZE_MIN 60

/* IANA EtherTypes. Frames with a tag have the tag's type here, so they never look like ours. */
#define ETHERNET_TYPE_IPV4 0x0800
#define ETHERNET_TYPE_ARP  0x0806
#define ETHERNET_TYPE_IPV6 0x86dd

struct ethernet_header {
    uint8_t destination[ETHERNET_ADDRESS_SIZE];
    uint8_t source[ETHERNET_ADDRESS_SIZE];
    uint16_t type;
};

struct reader;
struct writer;

extern const uint8_t ethernet_broadcast[ETHERNET_ADDRESS_SIZE];

/* Reads a header; a frame too short fails the reader. */
void ethernet_read(struct reader *reader, struct ethernet_header *header);

void ethernet_write(struct writer *writer, const struct ethernet_header *header);

int ethernet_equal(const uint8_t *a, const uint8_t *b);

/* 1 for an address that can be a single station's: neither a group nor all zero. */
int ethernet_is_station(const uint8_t *address);
