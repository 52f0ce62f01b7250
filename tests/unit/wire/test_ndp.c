/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/ndp.h"

#define PACKET_SIZE   72 /* IPv6 header, message, option */
#define HOP_LIMIT     7  /* offsets in the IPv6 packet */
#define SOURCE        8
#define DESTINATION   24
#define MESSAGE       40
#define OPTION        64
#define MESSAGE_BYTES 24

/* fe80::2 asks for 2001:db8::10; built by another implementation (scapy). */
static const uint8_t solicitation[NDP_FRAME_SIZE_MAX] = {
    0x33, 0x33, 0xff, 0x00, 0x00, 0x10, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x86, 0xdd, 0x60,
    0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff, 0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0x00, 0x00, 0x10, 0x87, 0x00, 0x4b, 0x41, 0x00, 0x00,
    0x00, 0x00, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x10, 0x01, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02};

/* The answer to it with Solicited and Override, by the same. */
static const uint8_t advertisement[NDP_FRAME_SIZE_MAX] = {
    0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x86, 0xdd, 0x60,
    0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x88, 0x00, 0xb9, 0x8d, 0x60, 0x00,
    0x00, 0x00, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x10, 0x02, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01};

static const uint8_t host_a[ETHERNET_ADDRESS_SIZE] = {0x02, 0, 0, 0, 0, 1};
static const uint8_t host_b[ETHERNET_ADDRESS_SIZE] = {0x02, 0, 0, 0, 0, 2};
static const uint8_t service[IPV6_ADDRESS_SIZE] = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x10};
static const uint8_t client[IPV6_ADDRESS_SIZE] = {0xfe, 0x80, [15] = 2};

/* Writes the right payload length and checksum into an IPv6 packet. */
static void seal(uint8_t *packet, size_t length)
{
    size_t payload = length - MESSAGE;
    uint16_t checksum = 0;
    uint32_t sum = checksum_pseudo_header(packet + SOURCE, packet + DESTINATION, 16, payload, 58);

    packet[4] = (uint8_t)(payload >> 8);
    packet[5] = (uint8_t)payload;
    packet[MESSAGE + 2] = 0;
    packet[MESSAGE + 3] = 0;
    checksum = checksum_finish(checksum_add(sum, packet + MESSAGE, payload));
    packet[MESSAGE + 2] = (uint8_t)(checksum >> 8);
    packet[MESSAGE + 3] = (uint8_t)checksum;
}

static void copy_packet(uint8_t *packet, const uint8_t *frame)
{
    memcpy(packet, frame + ETHERNET_HEADER_SIZE, PACKET_SIZE);
}

static void assert_refused(const uint8_t *packet, size_t length)
{
    struct ndp_message message;

    assert_int_equal(ndp_parse(packet, length, &message), MLB_ERROR_MALFORMED);
}

static void assert_accepted(const uint8_t *packet, size_t length)
{
    struct ndp_message message;

    assert_int_equal(ndp_parse(packet, length, &message), MLB_OK);
}

static void test_parse_solicitation(void **state)
{
    uint8_t packet[PACKET_SIZE];
    struct ndp_message message;

    (void)state;
    copy_packet(packet, solicitation);
    assert_int_equal(ndp_parse(packet, sizeof(packet), &message), MLB_OK);
    assert_int_equal(message.type, NDP_SOLICITATION);
    assert_int_equal(message.flags, 0);
    assert_memory_equal(message.source, client, sizeof(client));
    assert_memory_equal(message.target, service, sizeof(service));
    assert_int_equal(message.has_link_address, 1);
    assert_memory_equal(message.link_address, host_b, sizeof(host_b));
}

static void test_parse_advertisement(void **state)
{
    uint8_t packet[PACKET_SIZE];
    struct ndp_message message;

    (void)state;
    copy_packet(packet, advertisement);
    assert_int_equal(ndp_parse(packet, sizeof(packet), &message), MLB_OK);
    assert_int_equal(message.type, NDP_ADVERTISEMENT);
    assert_int_equal(message.flags, NDP_FLAG_SOLICITED | NDP_FLAG_OVERRIDE);
    assert_memory_equal(message.link_address, host_a, sizeof(host_a));
}

