/* SPDX-License-Identifier: MIT */
#include "wire/ndp.h"

#include <metallb/error.h>
#include <string.h>

#include "base/cursor.h"
#include "wire/checksum.h"

/* RFC 8200 §3 */
#define IPV6_HEADER_SIZE 40
#define IPV6_VERSION     6

/* RFC 4861 §4.3, §4.6, §7.1 */
#define NDP_MESSAGE_SIZE_MIN       24
#define NDP_HOP_LIMIT              255
#define NDP_OPTION_SOURCE_LINK     1
#define NDP_OPTION_TARGET_LINK     2
#define NDP_OPTION_UNIT            8
#define NDP_LINK_OPTION_UNITS      1
#define PROTOCOL_ICMPV6            58
#define NDP_CHECKSUM_OFFSET        2
#define SOLICITED_NODE_PREFIX_SIZE 13

const uint8_t ipv6_all_nodes[IPV6_ADDRESS_SIZE] = {0xff, 0x02, [15] = 1};

static const uint8_t solicited_node_prefix[SOLICITED_NODE_PREFIX_SIZE] = {
    0xff, 0x02, [11] = 1, [12] = 0xff};

int ipv6_equal(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, IPV6_ADDRESS_SIZE) == 0;
}

int ipv6_is_multicast(const uint8_t *address)
{
    return address[0] == 0xff;
}

int ipv6_is_unspecified(const uint8_t *address)
{
    static const uint8_t unspecified[IPV6_ADDRESS_SIZE];

    return ipv6_equal(address, unspecified);
}

void ipv6_solicited_node_group(const uint8_t *address, uint8_t *group)
{
    memcpy(group, solicited_node_prefix, SOLICITED_NODE_PREFIX_SIZE);
    memcpy(group + SOLICITED_NODE_PREFIX_SIZE, address + SOLICITED_NODE_PREFIX_SIZE,
           IPV6_ADDRESS_SIZE - SOLICITED_NODE_PREFIX_SIZE);
}

void ipv6_multicast_hardware_address(const uint8_t *group, uint8_t *hardware_address)
{
    hardware_address[0] = 0x33;
    hardware_address[1] = 0x33;
    memcpy(hardware_address + 2, group + 12, 4);
}

/* Reads the IPv6 header; returns the bytes of its payload, 0 if that cannot be a message of ours.
 */
static size_t read_ipv6_header(struct reader *reader, struct ndp_message *message)
{
    uint8_t version = read_u8(reader) >> 4;
    size_t payload_length = 0;
    uint8_t next_header = 0;
    uint8_t hop_limit = 0;

    read_span(reader, 3);
    payload_length = read_u16(reader);
    next_header = read_u8(reader);
    hop_limit = read_u8(reader);
    read_bytes(reader, message->source, IPV6_ADDRESS_SIZE);
    read_bytes(reader, message->destination, IPV6_ADDRESS_SIZE);
    if (reader->failed || version != IPV6_VERSION || next_header != PROTOCOL_ICMPV6)
        return 0;
    /* RFC 4861 §7.1.1: "The IP Hop Limit field has a value of 255, i.e., the packet could not
     * possibly have been forwarded by a router." */
    if (hop_limit != NDP_HOP_LIMIT)
        return 0;
    /* "ICMP length (derived from the IP length) is 24 or more octets." */
    if (payload_length < NDP_MESSAGE_SIZE_MIN || payload_length > reader->left)
        return 0;
    return payload_length;
}

static int has_right_checksum(const struct ndp_message *message, const uint8_t *payload,
                              size_t length)
{
    uint32_t sum = checksum_pseudo_header(message->source, message->destination, IPV6_ADDRESS_SIZE,
                                          length, PROTOCOL_ICMPV6);

    return checksum_finish(checksum_add(sum, payload, length)) == 0;
}

/* Reads all options and keeps the one of the type wanted; 0 if they are not sound. */
static int read_options(struct reader *reader, uint8_t wanted, struct ndp_message *message)
{
    while (reader->left > 0) {
        uint8_t type = read_u8(reader);
        size_t units = read_u8(reader);
        const uint8_t *body = NULL;

        /* RFC 4861 §7.1.1: "All included options have a length that is greater than zero." */
        if (reader->failed || units == 0)
            return 0;
        body = read_span(reader, units * NDP_OPTION_UNIT - 2);
        if (!body)
            return 0;
        if (type != wanted || units != NDP_LINK_OPTION_UNITS || message->has_link_address)
            continue;
        memcpy(message->link_address, body, ETHERNET_ADDRESS_SIZE);
        message->has_link_address = 1;
    }
    return 1;
}

