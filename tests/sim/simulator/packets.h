/* SPDX-License-Identifier: MIT */
/* Packets on their way, from a pool: most are pings of a hundred bytes. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "simulator/event_queue.h"

/* Sizes of packets that are pooled each by itself. */
#define PACKET_SIZES 3

struct packet {
    struct event event;
    struct packet *next; /* unused one of the same size */
    uint32_t from;
    uint32_t to;
    uint32_t length;
    uint32_t size; /* index of the pool */
    uint8_t bytes[];
};

struct packet_pool {
    struct packet *unused[PACKET_SIZES];
    void **chunks;
    size_t chunk_count;
};

void packet_pool_free(struct packet_pool *pool);

/* A packet with a copy of the bytes; at most 65 536. */
struct packet *packet_new(struct packet_pool *pool, const uint8_t *bytes, size_t length);

void packet_free(struct packet_pool *pool, struct packet *packet);
