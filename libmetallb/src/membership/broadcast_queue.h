/* SPDX-License-Identifier: MIT */
/*
 * Messages that wait to be gossiped, the least told first. There is one for each name: a newer one
 * takes the place of the older.
 */
#pragma once

#include "base/hash_table.h"
#include "base/ordered_tree.h"

/* Bytes of a packet that a message takes beside its own: its length in a compound. */
#define BROADCAST_OVERHEAD 2

struct broadcast {
    struct hash_node node;
    struct tree_node order;
    uint64_t id;
    uint8_t *told; /* set to 1 once it was told often enough, or was replaced; may be NULL */
    uint32_t transmissions;
    uint16_t length;
    uint8_t name_length;
    uint8_t bytes[]; /* the message, then the name */
};

struct broadcast_queue {
    struct hash_table table;
    struct ordered_tree tree;
    uint64_t next_id;
};

/* MLB_OK, MLB_ERROR_NO_MEMORY. */
int32_t broadcast_queue_init(struct broadcast_queue *queue);

/* Frees what waits; a queue of zeros is ignored. */
void broadcast_queue_free(struct broadcast_queue *queue);

/* Drops all that waits. */
void broadcast_queue_clear(struct broadcast_queue *queue);

static inline size_t broadcast_queue_count(const struct broadcast_queue *queue)
{
    return queue->table.count;
}

/*
 * Adds a message in place of the one for the same name. Both are copied.
 *
 * @param hash  of the name
 * @return      MLB_OK, MLB_ERROR_NO_MEMORY with the older one still there
 */
int32_t broadcast_queue_put(struct broadcast_queue *queue, uint64_t hash, const char *name,
                            uint8_t name_length, const uint8_t *message, uint16_t length,
                            uint8_t *told);

/*
 * Takes the messages for one packet: by transmissions so far, among equal ones the largest that
 * fits and then the newest.
 *
 * @param room    bytes left in the packet; each message takes BROADCAST_OVERHEAD more
 * @param picked  room for `most` pointers; all go back with broadcast_queue_sent()
 * @return        the number of messages
 */
size_t broadcast_queue_pick(struct broadcast_queue *queue, size_t room, struct broadcast **picked,
                            size_t most);

/* Counts a transmission of each; drops those that reach the limit. */
void broadcast_queue_sent(struct broadcast_queue *queue, struct broadcast **picked, size_t count,
                          uint32_t limit);
