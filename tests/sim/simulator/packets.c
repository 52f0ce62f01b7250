/* SPDX-License-Identifier: MIT */
#include "simulator/packets.h"

#include <stdlib.h>
#include <string.h>

#include "simulator/memory.h"

static const size_t sizes[PACKET_SIZES] = {192, 2048, 65536};
static const size_t per_chunk[PACKET_SIZES] = {1024, 128, 4};

void packet_pool_free(struct packet_pool *pool)
{
    for (size_t i = 0; i < pool->chunk_count; i++)
        free(pool->chunks[i]);
    free(pool->chunks);
    *pool = (struct packet_pool){0};
}

static void add_chunk(struct packet_pool *pool, uint32_t size)
{
    const size_t step = sizeof(struct packet) + sizes[size];
    uint8_t *chunk = need(per_chunk[size], step);

    pool->chunks = need_array(pool->chunks, pool->chunk_count + 1, sizeof(*pool->chunks));
    pool->chunks[pool->chunk_count++] = chunk;
    for (size_t i = 0; i < per_chunk[size]; i++) {
        struct packet *packet = (struct packet *)(void *)(chunk + i * step);

        packet->size = size;
        packet_free(pool, packet);
    }
}

struct packet *packet_new(struct packet_pool *pool, const uint8_t *bytes, size_t length)
{
    struct packet *packet;
    uint32_t size = 0;

    while (size < PACKET_SIZES - 1 && sizes[size] < length)
        size++;
    if (!pool->unused[size])
        add_chunk(pool, size);
    packet = pool->unused[size];
    pool->unused[size] = packet->next;
    packet->event = (struct event){.kind = EVENT_PACKET};
    packet->length = (uint32_t)length;
    memcpy(packet->bytes, bytes, length);
    return packet;
}

void packet_free(struct packet_pool *pool, struct packet *packet)
{
    packet->next = pool->unused[packet->size];
    pool->unused[packet->size] = packet;
}
