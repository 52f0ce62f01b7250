/* SPDX-License-Identifier: MIT */
#include "simulator/event_queue.h"

#include <stdlib.h>

#include "simulator/memory.h"

#define CHILDREN       4
#define CAPACITY_FIRST 1024

void event_queue_free(struct event_queue *queue)
{
    free(queue->entries);
    *queue = (struct event_queue){0};
}

void event_queue_add(struct event_queue *queue, uint64_t time, struct event *event)
{
    size_t place = queue->count++;

    if (place == queue->capacity) {
        queue->capacity = queue->capacity ? queue->capacity * 2 : CAPACITY_FIRST;
        queue->entries = need_array(queue->entries, queue->capacity, sizeof(*queue->entries));
    }
    while (place > 0) {
        const size_t parent = (place - 1) / CHILDREN;

        if (queue->entries[parent].time <= time)
            break;
        queue->entries[place] = queue->entries[parent];
        place = parent;
    }
    queue->entries[place] = (struct event_entry){.time = time, .event = event};
}

/* The earliest child of a place, or count. */
static size_t earliest_child(const struct event_queue *queue, size_t place)
{
    const size_t first = place * CHILDREN + 1;
    size_t best = first;

    if (first >= queue->count)
        return queue->count;
    for (size_t child = first + 1; child < first + CHILDREN && child < queue->count; child++) {
        if (queue->entries[child].time < queue->entries[best].time)
            best = child;
    }
    return best;
}

struct event_entry event_queue_take(struct event_queue *queue)
{
    const struct event_entry taken = queue->entries[0];
    const struct event_entry last = queue->entries[--queue->count];
    size_t place = 0;

    for (;;) {
        const size_t child = earliest_child(queue, place);

        if (child == queue->count || queue->entries[child].time >= last.time)
            break;
        queue->entries[place] = queue->entries[child];
        place = child;
    }
    queue->entries[place] = last;
    return taken;
}
