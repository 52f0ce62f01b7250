/* SPDX-License-Identifier: MIT */
/* Any packet is parsed or refused; what is parsed is built again byte for byte. */
#include <metallb/error.h>
#include <stdlib.h>
#include <string.h>

#include "announce/announce.h"
#include "wire/arp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_round_trip(const uint8_t *data, size_t size)
{
    static const uint8_t hardware[ETHERNET_ADDRESS_SIZE] = {0x02};
    struct arp_packet packet;
    uint8_t frame[ARP_FRAME_SIZE];

    if (arp_parse(data, size, &packet) != MLB_OK)
        return;
    require(arp_build(hardware, hardware, &packet, frame, sizeof(frame)) == sizeof(frame));
    require(memcmp(frame + ETHERNET_HEADER_SIZE, data, ARP_PACKET_SIZE) == 0);
}

/* A frame gets at most one answer, to where it came from and only if it is about 192.0.2.10. */
static void check_answer(const uint8_t *data, size_t size)
{
    const struct mlb_address address = {MLB_FAMILY_IPV4, {0}, {192, 0, 2, 10}};
    const struct announce_interface interface = {1, "eth1", {0x02, 0, 0, 0, 0, 1}, 1};
    struct announce *core = NULL;
    uint8_t frame[ANNOUNCE_FRAME_SIZE_MAX];
    enum announce_frame_kind kind = ANNOUNCE_FRAME_NDP;
    enum announce_verdict verdict = ANNOUNCE_IGNORED;
    uint32_t index = 0;

    if (announce_new(NULL, &core) != MLB_OK)
        return;
    require(announce_set_interface(core, 0, &interface) == MLB_OK);
    require(announce_add(core, 0, &address, NULL, 0) == MLB_OK);
    while (announce_output(core, 0, frame, sizeof(frame), &index, &kind) > 0)
        ;
    verdict = announce_input(core, 0, 1, data, size, 0);
    if (announce_output(core, 0, frame, sizeof(frame), &index, &kind) > 0) {
        require(verdict == ANNOUNCE_TAKEN && kind == ANNOUNCE_FRAME_ARP && index == 1);
        require(memcmp(frame, data + 22, ETHERNET_ADDRESS_SIZE) == 0);
        require(memcmp(data + 38, address.bytes, 4) == 0);
        require(announce_output(core, 0, frame, sizeof(frame), &index, &kind) == 0);
    }
    announce_free(core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= ETHERNET_HEADER_SIZE)
        check_round_trip(data + ETHERNET_HEADER_SIZE, size - ETHERNET_HEADER_SIZE);
    check_answer(data, size);
    return 0;
}
