/* SPDX-License-Identifier: MIT */
#include "announce/core.h"

#include <stdlib.h>

#define NANOSECONDS_PER_SECOND UINT64_C(1000000000)
#define ARRAY_CAPACITY_MIN     2 /* most addresses have a binding or two */

/* The times of MetalLB. */
#define REPEAT_INTERVAL   (NANOSECONDS_PER_SECOND * 11 / 10)
#define REPEAT_DURATION   (NANOSECONDS_PER_SECOND * 5)

#define BURST_FRAMES      64
#define FRAMES_PER_SECOND 1000

void announce_options_init(struct announce_options *options)
{
    *options = (struct announce_options){
        .repeat_interval = REPEAT_INTERVAL,
        .repeat_duration = REPEAT_DURATION,
        .burst_frames = BURST_FRAMES,
        .frames_per_second = FRAMES_PER_SECOND,
    };
}

static struct announce_options options_or_default(const struct announce_options *options)
{
    struct announce_options defaults;

    announce_options_init(&defaults);
    return options ? *options : defaults;
}

int32_t announce_new(const struct announce_options *options, struct announce **ret)
{
    struct announce_options chosen = options_or_default(options);
    struct announce *core = NULL;

    if (!ret || chosen.repeat_interval == 0 || chosen.burst_frames == 0 ||
        chosen.frames_per_second == 0)
        return MLB_ERROR_INVALID_ARGUMENT;
    core = calloc(1, sizeof(*core));
    if (!core)
        return MLB_ERROR_NO_MEMORY;
    core->options = chosen;
    core->timing = (struct schedule_timing){
        .interval = chosen.repeat_interval,
        .duration = chosen.repeat_duration,
        .refresh = chosen.refresh_interval,
    };
    deadline_heap_init(&core->deadlines);
    list_init(&core->filter_remove);
    list_init(&core->filter_add);
    list_init(&core->groups_pending);
    list_init(&core->notices);
    list_init(&core->locals_pending);
    *ret = core;
    return MLB_OK;
}

void announce_free(struct announce *core)
{
    if (!core)
        return;
    for (size_t i = 0; i < core->addresses.count; i++)
        announced_free(core, core->addresses.items[i]);
    while (!list_is_empty(&core->filter_remove))
        announced_free(core, list_entry(core->filter_remove.next, struct announced, filtering));
    for (size_t i = 0; i < core->interface_count; i++)
        free(core->interfaces[i]);
    free(core->interfaces);
    address_table_free(&core->addresses);
    group_table_free(&core->groups);
    locals_free(core);
    deadline_heap_free(&core->deadlines);
    free(core);
}

void core_set_now(struct announce *core, uint64_t now)
{
    if (now > core->now)
        core->now = now;
}

void *array_grow(void *items, size_t count, size_t *capacity, size_t item_size)
{
    size_t grown = *capacity > 0 ? *capacity * 2 : ARRAY_CAPACITY_MIN;
    void *moved = items;

    if (count < *capacity)
        return items;
    moved = reallocarray(items, grown, item_size);
    if (moved)
        *capacity = grown;
    return moved;
}

size_t announce_output(struct announce *core, uint64_t now, uint8_t *buffer, size_t capacity,
                       uint32_t *interface_index, enum announce_frame_kind *kind)
{
    size_t length = 0;

    core_set_now(core, now);
    if (capacity < ANNOUNCE_FRAME_SIZE_MAX)
        return 0;
    length = answer_output(core, buffer, capacity, interface_index, kind);
    if (length == 0)
        length = announcement_output(core, buffer, capacity, interface_index, kind);
    return length;
}

static int has_turns(const struct interface *interface)
{
    return !list_is_empty(&interface->first) || !list_is_empty(&interface->repeats);
}

uint64_t announce_deadline(const struct announce *core)
{
    const struct deadline *first = deadline_heap_first(&core->deadlines);
    uint64_t deadline = first ? first->time : ANNOUNCE_NEVER;

    if (core->answer_count > 0)
        return 0;
    for (size_t i = 0; core->waiting_count > 0 && i < core->interface_count; i++) {
        const struct interface *interface = core->interfaces[i];

        if (has_turns(interface) && pacer_next(&interface->pacer) < deadline)
            deadline = pacer_next(&interface->pacer);
    }
    return deadline <= core->now ? 0 : deadline;
}

void announce_tick(struct announce *core, uint64_t now)
{
    struct deadline *first = NULL;

    core_set_now(core, now);
    while ((first = deadline_heap_first(&core->deadlines)) != NULL && first->time <= core->now)
        binding_step(core, list_entry(first, struct binding, deadline), SCHEDULE_DUE);
}

static int filter_next_change(struct announce *core, struct announce_change *change)
{
    struct announced *announced = NULL;

    *change = (struct announce_change){0};
    if (!list_is_empty(&core->filter_remove)) {
        announced = list_entry(core->filter_remove.next, struct announced, filtering);
        change->kind = ANNOUNCE_FILTER_REMOVE;
        change->address = announced->address;
        announced_free(core, announced);
        return 1;
    }
    if (list_is_empty(&core->filter_add))
        return 0;
    announced = list_entry(core->filter_add.next, struct announced, filtering);
    list_remove(&announced->filtering);
    announced->filtered = 1;
    change->kind = ANNOUNCE_FILTER_ADD;
    change->address = announced->address;
    return 1;
}

int announce_next_change(struct announce *core, struct announce_change *change)
{
    struct announce_change found;

    if (!filter_next_change(core, &found) && !group_next_change(core, &found))
        return 0;
    *change = found;
    return 1;
}

int32_t announce_counters(const struct announce *core, const struct mlb_address *address,
                          uint32_t interface_index, struct mlb_announcer_counters *counters)
{
    const struct announced *announced = address_table_find(&core->addresses, address);
    struct counters sum = {0};

    if (!announced || (interface_index != 0 && !interface_find(core, interface_index)))
        return MLB_ERROR_NOT_FOUND;
    if (interface_index == 0)
        sum = announced->past;
    for (size_t i = 0; i < announced->binding_count; i++) {
        const struct binding *binding = announced->bindings[i];

        if (interface_index == 0 || binding->interface->is.index == interface_index)
            counters_add(&sum, &binding->counters);
    }
    counters->requests = sum.requests;
    counters->replies = sum.replies;
    counters->gratuitous = sum.gratuitous;
    counters->dropped = sum.dropped;
    counters->conflicts = sum.conflicts;
    return MLB_OK;
}

int32_t announce_announces_on(const struct announce *core, const struct mlb_address *address,
                              uint32_t interface_index)
{
    if (!address_table_find(&core->addresses, address))
        return MLB_ERROR_NOT_FOUND;
    return binding_find_active(core, address, interface_index) != NULL;
}

size_t announce_count(const struct announce *core)
{
    return core->addresses.count;
}

int32_t announce_address_at(const struct announce *core, size_t position,
                            struct mlb_address *address)
{
    if (position >= core->addresses.count)
        return MLB_ERROR_NOT_FOUND;
    *address = core->addresses.items[position]->address;
    return MLB_OK;
}
