/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "announce/core.h"

/* The interfaces that an address is restricted to, before they are in force. */
struct restriction {
    char (*names)[MLB_INTERFACE_NAME_SIZE];
    size_t count;
    uint8_t restricted;
};

int announced_allows(const struct announced *announced, const char *interface_name)
{
    if (!announced->restricted)
        return 1;
    for (size_t i = 0; i < announced->name_count; i++)
        if (strcmp(announced->names[i], interface_name) == 0)
            return 1;
    return 0;
}

/* A name that is too long for an interface can match none and is left out. */
static int32_t copy_names(const char *const *names, size_t count, struct restriction *restriction)
{
    struct restriction copy = {.restricted = count > 0};

    if (count > 0 && !names)
        return MLB_ERROR_INVALID_ARGUMENT;
    for (size_t i = 0; i < count; i++)
        if (!names[i])
            return MLB_ERROR_INVALID_ARGUMENT;
    if (count > 0 && !(copy.names = calloc(count, sizeof(*copy.names))))
        return MLB_ERROR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(names[i]);

        if (length > 0 && length < MLB_INTERFACE_NAME_SIZE)
            memcpy(copy.names[copy.count++], names[i], length);
    }
    *restriction = copy;
    return MLB_OK;
}

static void swap_restriction(struct announced *announced, struct restriction *restriction)
{
    struct restriction old = {
        .names = announced->names,
        .count = announced->name_count,
        .restricted = announced->restricted,
    };

    announced->names = restriction->names;
    announced->name_count = restriction->count;
    announced->restricted = restriction->restricted;
    *restriction = old;
}

static int32_t ensure_bindings(struct announce *core, struct announced *announced)
{
    for (size_t i = 0; i < core->interface_count; i++) {
        struct interface *interface = core->interfaces[i];

        if (interface->is.usable && announced_allows(announced, interface->is.name) &&
            binding_ensure(core, announced, interface) != MLB_OK)
            return MLB_ERROR_NO_MEMORY;
    }
    return MLB_OK;
}

static void update_bindings(struct announce *core, struct announced *announced, int cause)
{
    for (size_t i = 0; i < announced->binding_count; i++)
        binding_update(core, announced->bindings[i], cause);
}

void announced_free(struct announce *core, struct announced *announced)
{
    if (!announced)
        return;
    while (announced->binding_count > 0)
        binding_remove(core, announced->bindings[announced->binding_count - 1]);
    list_remove(&announced->filtering);
    notice_free(announced->conflict);
    notice_free(announced->vrrp);
    free(announced->bindings);
    free(announced->names);
    free(announced);
}

static struct announced *create(struct announce *core, const struct mlb_address *address,
                                struct restriction *restriction)
{
    struct announced *announced = calloc(1, sizeof(*announced));

    if (!announced)
        return NULL;
    announced->address = *address;
    list_init(&announced->filtering);
    swap_restriction(announced, restriction);
    if (ensure_bindings(core, announced) != MLB_OK ||
        address_table_insert(&core->addresses, announced) != MLB_OK) {
        swap_restriction(announced, restriction);
        announced_free(core, announced);
        return NULL;
    }
    return announced;
}

static int32_t add_new(struct announce *core, const struct mlb_address *address,
                       struct restriction *restriction)
{
    struct announced *announced = create(core, address, restriction);

    if (!announced)
        return MLB_ERROR_NO_MEMORY;
    list_append(&core->filter_add, &announced->filtering);
    update_bindings(core, announced, 0);
    locals_follow(core, address);
    return MLB_OK;
}

static int32_t change(struct announce *core, struct announced *announced,
                      struct restriction *restriction)
{
    swap_restriction(announced, restriction);
    if (ensure_bindings(core, announced) != MLB_OK) {
        swap_restriction(announced, restriction);
        return MLB_ERROR_NO_MEMORY;
    }
    update_bindings(core, announced, 0);
    return MLB_OK;
}

/* An address that one host can have to itself. */
static int is_announceable(const struct mlb_address *address)
{
    static const uint8_t zeros[ADDRESS_BYTES];
    const uint8_t *bytes = address->bytes;

    /* RFC 4291 §2.5.2, §2.5.3, §2.7: unspecified, loopback, multicast. */
    if (address->family == MLB_FAMILY_IPV6)
        return (memcmp(bytes, zeros, sizeof(zeros) - 1) != 0 || bytes[15] > 1) && bytes[0] != 0xff;
    /* RFC 1122 §3.2.1.3: 0 is this network, 127 this host. RFC 1112 §4: groups begin with 224; what
     * follows is reserved and ends in the broadcast. */
    return address->family == MLB_FAMILY_IPV4 && bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
}

int32_t announce_add(struct announce *core, uint64_t now, const struct mlb_address *address,
                     const char *const *names, size_t count)
{
    struct restriction restriction = {0};
    struct announced *announced = NULL;
    int32_t result = MLB_OK;

    if (!is_announceable(address))
        return MLB_ERROR_INVALID_ARGUMENT;
    result = copy_names(names, count, &restriction);
    if (result != MLB_OK)
        return result;
    core_set_now(core, now);
    announced = address_table_find(&core->addresses, address);
    result =
        announced ? change(core, announced, &restriction) : add_new(core, address, &restriction);
    free(restriction.names);
    return result;
}

int32_t announce_remove(struct announce *core, uint64_t now, const struct mlb_address *address)
{
    struct announced *announced = address_table_find(&core->addresses, address);

    if (!announced)
        return MLB_ERROR_NOT_FOUND;
    core_set_now(core, now);
    address_table_remove(&core->addresses, announced);
    locals_follow(core, &announced->address);
    while (announced->binding_count > 0)
        binding_remove(core, announced->bindings[announced->binding_count - 1]);
    notice_free(announced->conflict);
    notice_free(announced->vrrp);
    announced->conflict = NULL;
    announced->vrrp = NULL;
    if (announced->filtered)
        list_append(&core->filter_remove, &announced->filtering);
    else
        announced_free(core, announced);
    return MLB_OK;
}

int32_t announce_repeat(struct announce *core, uint64_t now, const struct mlb_address *address)
{
    struct announced *announced = address_table_find(&core->addresses, address);

    if (!announced)
        return MLB_ERROR_NOT_FOUND;
    core_set_now(core, now);
    update_bindings(core, announced, 1);
    return MLB_OK;
}
