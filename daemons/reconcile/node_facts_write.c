/* SPDX-License-Identifier: MIT */
#include <metallb/membership.h>
#include <string.h>

#include "reconcile/node_facts_format.h"

static void put_number(uint8_t *bytes, size_t size, uint64_t value)
{
    for (size_t i = size; i > 0; i--) {
        bytes[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

/* A record that is being written; field is the start of the one that is open. */
struct writing {
    uint8_t *bytes;
    size_t length;
    size_t field;
};

/* Room for one more field head is kept, so that each list can be begun. */
static void begin_field(struct writing *writing, enum field_type type)
{
    writing->field = writing->length;
    writing->bytes[writing->length] = (uint8_t)type;
    writing->length += FIELD_HEAD_SIZE;
}

/* A list without any item is left out. */
static void end_field(struct writing *writing)
{
    size_t length = writing->length - writing->field - FIELD_HEAD_SIZE;
    if (length == 0)
        writing->length = writing->field;
    else
        put_number(writing->bytes + writing->field + 1, 2, length);
}

/* Room for bytes of the open field, or NULL. */
static uint8_t *reserve(struct writing *writing, size_t size)
{
    if (writing->length + size > MLB_MEMBERSHIP_FACTS_MAX - FIELD_HEAD_SIZE)
        return NULL;
    uint8_t *place = writing->bytes + writing->length;
    writing->length += size;
    return place;
}

static void write_number(struct writing *writing, enum field_type type, size_t size, uint64_t value)
{
    begin_field(writing, type);
    uint8_t *place = reserve(writing, size);
    if (place != NULL)
        put_number(place, size, value);
    end_field(writing);
}

/* Returns how many interfaces fit. */
static size_t write_interfaces(struct writing *writing, const struct node_facts *facts)
{
    size_t written = 0;
    begin_field(writing, FIELD_INTERFACES);
    for (; written < facts->interface_count && written < NODE_FACTS_INTERFACES_MAX; written++) {
        const struct node_facts_interface *interface = &facts->interfaces[written];
        size_t length = strnlen(interface->name, MLB_INTERFACE_NAME_SIZE - 1);
        uint8_t *place = reserve(writing, 1 + length + MLB_HARDWARE_ADDRESS_SIZE);
        if (place == NULL)
            break;
        place[0] = (uint8_t)length;
        memcpy(place + 1, interface->name, length);
        memcpy(place + 1 + length, interface->hardware_address, MLB_HARDWARE_ADDRESS_SIZE);
    }
    end_field(writing);
    return written;
}

/* Tells whether all subnets of the family fit; those of interfaces left out do not. */
static bool write_subnets(struct writing *writing, const struct node_facts *facts,
                          size_t interface_count, enum field_type type, uint8_t family)
{
    bool complete = true;
    begin_field(writing, type);
    for (size_t i = 0; i < facts->subnet_count; i++) {
        const struct node_facts_subnet *subnet = &facts->subnets[i];
        if (subnet->prefix.address.family != family)
            continue;
        uint8_t *place =
            subnet->interface < interface_count ? reserve(writing, 2 + address_size(family)) : NULL;
        if (place == NULL) {
            complete = false;
            continue;
        }
        place[0] = subnet->interface;
        place[1] = subnet->prefix.length;
        memcpy(place + 2, subnet->prefix.address.bytes, address_size(family));
    }
    end_field(writing);
    return complete;
}

/* Tells whether all addresses of the family fit. */
static bool write_addresses(struct writing *writing, const struct node_facts *facts,
                            enum field_type type, uint8_t family)
{
    bool complete = true;
    begin_field(writing, type);
    for (size_t i = 0; complete && i < facts->address_count; i++) {
        const struct mlb_address *address = &facts->addresses[i];
        if (address->family != family)
            continue;
        uint8_t *place = reserve(writing, address_size(family));
        complete = place != NULL;
        if (complete)
            memcpy(place, address->bytes, address_size(family));
    }
    end_field(writing);
    return complete;
}

size_t node_facts_write(const struct node_facts *facts, uint8_t *bytes)
{
    struct writing writing = {.bytes = bytes, .length = MAGIC_SIZE};
    unsigned flags = (facts->ready ? FLAG_READY : 0) | (facts->draining ? FLAG_DRAINING : 0);
    memcpy(bytes, facts_magic, MAGIC_SIZE);
    write_number(&writing, FIELD_FLAGS, 1, flags);
    uint8_t *flags_place = bytes + writing.length - 1;
    write_number(&writing, FIELD_RUN, sizeof(facts->run), facts->run);
    write_number(&writing, FIELD_DIGEST, sizeof(facts->digest), facts->digest);
    size_t interfaces = write_interfaces(&writing, facts);
    if (interfaces < facts->interface_count)
        flags |= FLAG_MORE_INTERFACES;
    if (!write_subnets(&writing, facts, interfaces, FIELD_SUBNETS_IPV4, MLB_FAMILY_IPV4))
        flags |= FLAG_MORE_SUBNETS;
    if (!write_subnets(&writing, facts, interfaces, FIELD_SUBNETS_IPV6, MLB_FAMILY_IPV6))
        flags |= FLAG_MORE_SUBNETS;
    if (!write_addresses(&writing, facts, FIELD_ADDRESSES_IPV4, MLB_FAMILY_IPV4))
        flags |= FLAG_MORE_ADDRESSES;
    if (!write_addresses(&writing, facts, FIELD_ADDRESSES_IPV6, MLB_FAMILY_IPV6))
        flags |= FLAG_MORE_ADDRESSES;
    *flags_place = (uint8_t)flags;
    return writing.length;
}

void node_facts_meta_write(uint64_t run, uint8_t bytes[NODE_FACTS_META_SIZE])
{
    memcpy(bytes, facts_magic, MAGIC_SIZE);
    put_number(bytes + MAGIC_SIZE, sizeof(run), run);
}
