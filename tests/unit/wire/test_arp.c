/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <string.h>

#include "wire/arp.h"

/* A reply of 192.0.2.10 at 02:00:00:00:00:01 to 192.0.2.1 at 02:00:00:00:00:02, by hand. */
static const uint8_t reply_frame[ARP_FRAME_SIZE] = {
    0x02, 0, 0,    0, 0, 2,         /* destination */
    0x02, 0, 0,    0, 0, 1,         /* source */
    0x08, 6,                        /* ARP */
    0,    1, 0x08, 0, 6, 4, 0,   2, /* reply */
    0x02, 0, 0,    0, 0, 1, 192, 0, 2, 10, 0x02, 0, 0, 0, 0, 2, 192, 0, 2, 1,
};

static const struct arp_packet reply = {
    .operation = ARP_REPLY,
    .sender_hardware = {0x02, 0, 0, 0, 0, 1},
    .sender_protocol = {192, 0, 2, 10},
    .target_hardware = {0x02, 0, 0, 0, 0, 2},
    .target_protocol = {192, 0, 2, 1},
};

static void test_build(void **state)
{
    uint8_t frame[ARP_FRAME_SIZE + 1];

    (void)state;
    memset(frame, 0xaa, sizeof(frame));
    assert_int_equal(
        arp_build(reply.target_hardware, reply.sender_hardware, &reply, frame, sizeof(frame)),
        ARP_FRAME_SIZE);
    assert_memory_equal(frame, reply_frame, ARP_FRAME_SIZE);
    assert_int_equal(frame[ARP_FRAME_SIZE], 0xaa);
}

static void test_build_needs_room(void **state)
{
    uint8_t frame[ARP_FRAME_SIZE - 1] = {0};
    uint8_t untouched[sizeof(frame)] = {0};

    (void)state;
    assert_int_equal(
        arp_build(reply.target_hardware, reply.sender_hardware, &reply, frame, sizeof(frame)), 0);
    assert_memory_equal(frame, untouched, sizeof(frame));
}

static void test_parse(void **state)
{
    struct arp_packet packet;

    (void)state;
    assert_int_equal(arp_parse(reply_frame + ETHERNET_HEADER_SIZE,
                               sizeof(reply_frame) - ETHERNET_HEADER_SIZE, &packet),
                     MLB_OK);
    assert_memory_equal(&packet, &reply, sizeof(reply));
}

static void test_parse_refuses_every_shorter_length(void **state)
{
    struct arp_packet packet;

    (void)state;
    for (size_t length = 0; length < ARP_PACKET_SIZE; length++)
        assert_int_equal(arp_parse(reply_frame + ETHERNET_HEADER_SIZE, length, &packet),
                         MLB_ERROR_MALFORMED);
    assert_int_equal(arp_parse(reply_frame + ETHERNET_HEADER_SIZE, ARP_PACKET_SIZE, &packet),
                     MLB_OK);
}

/* Hardware type, protocol type, hardware size, protocol size. */
static void test_parse_refuses_other_kinds(void **state)
{
    uint8_t bytes[ARP_PACKET_SIZE];
    struct arp_packet packet;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        memcpy(bytes, reply_frame + ETHERNET_HEADER_SIZE, sizeof(bytes));
        bytes[i]++;
        assert_int_equal(arp_parse(bytes, sizeof(bytes), &packet), MLB_ERROR_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_build_needs_room),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_refuses_every_shorter_length),
        cmocka_unit_test(test_parse_refuses_other_kinds),
    };

    return cmocka_run_group_tests_name("arp", tests, NULL, NULL);
}
