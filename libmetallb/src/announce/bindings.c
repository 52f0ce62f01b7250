/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "announce/core.h"

/* Position of the first binding whose interface index is not below the one given. */
static size_t lower_bound(const struct announced *announced, uint32_t interface_index)
{
    size_t low = 0;
    size_t high = announced->binding_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (announced->bindings[middle]->interface->is.index < interface_index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct binding *binding_find(const struct announced *announced, uint32_t interface_index)
{
    size_t position = lower_bound(announced, interface_index);
    struct binding *binding = NULL;

    if (position < announced->binding_count)
        binding = announced->bindings[position];
    return binding && binding->interface->is.index == interface_index ? binding : NULL;
}

struct binding *binding_find_active(const struct announce *core, const struct mlb_address *address,
                                    uint32_t interface_index)
{
    const struct announced *announced = address_table_find(&core->addresses, address);
    struct binding *binding = announced ? binding_find(announced, interface_index) : NULL;

    return binding && binding->active ? binding : NULL;
}

static struct binding *create(struct announce *core, struct announced *announced,
                              struct interface *interface)
{
    struct binding *binding = calloc(1, sizeof(*binding));

    if (!binding)
        return NULL;
    binding->announced = announced;
    binding->interface = interface;
    list_init(&binding->turn);
    deadline_init(&binding->deadline);
    schedule_init(&binding->schedule);
    if (announced->address.family != MLB_FAMILY_IPV6)
        return binding;
    binding->group = group_hold(core, interface->is.index, &announced->address);
    if (!binding->group) {
        free(binding);
        return NULL;
    }
    return binding;
}

static void insert(struct announced *announced, struct binding *binding)
{
    size_t position = lower_bound(announced, binding->interface->is.index);
    struct binding **place = announced->bindings + position;

    memmove(place + 1, place, (announced->binding_count - position) * sizeof(struct binding *));
    *place = binding;
    announced->binding_count++;
}

int32_t binding_ensure(struct announce *core, struct announced *announced,
                       struct interface *interface)
{
    struct binding *binding = NULL;
    void *bindings = NULL;

    if (binding_find(announced, interface->is.index))
        return MLB_OK;
    bindings = array_grow(announced->bindings, announced->binding_count,
                          &announced->binding_capacity, sizeof(struct binding *));
    if (!bindings)
        return MLB_ERROR_NO_MEMORY;
    announced->bindings = bindings;
    if (deadline_heap_reserve(&core->deadlines, core->binding_count + 1) != MLB_OK)
        return MLB_ERROR_NO_MEMORY;
    binding = create(core, announced, interface);
    if (!binding)
        return MLB_ERROR_NO_MEMORY;
    insert(announced, binding);
    core->binding_count++;
    return MLB_OK;
}

/* Gives the binding its place among those that wait for their turn. */
static void queue(struct announce *core, struct binding *binding)
{
    if (!list_is_empty(&binding->turn)) {
        list_remove(&binding->turn);
        core->waiting_count--;
    }
    binding->frames_sent = 0;
    if (binding->schedule.state != SCHEDULE_FIRST && binding->schedule.state != SCHEDULE_REPEAT)
        return;
    list_append(binding->schedule.state == SCHEDULE_FIRST ? &binding->interface->first
                                                          : &binding->interface->repeats,
                &binding->turn);
    core->waiting_count++;
}

void binding_step(struct announce *core, struct binding *binding, enum schedule_input input)
{
    enum schedule_state before = binding->schedule.state;

    if (schedule_step(&binding->schedule, &core->timing, core->now, input))
        binding->counters.dropped++;
    /* A set that is dropped for the next one leaves that its place in the queue. */
    if (binding->schedule.state != before)
        queue(core, binding);
    else if (input == SCHEDULE_CAUSE)
        binding->frames_sent = 0;
    deadline_heap_set(&core->deadlines, &binding->deadline, binding->schedule.deadline);
}

static void activate(struct announce *core, struct binding *binding)
{
    binding->active = 1;
    group_enter(core, binding->group);
    binding_step(core, binding, SCHEDULE_CAUSE);
}

static void deactivate(struct announce *core, struct binding *binding)
{
    binding->active = 0;
    group_leave(core, binding->group);
    binding_step(core, binding, SCHEDULE_STOP);
}

void binding_update(struct announce *core, struct binding *binding, int cause)
{
    const struct announce_interface *interface = &binding->interface->is;
    int wanted = interface->usable && announced_allows(binding->announced, interface->name);

    if (wanted && !binding->active)
        activate(core, binding);
    else if (!wanted && binding->active)
        deactivate(core, binding);
    else if (wanted && cause)
        binding_step(core, binding, SCHEDULE_CAUSE);
}

void binding_remove(struct announce *core, struct binding *binding)
{
    struct announced *announced = binding->announced;
    size_t position = lower_bound(announced, binding->interface->is.index);
    struct binding **place = announced->bindings + position;

    if (binding->active)
        deactivate(core, binding);
    group_release(core, binding->group);
    counters_add(&announced->past, &binding->counters);
    announced->binding_count--;
    memmove(place, place + 1, (announced->binding_count - position) * sizeof(struct binding *));
    core->binding_count--;
    free(binding);
}

void counters_add(struct counters *sum, const struct counters *more)
{
    sum->requests += more->requests;
    sum->replies += more->replies;
    sum->gratuitous += more->gratuitous;
    sum->dropped += more->dropped;
    sum->conflicts += more->conflicts;
}
