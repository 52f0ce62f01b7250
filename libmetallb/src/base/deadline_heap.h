/* SPDX-License-Identifier: MIT */
/*
 * A set of deadlines of which the earliest is found at once. Deadlines are members of what waits
 * for them; room is reserved when such a thing is made, so that setting a deadline cannot fail.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DEADLINE_NEVER UINT64_MAX

struct deadline {
    uint64_t time;
    size_t position; /* in the heap plus 1; 0 outside of it */
};

struct deadline_heap {
    struct deadline **items;
    size_t count;
    size_t capacity;
};

void deadline_heap_init(struct deadline_heap *heap);

void deadline_heap_free(struct deadline_heap *heap);

/*
 * Makes room for `count` deadlines in all.
 *
 * @return  MLB_OK, MLB_ERROR_NO_MEMORY
 */
int32_t deadline_heap_reserve(struct deadline_heap *heap, size_t count);

void deadline_init(struct deadline *deadline);

/* Adds, moves or (DEADLINE_NEVER) removes a deadline. */
void deadline_heap_set(struct deadline_heap *heap, struct deadline *deadline, uint64_t time);

/* The earliest deadline, or NULL. */
struct deadline *deadline_heap_first(const struct deadline_heap *heap);
