/* SPDX-License-Identifier: MIT */
#include "base/deadline_heap.h"

#include <metallb/error.h>
#include <stdlib.h>

#define HEAP_CAPACITY_MIN 16

void deadline_heap_init(struct deadline_heap *heap)
{
    *heap = (struct deadline_heap){0};
}

void deadline_heap_free(struct deadline_heap *heap)
{
    free(heap->items);
    deadline_heap_init(heap);
}

int32_t deadline_heap_reserve(struct deadline_heap *heap, size_t count)
{
    size_t capacity = heap->capacity ? heap->capacity : HEAP_CAPACITY_MIN;
    struct deadline **items = NULL;

    if (count <= heap->capacity)
        return MLB_OK;
    while (capacity < count)
        capacity *= 2;
    items = reallocarray(heap->items, capacity, sizeof(struct deadline *));
    if (!items)
        return MLB_ERROR_NO_MEMORY;
    heap->items = items;
    heap->capacity = capacity;
    return MLB_OK;
}

void deadline_init(struct deadline *deadline)
{
    deadline->time = DEADLINE_NEVER;
    deadline->position = 0;
}

static void place(struct deadline_heap *heap, size_t index, struct deadline *deadline)
{
    heap->items[index] = deadline;
    deadline->position = index + 1;
}

static void sift_up(struct deadline_heap *heap, size_t index)
{
    struct deadline *deadline = heap->items[index];

    while (index > 0) {
        size_t parent = (index - 1) / 2;

        if (heap->items[parent]->time <= deadline->time)
            break;
        place(heap, index, heap->items[parent]);
        index = parent;
    }
    place(heap, index, deadline);
}

static void sift_down(struct deadline_heap *heap, size_t index)
{
    struct deadline *deadline = heap->items[index];

    for (;;) {
        size_t child = 2 * index + 1;

        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && heap->items[child + 1]->time < heap->items[child]->time)
            child++;
        if (heap->items[child]->time >= deadline->time)
            break;
        place(heap, index, heap->items[child]);
        index = child;
    }
    place(heap, index, deadline);
}

static void remove_at(struct deadline_heap *heap, size_t index)
{
    struct deadline *last = heap->items[--heap->count];

    heap->items[index]->position = 0;
    if (index == heap->count)
        return;
    place(heap, index, last);
    sift_up(heap, index);
    sift_down(heap, last->position - 1);
}

void deadline_heap_set(struct deadline_heap *heap, struct deadline *deadline, uint64_t time)
{
    deadline->time = time;
    if (time == DEADLINE_NEVER) {
        if (deadline->position > 0)
            remove_at(heap, deadline->position - 1);
        return;
    }
    if (deadline->position == 0)
        place(heap, heap->count++, deadline);
    sift_up(heap, deadline->position - 1);
    sift_down(heap, deadline->position - 1);
}

struct deadline *deadline_heap_first(const struct deadline_heap *heap)
{
    return heap->count > 0 ? heap->items[0] : NULL;
}