static void test_build(void **state)
{
    struct ndp_message message = {
        .type = NDP_ADVERTISEMENT,
        .flags = NDP_FLAG_SOLICITED | NDP_FLAG_OVERRIDE,
        .has_link_address = 1,
    };
    uint8_t frame[NDP_FRAME_SIZE_MAX];

    (void)state;
    memcpy(message.source, service, sizeof(service));
    memcpy(message.target, service, sizeof(service));
    memcpy(message.destination, client, sizeof(client));
    memcpy(message.link_address, host_a, sizeof(host_a));
    assert_int_equal(ndp_build(host_b, host_a, &message, frame, sizeof(frame)), sizeof(frame));
    assert_memory_equal(frame, advertisement, sizeof(frame));
    assert_int_equal(ndp_build(host_b, host_a, &message, frame, sizeof(frame) - 1), 0);
    message.has_link_address = 0;
    assert_int_equal(ndp_build(host_b, host_a, &message, frame, sizeof(frame)), sizeof(frame) - 8);
}

static void test_refuses_every_shorter_length(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    copy_packet(packet, solicitation);
    for (size_t length = 0; length < sizeof(packet); length++)
        assert_refused(packet, length);
}

static void test_ignores_what_follows_the_packet(void **state)
{
    uint8_t packet[PACKET_SIZE + 5] = {0};

    (void)state;
    copy_packet(packet, solicitation);
    assert_accepted(packet, sizeof(packet));
}

/* RFC 4861 §7.1.1: the hop limit is 255. */
static void test_hop_limit(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    copy_packet(packet, solicitation);
    packet[HOP_LIMIT] = 254;
    assert_refused(packet, sizeof(packet));
}

/* Any changed bit of the message, addresses included, spoils the checksum. */
static void test_checksum(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    for (size_t i = SOURCE; i < sizeof(packet); i++) {
        copy_packet(packet, solicitation);
        packet[i] ^= 1;
        assert_refused(packet, sizeof(packet));
    }
}

static void test_code(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    copy_packet(packet, solicitation);
    packet[MESSAGE + 1] = 1;
    seal(packet, sizeof(packet));
    assert_refused(packet, sizeof(packet));
}

/* Router solicitations and echo requests are none of ours. */
static void test_other_types(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        copy_packet(packet, solicitation);
        packet[MESSAGE] = (uint8_t)type;
        seal(packet, sizeof(packet));
        if (type != NDP_SOLICITATION && type != NDP_ADVERTISEMENT)
            assert_refused(packet, sizeof(packet));
        else
            assert_accepted(packet, sizeof(packet));
    }
}

static void test_multicast_target(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    copy_packet(packet, solicitation);
    packet[MESSAGE + 8] = 0xff;
    seal(packet, sizeof(packet));
    assert_refused(packet, sizeof(packet));
}

static void test_option_of_length_zero(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    copy_packet(packet, solicitation);
    packet[OPTION + 1] = 0;
    seal(packet, sizeof(packet));
    assert_refused(packet, sizeof(packet));
}

static void test_option_longer_than_the_message(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    copy_packet(packet, solicitation);
    packet[OPTION + 1] = 2;
    seal(packet, sizeof(packet));
    assert_refused(packet, sizeof(packet));
}

/* RFC 4861 §9: options that are not known are ignored; here a nonce (RFC 7527) before the link
 * address. */
static void test_unknown_option_is_skipped(void **state)
{
    uint8_t packet[PACKET_SIZE + 8];
    struct ndp_message message;

    (void)state;
    copy_packet(packet, solicitation);
    memcpy(packet + PACKET_SIZE, packet + OPTION, 8);
    packet[OPTION] = 14;
    seal(packet, sizeof(packet));
    assert_int_equal(ndp_parse(packet, sizeof(packet), &message), MLB_OK);
    assert_int_equal(message.has_link_address, 1);
    assert_memory_equal(message.link_address, host_b, sizeof(host_b));
}

