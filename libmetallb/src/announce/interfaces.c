/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "announce/core.h"
#include "wire/ethernet.h"

/* Position of the first interface whose index is not below the one given. */
static size_t lower_bound(const struct announce *core, uint32_t index)
{
    size_t low = 0;
    size_t high = core->interface_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (core->interfaces[middle]->is.index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct interface *interface_find(const struct announce *core, uint32_t index)
{
    size_t position = lower_bound(core, index);
    struct interface *interface = NULL;

    if (position < core->interface_count)
        interface = core->interfaces[position];
    return interface && interface->is.index == index ? interface : NULL;
}

int interface_is_own(const struct announce *core, const uint8_t *hardware_address)
{
    for (size_t i = 0; i < core->interface_count; i++)
        if (ethernet_equal(core->interfaces[i]->is.hardware_address, hardware_address))
            return 1;
    return 0;
}

/* Inserts an interface that is not usable yet; NULL without memory. */
static struct interface *insert(struct announce *core, uint32_t index)
{
    size_t position = lower_bound(core, index);
    struct interface *interface = NULL;
    void *interfaces = array_grow(core->interfaces, core->interface_count,
                                  &core->interface_capacity, sizeof(struct interface *));

    if (!interfaces)
        return NULL;
    core->interfaces = interfaces;
    interface = calloc(1, sizeof(*interface));
    if (!interface)
        return NULL;
    interface->is.index = index;
    list_init(&interface->first);
    list_init(&interface->repeats);
    pacer_init(&interface->pacer, core->now, core->options.burst_frames,
               core->options.frames_per_second);
    memmove(core->interfaces + position + 1, core->interfaces + position,
            (core->interface_count - position) * sizeof(struct interface *));
    core->interfaces[position] = interface;
    core->interface_count++;
    return interface;
}

static void remove_interface(struct announce *core, struct interface *interface)
{
    size_t position = lower_bound(core, interface->is.index);

    for (size_t i = 0; i < core->addresses.count; i++) {
        struct binding *binding = binding_find(core->addresses.items[i], interface->is.index);

        if (!binding)
            continue;
        group_lost(core, binding->group);
        binding_remove(core, binding);
    }
    core->interface_count--;
    memmove(core->interfaces + position, core->interfaces + position + 1,
            (core->interface_count - position) * sizeof(struct interface *));
    free(interface);
}

/* Makes the bindings that the interface will need as it is to be. */
static int32_t ensure_bindings(struct announce *core, struct interface *interface,
                               const struct announce_interface *wanted)
{
    for (size_t i = 0; wanted->usable && i < core->addresses.count; i++) {
        struct announced *announced = core->addresses.items[i];

        if (announced_allows(announced, wanted->name) &&
            binding_ensure(core, announced, interface) != MLB_OK)
            return MLB_ERROR_NO_MEMORY;
    }
    return MLB_OK;
}

static void update_bindings(struct announce *core, uint32_t index, int cause)
{
    for (size_t i = 0; i < core->addresses.count; i++) {
        struct binding *binding = binding_find(core->addresses.items[i], index);

        if (binding)
            binding_update(core, binding, cause);
    }
}

int32_t announce_set_interface(struct announce *core, uint64_t now,
                               const struct announce_interface *interface)
{
    struct interface *known = NULL;
    int is_new = 0;
    int is_moved = 0;

    if (interface->index == 0 || !memchr(interface->name, 0, sizeof(interface->name)))
        return MLB_ERROR_INVALID_ARGUMENT;
    core_set_now(core, now);
    known = interface_find(core, interface->index);
    is_new = !known;
    if (is_new)
        known = insert(core, interface->index);
    if (!known)
        return MLB_ERROR_NO_MEMORY;
    if (ensure_bindings(core, known, interface) != MLB_OK) {
        if (is_new)
            remove_interface(core, known);
        return MLB_ERROR_NO_MEMORY;
    }
    is_moved = !ethernet_equal(known->is.hardware_address, interface->hardware_address);
    known->is = *interface;
    update_bindings(core, interface->index, is_moved);
    return MLB_OK;
}

void announce_remove_interface(struct announce *core, uint64_t now, uint32_t interface_index)
{
    struct interface *interface = interface_find(core, interface_index);

    core_set_now(core, now);
    locals_remove_interface(core, interface_index);
    if (interface)
        remove_interface(core, interface);
}