static int is_valid_solicitation(const struct ndp_message *message)
{
    if (!ipv6_is_unspecified(message->source))
        return 1;
    /* RFC 4861 §7.1.1: "If the IP source address is the unspecified address, the IP destination
     * address is a solicited-node multicast address" and "there is no source link-layer address
     * option in the message." */
    return memcmp(message->destination, solicited_node_prefix, SOLICITED_NODE_PREFIX_SIZE) == 0 &&
           !message->has_link_address;
}

static int is_valid_advertisement(const struct ndp_message *message)
{
    /* RFC 4861 §7.1.2: "If the IP Destination Address is a multicast address the Solicited flag is
     * zero." */
    return !ipv6_is_multicast(message->destination) || !(message->flags & NDP_FLAG_SOLICITED);
}

/* Reads the ICMPv6 message that the reader holds exactly. */
static int read_message(struct reader *reader, struct ndp_message *message)
{
    int is_solicitation = 0;
    uint8_t code = 0;
    uint8_t flags = 0;

    message->type = read_u8(reader);
    is_solicitation = message->type == NDP_SOLICITATION;
    if (!is_solicitation && message->type != NDP_ADVERTISEMENT)
        return 0;
    code = read_u8(reader);
    read_span(reader, 2);
    flags = read_u8(reader);
    read_span(reader, 3);
    if (!is_solicitation)
        message->flags = flags & (NDP_FLAG_ROUTER | NDP_FLAG_SOLICITED | NDP_FLAG_OVERRIDE);
    read_bytes(reader, message->target, IPV6_ADDRESS_SIZE);
    /* RFC 4861 §7.1.1: "ICMP Code is 0" and "Target Address is not a multicast address." */
    if (reader->failed || code != 0 || ipv6_is_multicast(message->target))
        return 0;
    if (!read_options(reader, is_solicitation ? NDP_OPTION_SOURCE_LINK : NDP_OPTION_TARGET_LINK,
                      message))
        return 0;
    return is_solicitation ? is_valid_solicitation(message) : is_valid_advertisement(message);
}

int32_t ndp_parse(const uint8_t *bytes, size_t length, struct ndp_message *message)
{
    struct reader reader = reader_of(bytes, length);
    struct ndp_message parsed = {0};
    size_t payload_length = read_ipv6_header(&reader, &parsed);

    if (payload_length == 0 || ipv6_is_multicast(parsed.source) ||
        !has_right_checksum(&parsed, reader.at, payload_length))
        return MLB_ERROR_MALFORMED;
    reader = reader_of(reader.at, payload_length);
    if (!read_message(&reader, &parsed))
        return MLB_ERROR_MALFORMED;
    *message = parsed;
    return MLB_OK;
}

static void write_message(struct writer *writer, const struct ndp_message *message)
{
    write_u8(writer, message->type);
    write_zeros(writer, 3);
    write_u8(writer, message->flags);
    write_zeros(writer, 3);
    write_bytes(writer, message->target, IPV6_ADDRESS_SIZE);
    if (!message->has_link_address)
        return;
    write_u8(writer,
             message->type == NDP_SOLICITATION ? NDP_OPTION_SOURCE_LINK : NDP_OPTION_TARGET_LINK);
    write_u8(writer, NDP_LINK_OPTION_UNITS);
    write_bytes(writer, message->link_address, ETHERNET_ADDRESS_SIZE);
}

size_t ndp_build(const uint8_t *destination, const uint8_t *source,
                 const struct ndp_message *message, uint8_t *buffer, size_t capacity)
{
    struct writer writer = writer_to(buffer, capacity);
    struct ethernet_header header = {.type = ETHERNET_TYPE_IPV6};
    size_t payload_length =
        NDP_MESSAGE_SIZE_MIN + (message->has_link_address ? NDP_OPTION_UNIT : 0u);
    uint8_t *payload = buffer + ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE;
    uint16_t checksum = 0;
    uint32_t sum = 0;

    if (capacity < ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE + payload_length)
        return 0;
    memcpy(header.destination, destination, sizeof(header.destination));
    memcpy(header.source, source, sizeof(header.source));
    ethernet_write(&writer, &header);
    write_u32(&writer, (uint32_t)IPV6_VERSION << 28);
    write_u16(&writer, (uint16_t)payload_length);
    write_u8(&writer, PROTOCOL_ICMPV6);
    write_u8(&writer, NDP_HOP_LIMIT);
    write_bytes(&writer, message->source, IPV6_ADDRESS_SIZE);
    write_bytes(&writer, message->destination, IPV6_ADDRESS_SIZE);
    write_message(&writer, message);
    sum = checksum_pseudo_header(message->source, message->destination, IPV6_ADDRESS_SIZE,
                                 payload_length, PROTOCOL_ICMPV6);
    checksum = checksum_finish(checksum_add(sum, payload, payload_length));
    payload[NDP_CHECKSUM_OFFSET] = (uint8_t)(checksum >> 8);
    payload[NDP_CHECKSUM_OFFSET + 1] = (uint8_t)checksum;
    return writer.used;
}
