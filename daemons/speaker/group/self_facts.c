/* SPDX-License-Identifier: MIT */
#include "speaker/group/self_facts.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct interfaces {
    struct node_facts_interface *items;
    size_t count;
};

static int append_interface(struct interfaces *interfaces, const struct mlb_interface *interface)
{
    struct node_facts_interface *items =
        realloc(interfaces->items, (interfaces->count + 1) * sizeof(*items));

    if (items == NULL)
        return -ENOMEM;
    interfaces->items = items;
    memcpy(items[interfaces->count].name, interface->name, sizeof(items->name));
    memcpy(items[interfaces->count].hardware_address, interface->hardware_address,
           sizeof(items->hardware_address));
    interfaces->count++;
    return 0;
}

static int list_interfaces(const struct mlb_announcer *announcer, struct interfaces *interfaces)
{
    for (size_t i = 0;; i++) {
        struct mlb_interface interface = {.struct_size = sizeof(interface)};

        if (mlb_announcer_interface(announcer, i, &interface, NULL) != MLB_OK)
            return 0;
        if (interface.usable != 0 && append_interface(interfaces, &interface) != 0)
            return -ENOMEM;
    }
}

static uint8_t length_of(const uint8_t *mask, size_t size)
{
    uint8_t length = 0;

    for (size_t i = 0; i < size; i++)
        length = (uint8_t)(length + __builtin_popcount(mask[i]));
    return length;
}

/* The prefix of an address with its mask; false for other families. */
static bool prefix_of(const struct ifaddrs *entry, struct mlb_prefix *prefix)
{
    struct sockaddr_in in4[2];
    struct sockaddr_in6 in6[2];
    const uint8_t *address;
    const uint8_t *mask;
    size_t size;

    if (entry->ifa_addr == NULL || entry->ifa_netmask == NULL)
        return false;
    *prefix = (struct mlb_prefix){0};
    if (entry->ifa_addr->sa_family == AF_INET) {
        memcpy(&in4[0], entry->ifa_addr, sizeof(in4[0]));
        memcpy(&in4[1], entry->ifa_netmask, sizeof(in4[1]));
        address = (const uint8_t *)&in4[0].sin_addr;
        mask = (const uint8_t *)&in4[1].sin_addr;
        size = sizeof(in4[0].sin_addr);
        prefix->address.family = MLB_FAMILY_IPV4;
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
        memcpy(&in6[0], entry->ifa_addr, sizeof(in6[0]));
        memcpy(&in6[1], entry->ifa_netmask, sizeof(in6[1]));
        address = (const uint8_t *)&in6[0].sin6_addr;
        mask = (const uint8_t *)&in6[1].sin6_addr;
        size = sizeof(in6[0].sin6_addr);
        prefix->address.family = MLB_FAMILY_IPV6;
    } else {
        return false;
    }
    for (size_t i = 0; i < size; i++)
        prefix->address.bytes[i] = address[i] & mask[i];
    prefix->length = length_of(mask, size);
    return true;
}

static size_t position_of(const struct interfaces *interfaces, const char *name)
{
    for (size_t i = 0; i < interfaces->count && i < NODE_FACTS_INTERFACES_MAX; i++)
        if (strcmp(interfaces->items[i].name, name) == 0)
            return i;
    return interfaces->count;
}

/* Every host has an fe80::/64 on each interface, which tells nothing. */
static bool is_link_local(const struct mlb_prefix *prefix)
{
    return prefix->address.family == MLB_FAMILY_IPV6 && prefix->address.bytes[0] == 0xfe &&
           (prefix->address.bytes[1] & 0xc0) == 0x80;
}

static int list_subnets(const struct interfaces *interfaces, struct self_facts *made)
{
    struct ifaddrs *all = NULL;

    if (getifaddrs(&all) != 0)
        return -errno;
    for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
        size_t position = position_of(interfaces, entry->ifa_name);
        struct node_facts_subnet *subnets;
        struct mlb_prefix prefix;

        if (position >= interfaces->count || !prefix_of(entry, &prefix) || is_link_local(&prefix))
            continue;
        subnets = realloc(made->subnets, (made->subnet_count + 1) * sizeof(*subnets));
        if (subnets == NULL) {
            freeifaddrs(all);
            return -ENOMEM;
        }
        made->subnets = subnets;
        subnets[made->subnet_count].interface = (uint8_t)position;
        subnets[made->subnet_count++].prefix = prefix;
    }
    freeifaddrs(all);
    return 0;
}

int self_facts_read_interfaces(struct self_facts *self, const struct mlb_announcer *announcer)
{
    struct interfaces interfaces = {0};
    struct self_facts made = {0};
    int result = list_interfaces(announcer, &interfaces);

    if (result == 0)
        result = list_subnets(&interfaces, &made);
    if (result != 0) {
        free(interfaces.items);
        free(made.subnets);
        return result;
    }
    free(self->interfaces);
    free(self->subnets);
    self->interfaces = interfaces.items;
    self->interface_count = interfaces.count;
    self->subnets = made.subnets;
    self->subnet_count = made.subnet_count;
    return 0;
}

int self_facts_make(struct self_facts *self, const struct self_state *state)
{
    struct mlb_address *held = calloc(state->announcing->count + 1, sizeof(*held));
    struct node_facts facts = {
        .ready = state->ready,
        .draining = state->draining,
        .run = state->run,
        .digest = state->digest,
        .interfaces = self->interfaces,
        .interface_count = self->interface_count,
        .subnets = self->subnets,
        .subnet_count = self->subnet_count,
        .addresses = held,
    };
    struct node_facts read = {0};
    int result;

    if (held == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < state->announcing->count; i++)
        if (!state->announcing->entries[i].silent)
            held[facts.address_count++] = state->announcing->entries[i].address;
    self->length = node_facts_write(&facts, self->bytes);
    free(held);
    result = node_facts_read(self->bytes, self->length, &read);
    if (result != 0)
        return result;
    node_facts_clear(&self->facts);
    self->facts = read;
    return 0;
}

void self_facts_clear(struct self_facts *self)
{
    node_facts_clear(&self->facts);
    free(self->interfaces);
    free(self->subnets);
    *self = (struct self_facts){0};
}
