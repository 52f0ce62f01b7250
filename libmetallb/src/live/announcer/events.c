/* SPDX-License-Identifier: MIT */
#include "live/announcer/announcer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"

#define EVENTS_MAX     1024
#define EVENTS_FIRST   8
#define ERROR_INTERVAL (10 * NANOSECONDS_PER_SECOND)

static int reserve(struct event_queue *queue)
{
    const size_t wanted = queue->capacity ? queue->capacity * 2 : EVENTS_FIRST;
    struct mlb_announcer_event *grown;

    if (queue->count < queue->capacity)
        return 0;
    if (queue->count == EVENTS_MAX)
        return -ENOSPC;
    grown = realloc(queue->items, wanted * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    queue->items = grown;
    queue->capacity = wanted;
    return 0;
}

static void remove_at(struct event_queue *queue, size_t position)
{
    struct mlb_announcer_event *item = &queue->items[position];

    memmove(item, item + 1, (queue->count - position - 1) * sizeof(*item));
    queue->count--;
}

static void append(struct event_queue *queue, const struct mlb_announcer_event *event)
{
    /* Bounded memory comes first: an event that nobody took place for is not told. */
    if (reserve(queue) == 0)
        queue->items[queue->count++] = *event;
}

static int is_up_or_down(uint32_t kind)
{
    return kind == MLB_ANNOUNCER_INTERFACE_UP || kind == MLB_ANNOUNCER_INTERFACE_DOWN;
}

/* Kinds that follow each other in one history: up and down; else each kind its own. */
static int same_history(const struct mlb_announcer_event *a, const struct mlb_announcer_event *b)
{
    if (a->interface_index != b->interface_index)
        return 0;
    return a->kind == b->kind || (is_up_or_down(a->kind) && is_up_or_down(b->kind));
}

/*
 * A flapping interface leaves at most two events, and the last of them is its state: where "down,
 * up" waits, a further "down" takes back the "up" and counts the first.
 */
static int merge(struct event_queue *queue, const struct mlb_announcer_event *event)
{
    size_t latest = queue->count;

    for (size_t i = queue->count; i-- > 0;) {
        struct mlb_announcer_event *item = &queue->items[i];
        if (!same_history(item, event))
            continue;
        if (item->kind == event->kind) {
            item->count++;
            memcpy(item->interface_name, event->interface_name, sizeof(item->interface_name));
            memcpy(item->detail, event->detail, sizeof(item->detail));
            if (latest < queue->count)
                remove_at(queue, latest);
            return 1;
        }
        latest = i;
    }
    return 0;
}

static void push(struct event_queue *queue, const struct mlb_announcer_event *event)
{
    if (!merge(queue, event))
        append(queue, event);
}

void announcer_interface_event(struct mlb_announcer *announcer, uint32_t kind,
                               const struct port *port, const char *detail)
{
    struct mlb_announcer_event event = {
        .struct_size = sizeof(event),
        .kind = kind,
        .interface_index = port->index,
        .count = 1,
    };

    memcpy(event.interface_name, port->name, sizeof(event.interface_name));
    snprintf(event.detail, sizeof(event.detail), "%s", detail);
    push(&announcer->events, &event);
}

static int32_t error_code(int error)
{
    switch (error) {
    case EPERM:
    case EACCES:
        return MLB_ERROR_PERMISSION;
    case ENOMEM:
        return MLB_ERROR_NO_MEMORY;
    default:
        return MLB_ERROR_SYSTEM;
    }
}

void announcer_error(struct mlb_announcer *announcer, struct port *port, int error,
                     const char *action)
{
    uint64_t *next = port ? &port->next_error : &announcer->next_error;
    struct mlb_announcer_event event = {
        .struct_size = sizeof(event),
        .kind = MLB_ANNOUNCER_ERROR,
        .code = error_code(-error),
        .count = 1,
    };

    if (announcer->now < *next)
        return;
    *next = announcer->now + ERROR_INTERVAL;
    if (port) {
        event.interface_index = port->index;
        memcpy(event.interface_name, port->name, sizeof(event.interface_name));
    }
    snprintf(event.detail, sizeof(event.detail), "%s: %s", action, strerror(-error));
    push(&announcer->events, &event);
}

int event_queue_take(struct event_queue *queue, struct mlb_announcer_event *event)
{
    if (queue->count == 0)
        return 0;
    *event = queue->items[0];
    remove_at(queue, 0);
    return 1;
}

void event_queue_free(struct event_queue *queue)
{
    free(queue->items);
    *queue = (struct event_queue){0};
}
