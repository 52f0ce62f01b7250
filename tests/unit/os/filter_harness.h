/* SPDX-License-Identifier: MIT */
/*
 * Runs the filter as the kernel does: a datagram socket pair with the filter attached to one end,
 * frames sent into the other.
 */
#pragma once

/* After <cmocka.h>, whose assertions this uses. */
#include "os/filter.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct harness {
    struct filter *filter;
    int sender;
    int receiver;
    enum packet_protocol protocol;
};

static inline void harness_open(struct harness *harness, int allow_ebpf,
                                enum packet_protocol protocol)
{
    int pair[2];

    harness->filter = filter_new(allow_ebpf);
    assert_true(harness->filter);
    assert_true(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0);
    harness->sender = pair[0];
    harness->receiver = pair[1];
    harness->protocol = protocol;
    assert_true(filter_attach(harness->filter, harness->receiver, protocol) == 0);
}

static inline void harness_close(struct harness *harness)
{
    filter_free(harness->filter);
    close(harness->sender);
    close(harness->receiver);
}

static inline int harness_set(struct harness *harness, const struct mlb_address *addresses,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        filter_add(harness->filter, &addresses[i]);
    if (!filter_is_stale(harness->filter))
        return 0;
    if (filter_rebuild(harness->filter, addresses, count) != 0)
        return -1;
    return filter_attach(harness->filter, harness->receiver, harness->protocol);
}

static inline int passes(const struct harness *harness, const void *frame, size_t length)
{
    uint8_t buffer[256];

    assert_true(send(harness->sender, frame, length, 0) == (ssize_t)length);
    return recv(harness->receiver, buffer, sizeof(buffer), 0) == (ssize_t)length;
}

static inline struct mlb_address ipv4(uint32_t value)
{
    struct mlb_address address = {.family = MLB_FAMILY_IPV4};

    value = htonl(value);
    memcpy(address.bytes, &value, sizeof(value));
    return address;
}

static inline struct mlb_address ipv6(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    struct mlb_address address = {.family = MLB_FAMILY_IPV6};
    const uint32_t words[4] = {htonl(a), htonl(b), htonl(c), htonl(d)};

    memcpy(address.bytes, words, sizeof(words));
    return address;
}

#define ARP_FRAME_SIZE 60

static inline void make_arp(uint8_t frame[ARP_FRAME_SIZE], uint32_t sender, uint32_t target)
{
    static const uint8_t head[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,
                                   1,    0x08, 0x06, 0,    1,    0x08, 0, 6, 4, 0, 1};

    memset(frame, 0, ARP_FRAME_SIZE);
    memcpy(frame, head, sizeof(head));
    sender = htonl(sender);
    target = htonl(target);
    memcpy(frame + 28, &sender, sizeof(sender));
    memcpy(frame + 38, &target, sizeof(target));
}

#define ND_FRAME_SIZE 86

static inline void make_nd(uint8_t frame[ND_FRAME_SIZE], uint8_t type,
                           const struct mlb_address *target)
{
    memset(frame, 0, ND_FRAME_SIZE);
    frame[12] = 0x86;
    frame[13] = 0xdd;
    frame[14] = 0x60;
    frame[20] = 58;
    frame[21] = 255;
    frame[54] = type;
    memcpy(frame + 62, target->bytes, 16);
}

static inline int passes_arp(const struct harness *harness, uint32_t sender, uint32_t target)
{
    uint8_t frame[ARP_FRAME_SIZE];

    make_arp(frame, sender, target);
    return passes(harness, frame, sizeof(frame));
}

static inline int passes_nd(const struct harness *harness, const struct mlb_address *target)
{
    uint8_t frame[ND_FRAME_SIZE];

    make_nd(frame, 135, target);
    return passes(harness, frame, sizeof(frame));
}
