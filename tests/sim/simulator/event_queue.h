/* SPDX-License-Identifier: MIT */
/*
 * What will happen, by time: a heap of four children a place, so that a comparison of siblings
 * stays within two cache lines. Events of one time come in an order that the seed decides.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum event_kind {
    EVENT_PACKET,
    EVENT_STREAM,
};

/* The first member of what happens. */
struct event {
    enum event_kind kind;
    struct event *next; /* in a list of those that a stalled node has before it */
};

struct event_entry {
    uint64_t time;
    struct event *event;
};

struct event_queue {
    struct event_entry *entries;
    size_t count;
    size_t capacity;
};

void event_queue_free(struct event_queue *queue);

void event_queue_add(struct event_queue *queue, uint64_t time, struct event *event);

/* Takes the earliest; the queue is not empty. */
struct event_entry event_queue_take(struct event_queue *queue);

/* When the earliest is, or UINT64_MAX. */
static inline uint64_t event_queue_time(const struct event_queue *queue)
{
    return queue->count ? queue->entries[0].time : UINT64_MAX;
}
