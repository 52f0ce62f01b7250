/* SPDX-License-Identifier: MIT */
#include "wire/arp.h"

#include <metallb/error.h>
#include <string.h>

#include "base/cursor.h"

/* RFC 826 "Packet format"; ar$hrd from the IANA registry. */
#define ARP_HARDWARE_ETHERNET 1
#define ARP_HARDWARE_SIZE     6
#define ARP_PROTOCOL_SIZE     4

int32_t arp_parse(const uint8_t *bytes, size_t length, struct arp_packet *packet)
{
    struct reader reader = reader_of(bytes, length);
    struct arp_packet parsed;

    if (read_u16(&reader) != ARP_HARDWARE_ETHERNET || read_u16(&reader) != ETHERNET_TYPE_IPV4 ||
        read_u8(&reader) != ARP_HARDWARE_SIZE || read_u8(&reader) != ARP_PROTOCOL_SIZE)
        return MLB_ERROR_MALFORMED;
    parsed.operation = read_u16(&reader);
    read_bytes(&reader, parsed.sender_hardware, sizeof(parsed.sender_hardware));
    read_bytes(&reader, parsed.sender_protocol, sizeof(parsed.sender_protocol));
    read_bytes(&reader, parsed.target_hardware, sizeof(parsed.target_hardware));
    read_bytes(&reader, parsed.target_protocol, sizeof(parsed.target_protocol));
    if (reader.failed)
        return MLB_ERROR_MALFORMED;
    *packet = parsed;
    return MLB_OK;
}

size_t arp_build(const uint8_t *destination, const uint8_t *source, const struct arp_packet *packet,
                 uint8_t *buffer, size_t capacity)
{
    struct writer writer = writer_to(buffer, capacity);
    struct ethernet_header header = {.type = ETHERNET_TYPE_ARP};

    if (capacity < ARP_FRAME_SIZE)
        return 0;
    memcpy(header.destination, destination, sizeof(header.destination));
    memcpy(header.source, source, sizeof(header.source));
    ethernet_write(&writer, &header);
    write_u16(&writer, ARP_HARDWARE_ETHERNET);
    write_u16(&writer, ETHERNET_TYPE_IPV4);
    write_u8(&writer, ARP_HARDWARE_SIZE);
    write_u8(&writer, ARP_PROTOCOL_SIZE);
    write_u16(&writer, packet->operation);
    write_bytes(&writer, packet->sender_hardware, sizeof(packet->sender_hardware));
    write_bytes(&writer, packet->sender_protocol, sizeof(packet->sender_protocol));
    write_bytes(&writer, packet->target_hardware, sizeof(packet->target_hardware));
    write_bytes(&writer, packet->target_protocol, sizeof(packet->target_protocol));
    write_zeros(&writer, ARP_FRAME_SIZE - writer.used);
    return writer.used;
}
