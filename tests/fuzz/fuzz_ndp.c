/* SPDX-License-Identifier: MIT */
/*
 * Any packet is parsed or refused, as it comes and with its checksum put right, so that mutations
 * reach what lies behind the checksum; what is parsed survives building and parsing.
 */
#include <metallb/error.h>
#include <stdlib.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/ndp.h"

#define HEADER_SIZE    40
#define PACKET_MAX     2048
#define SOURCE         8
#define DESTINATION    24
#define CHECKSUM       42
#define PAYLOAD_LENGTH 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check(const uint8_t *packet, size_t size)
{
    static const uint8_t hardware[ETHERNET_ADDRESS_SIZE] = {0x02};
    struct ndp_message message;
    struct ndp_message again;
    uint8_t frame[NDP_FRAME_SIZE_MAX];
    size_t length = 0;

    if (ndp_parse(packet, size, &message) != MLB_OK)
        return;
    require(!ipv6_is_multicast(message.target) && !ipv6_is_multicast(message.source));
    length = ndp_build(hardware, hardware, &message, frame, sizeof(frame));
    require(length > 0);
    require(ndp_parse(frame + ETHERNET_HEADER_SIZE, length - ETHERNET_HEADER_SIZE, &again) ==
            MLB_OK);
    require(memcmp(&message, &again, sizeof(message)) == 0);
}

static void put_right(uint8_t *packet, size_t size)
{
    size_t payload = size - HEADER_SIZE;
    uint16_t checksum = 0;
    uint32_t sum = 0;

    packet[PAYLOAD_LENGTH] = (uint8_t)(payload >> 8);
    packet[PAYLOAD_LENGTH + 1] = (uint8_t)payload;
    packet[CHECKSUM] = 0;
    packet[CHECKSUM + 1] = 0;
    sum = checksum_pseudo_header(packet + SOURCE, packet + DESTINATION, 16, payload, 58);
    checksum = checksum_finish(checksum_add(sum, packet + HEADER_SIZE, payload));
    packet[CHECKSUM] = (uint8_t)(checksum >> 8);
    packet[CHECKSUM + 1] = (uint8_t)checksum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t packet[PACKET_MAX];
    uint8_t *exact = NULL;

    check(data, size);
    if (size < CHECKSUM + 2 || size > PACKET_MAX)
        return 0;
    memcpy(packet, data, size);
    put_right(packet, size);
    exact = malloc(size);
    if (!exact)
        return 0;
    memcpy(exact, packet, size);
    check(exact, size);
    free(exact);
    return 0;
}