static void test_without_option(void **state)
{
    uint8_t packet[PACKET_SIZE];
    struct ndp_message message;

    (void)state;
    copy_packet(packet, solicitation);
    seal(packet, MESSAGE + MESSAGE_BYTES);
    assert_int_equal(ndp_parse(packet, MESSAGE + MESSAGE_BYTES, &message), MLB_OK);
    assert_int_equal(message.has_link_address, 0);
}

/* RFC 4861 §7.1.1 for solicitations from the unspecified address. */
static void test_duplicate_address_detection(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    copy_packet(packet, solicitation);
    memset(packet + SOURCE, 0, IPV6_ADDRESS_SIZE);
    seal(packet, sizeof(packet));
    assert_refused(packet, sizeof(packet)); /* with the source option */
    seal(packet, MESSAGE + MESSAGE_BYTES);
    assert_accepted(packet, MESSAGE + MESSAGE_BYTES);
    memcpy(packet + DESTINATION, service, sizeof(service));
    seal(packet, MESSAGE + MESSAGE_BYTES);
    assert_refused(packet, MESSAGE + MESSAGE_BYTES); /* not to a solicited-node group */
}

/* RFC 4861 §7.1.2: no Solicited flag in a multicast advertisement. */
static void test_solicited_multicast_advertisement(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    copy_packet(packet, advertisement);
    memcpy(packet + DESTINATION, ipv6_all_nodes, sizeof(ipv6_all_nodes));
    seal(packet, sizeof(packet));
    assert_refused(packet, sizeof(packet));
    packet[MESSAGE + 4] &= (uint8_t)~NDP_FLAG_SOLICITED;
    seal(packet, sizeof(packet));
    assert_accepted(packet, sizeof(packet));
}

static void test_multicast_source(void **state)
{
    uint8_t packet[PACKET_SIZE];

    (void)state;
    copy_packet(packet, solicitation);
    packet[SOURCE] = 0xff;
    seal(packet, sizeof(packet));
    assert_refused(packet, sizeof(packet));
}

static void test_groups(void **state)
{
    static const uint8_t address[IPV6_ADDRESS_SIZE] = {0x20, 0x01, [12] = 0x11, 0x22, 0x33, 0x44};
    static const uint8_t expected[IPV6_ADDRESS_SIZE] = {
        0xff, 0x02, [11] = 1, 0xff, [13] = 0x22, 0x33, 0x44};
    static const uint8_t expected_hardware[] = {0x33, 0x33, 0xff, 0x22, 0x33, 0x44};
    uint8_t group[IPV6_ADDRESS_SIZE];
    uint8_t hardware[ETHERNET_ADDRESS_SIZE];

    (void)state;
    ipv6_solicited_node_group(address, group);
    assert_memory_equal(group, expected, sizeof(group));
    ipv6_multicast_hardware_address(group, hardware);
    assert_memory_equal(hardware, expected_hardware, sizeof(hardware));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_solicitation),
        cmocka_unit_test(test_parse_advertisement),
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_refuses_every_shorter_length),
        cmocka_unit_test(test_ignores_what_follows_the_packet),
        cmocka_unit_test(test_hop_limit),
        cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_code),
        cmocka_unit_test(test_other_types),
        cmocka_unit_test(test_multicast_target),
        cmocka_unit_test(test_option_of_length_zero),
        cmocka_unit_test(test_option_longer_than_the_message),
        cmocka_unit_test(test_unknown_option_is_skipped),
        cmocka_unit_test(test_without_option),
        cmocka_unit_test(test_duplicate_address_detection),
        cmocka_unit_test(test_solicited_multicast_advertisement),
        cmocka_unit_test(test_multicast_source),
        cmocka_unit_test(test_groups),
    };

    return cmocka_run_group_tests_name("ndp", tests, NULL, NULL);
}
