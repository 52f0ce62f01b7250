/* SPDX-License-Identifier: MIT */
/* Which addresses stand on interfaces of this host, and what of that was told. */
#include <stdlib.h>
#include <string.h>

#include "announce/core.h"

static int compare_address(const struct local *local, const struct mlb_address *address)
{
    int order =
        (local->address.family > address->family) - (local->address.family < address->family);

    if (order == 0)
        order = memcmp(local->address.bytes, address->bytes, sizeof(address->bytes));
    return order;
}

static int compare(const struct local *local, const struct mlb_address *address,
                   uint32_t interface_index)
{
    int order = compare_address(local, address);

    if (order == 0)
        order =
            (local->interface_index > interface_index) - (local->interface_index < interface_index);
    return order;
}

static size_t lower_bound(const struct announce *core, const struct mlb_address *address,
                          uint32_t interface_index)
{
    size_t low = 0;
    size_t high = core->local_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(core->locals[middle], address, interface_index) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void forget(struct announce *core, size_t position)
{
    struct local *local = core->locals[position];

    list_remove(&local->pending);
    core->local_count--;
    memmove(core->locals + position, core->locals + position + 1,
            (core->local_count - position) * sizeof(struct local *));
    free(local);
}

/*
 * Lets the event wait that the record needs, if any; forgets a record that is over.
 *
 * @return  1 if the record was forgotten
 */
static int follow(struct announce *core, size_t position)
{
    struct local *local = core->locals[position];
    int announced = address_table_find(&core->addresses, &local->address) != NULL;

    list_remove(&local->pending);
    /* Nobody asks any more about an address that is not announced. */
    if (!announced)
        local->told = 0;
    if (!local->present && !local->told) {
        forget(core, position);
        return 1;
    }
    if (announced && local->told != local->present)
        list_append(&core->locals_pending, &local->pending);
    return 0;
}

static struct local *insert(struct announce *core, size_t position,
                            const struct mlb_address *address, uint32_t interface_index)
{
    struct local *local = NULL;
    void *locals =
        array_grow(core->locals, core->local_count, &core->local_capacity, sizeof(struct local *));

    if (!locals)
        return NULL;
    core->locals = locals;
    local = calloc(1, sizeof(*local));
    if (!local)
        return NULL;
    local->address = *address;
    local->interface_index = interface_index;
    list_init(&local->pending);
    memmove(core->locals + position + 1, core->locals + position,
            (core->local_count - position) * sizeof(struct local *));
    core->locals[position] = local;
    core->local_count++;
    return local;
}

int32_t announce_local_address(struct announce *core, uint32_t interface_index, const char *name,
                               const struct mlb_address *address, int present)
{
    size_t position = lower_bound(core, address, interface_index);
    size_t length = name ? strnlen(name, MLB_INTERFACE_NAME_SIZE) : MLB_INTERFACE_NAME_SIZE;
    struct local *local = NULL;

    if (length >= MLB_INTERFACE_NAME_SIZE)
        return MLB_ERROR_INVALID_ARGUMENT;
    if (position < core->local_count &&
        compare(core->locals[position], address, interface_index) == 0)
        local = core->locals[position];
    if (!local && !present)
        return MLB_OK;
    if (!local)
        local = insert(core, position, address, interface_index);
    if (!local)
        return MLB_ERROR_NO_MEMORY;
    memset(local->interface_name, 0, sizeof(local->interface_name));
    memcpy(local->interface_name, name, length);
    local->present = present != 0;
    follow(core, position);
    return MLB_OK;
}

void locals_follow(struct announce *core, const struct mlb_address *address)
{
    size_t position = lower_bound(core, address, 0);

    while (position < core->local_count && compare_address(core->locals[position], address) == 0)
        if (!follow(core, position))
            position++;
}

void locals_remove_interface(struct announce *core, uint32_t interface_index)
{
    size_t position = 0;

    while (position < core->local_count) {
        struct local *local = core->locals[position];

        if (local->interface_index == interface_index)
            local->present = 0;
        if (local->interface_index != interface_index || !follow(core, position))
            position++;
    }
}

int locals_next_event(struct announce *core, struct mlb_announcer_event *event)
{
    uint32_t struct_size = event->struct_size;
    struct local *local = NULL;

    if (list_is_empty(&core->locals_pending))
        return 0;
    local = list_entry(core->locals_pending.next, struct local, pending);
    *event = (struct mlb_announcer_event){
        .struct_size = struct_size,
        .kind = local->present ? MLB_ANNOUNCER_LOCAL_ADDRESS : MLB_ANNOUNCER_LOCAL_REMOVED,
        .interface_index = local->interface_index,
        .address = local->address,
    };
    memcpy(event->interface_name, local->interface_name, sizeof(event->interface_name));
    local->told = local->present;
    follow(core, lower_bound(core, &local->address, local->interface_index));
    return 1;
}

void locals_free(struct announce *core)
{
    while (core->local_count > 0)
        forget(core, core->local_count - 1);
    free(core->locals);
    core->locals = NULL;
}
