/* SPDX-License-Identifier: MIT */
#include "membership/broadcast_queue.h"

#include <metallb/error.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"

/* Where a search begins: messages of so many transmissions that are not longer than that. */
struct place {
    uint32_t transmissions;
    size_t length;
};

static int order(const struct tree_node *first, const struct tree_node *second)
{
    const struct broadcast *a = CONTAINER_OF(first, const struct broadcast, order);
    const struct broadcast *b = CONTAINER_OF(second, const struct broadcast, order);

    if (a->transmissions != b->transmissions)
        return a->transmissions < b->transmissions ? -1 : 1;
    if (a->length != b->length)
        return a->length > b->length ? -1 : 1;
    return a->id > b->id ? -1 : a->id < b->id;
}

static int order_of_place(const void *key, const struct tree_node *node)
{
    const struct place *place = key;
    const struct broadcast *broadcast = CONTAINER_OF(node, const struct broadcast, order);

    if (place->transmissions != broadcast->transmissions)
        return place->transmissions < broadcast->transmissions ? -1 : 1;
    return broadcast->length > place->length ? 1 : -1;
}

int32_t broadcast_queue_init(struct broadcast_queue *queue)
{
    *queue = (struct broadcast_queue){0};
    if (!hash_table_init(&queue->table))
        return MLB_ERROR_NO_MEMORY;
    ordered_tree_init(&queue->tree, order);
    return MLB_OK;
}

/* Frees a message that is not in the tree. */
static void drop(struct broadcast_queue *queue, struct broadcast *broadcast)
{
    hash_table_remove(&queue->table, &broadcast->node);
    if (broadcast->told)
        *broadcast->told = 1;
    free(broadcast);
}

void broadcast_queue_clear(struct broadcast_queue *queue)
{
    struct tree_node *node = NULL;

    while ((node = ordered_tree_first(&queue->tree))) {
        ordered_tree_remove(&queue->tree, node);
        drop(queue, CONTAINER_OF(node, struct broadcast, order));
    }
}

void broadcast_queue_free(struct broadcast_queue *queue)
{
    if (!queue->table.buckets)
        return;
    broadcast_queue_clear(queue);
    hash_table_free(&queue->table);
}

static struct broadcast *find(const struct broadcast_queue *queue, uint64_t hash, const char *name,
                              uint8_t name_length)
{
    struct hash_node *node = hash_table_first(&queue->table, hash);

    for (; node; node = hash_table_next(node)) {
        struct broadcast *broadcast = CONTAINER_OF(node, struct broadcast, node);

        if (broadcast->name_length == name_length &&
            memcmp(broadcast->bytes + broadcast->length, name, name_length) == 0)
            return broadcast;
    }
    return NULL;
}

int32_t broadcast_queue_put(struct broadcast_queue *queue, uint64_t hash, const char *name,
                            uint8_t name_length, const uint8_t *message, uint16_t length,
                            uint8_t *told)
{
    struct broadcast *older = find(queue, hash, name, name_length);
    struct broadcast *broadcast = malloc(sizeof(*broadcast) + length + name_length);

    if (!broadcast)
        return MLB_ERROR_NO_MEMORY;
    if (older) {
        ordered_tree_remove(&queue->tree, &older->order);
        drop(queue, older);
    }
    *broadcast = (struct broadcast){
        .id = queue->next_id++,
        .told = told,
        .length = length,
        .name_length = name_length,
    };
    memcpy(broadcast->bytes, message, length);
    memcpy(broadcast->bytes + length, name, name_length);
    hash_table_insert(&queue->table, &broadcast->node, hash);
    ordered_tree_insert(&queue->tree, &broadcast->order);
    return MLB_OK;
}

/* The next message that fits, from a number of transmissions on; NULL if there is none. */
static struct broadcast *next_fitting(const struct broadcast_queue *queue, struct place *place)
{
    struct tree_node *node = NULL;

    while ((node = ordered_tree_not_before(&queue->tree, place, order_of_place))) {
        struct broadcast *broadcast = CONTAINER_OF(node, struct broadcast, order);

        place->transmissions = broadcast->transmissions;
        if (broadcast->length <= place->length)
            return broadcast;
    }
    return NULL;
}

size_t broadcast_queue_pick(struct broadcast_queue *queue, size_t room, struct broadcast **picked,
                            size_t most)
{
    struct place place = {0};
    size_t count = 0;

    while (count < most && room > BROADCAST_OVERHEAD) {
        struct broadcast *broadcast = NULL;

        place.length = room - BROADCAST_OVERHEAD;
        broadcast = next_fitting(queue, &place);
        if (!broadcast)
            break;
        ordered_tree_remove(&queue->tree, &broadcast->order);
        picked[count++] = broadcast;
        room -= broadcast->length + BROADCAST_OVERHEAD;
    }
    return count;
}

void broadcast_queue_sent(struct broadcast_queue *queue, struct broadcast **picked, size_t count,
                          uint32_t limit)
{
    for (size_t i = 0; i < count; i++) {
        if (++picked[i]->transmissions >= limit)
            drop(queue, picked[i]);
        else
            ordered_tree_insert(&queue->tree, &picked[i]->order);
    }
}
