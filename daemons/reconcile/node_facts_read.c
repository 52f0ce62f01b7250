/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/node_facts_format.h"

static uint64_t get_number(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

struct field {
    const uint8_t *bytes; /* NULL: the record does not have it */
    size_t length;
};

/* Finds the fields; false for what is cut off or stands twice. */
static bool find_fields(const uint8_t *bytes, size_t length, struct field fields[FIELD_COUNT])
{
    for (size_t at = 0; at < length;) {
        if (length - at < FIELD_HEAD_SIZE)
            return false;
        uint8_t type = bytes[at];
        size_t size = (size_t)get_number(bytes + at + 1, 2);
        at += FIELD_HEAD_SIZE;
        if (size > length - at)
            return false;
        if (type < FIELD_COUNT) {
            if (fields[type].bytes != NULL)
                return false;
            fields[type] = (struct field){.bytes = bytes + at, .length = size};
        }
        at += size;
    }
    return true;
}

static bool read_number(const struct field *field, size_t size, uint64_t *value)
{
    if (field->bytes == NULL || field->length < size)
        return false;
    *value = get_number(field->bytes, size);
    return true;
}

/* Text that the kernel takes as the name of an interface. */
static bool is_name(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] <= ' ' || bytes[i] == '/' || bytes[i] == 0x7f)
            return false;
    }
    return length > 0 && length < MLB_INTERFACE_NAME_SIZE;
}

/* Reads into interfaces, or with NULL only counts. */
static bool read_interfaces(const struct field *field, struct node_facts_interface *interfaces,
                            size_t *count)
{
    size_t found = 0;
    for (size_t at = 0; at < field->length; found++) {
        size_t length = field->bytes[at++];
        if (field->length - at < length + MLB_HARDWARE_ADDRESS_SIZE ||
            !is_name(field->bytes + at, length) || found == NODE_FACTS_INTERFACES_MAX)
            return false;
        if (interfaces != NULL) {
            memcpy(interfaces[found].name, field->bytes + at, length);
            memcpy(interfaces[found].hardware_address, field->bytes + at + length,
                   MLB_HARDWARE_ADDRESS_SIZE);
        }
        at += length + MLB_HARDWARE_ADDRESS_SIZE;
    }
    *count = found;
    return true;
}

/* RFC 4632 and RFC 4291: a prefix has no bits behind its length. */
static bool is_prefix(const struct mlb_prefix *prefix)
{
    for (unsigned bit = prefix->length; bit < 8 * address_size(prefix->address.family); bit++) {
        if ((prefix->address.bytes[bit / 8] & 0x80u >> bit % 8) != 0)
            return false;
    }
    return true;
}

static bool read_subnets(const struct field *field, uint8_t family, size_t interface_count,
                         struct node_facts_subnet *subnets)
{
    size_t size = address_size(family);
    for (size_t at = 0; at < field->length; at += 2 + size, subnets++) {
        const uint8_t *item = field->bytes + at;
        if (item[0] >= interface_count || item[1] > 8 * size)
            return false;
        subnets->interface = item[0];
        subnets->prefix.length = item[1];
        subnets->prefix.address.family = family;
        memcpy(subnets->prefix.address.bytes, item + 2, size);
        if (!is_prefix(&subnets->prefix))
            return false;
    }
    return true;
}

static bool read_addresses(const struct field *field, uint8_t family, struct mlb_address *addresses)
{
    size_t size = address_size(family);
    for (size_t at = 0; at < field->length; at += size, addresses++) {
        addresses->family = family;
        memcpy(addresses->bytes, field->bytes + at, size);
        if (at > 0 && mlb_address_compare(addresses - 1, addresses) >= 0)
            return false;
    }
    return true;
}

/* How many items of one size a field has; false where that does not come out even. */
static bool count_items(const struct field *field, size_t size, size_t *count)
{
    *count = field->length / size;
    return field->length % size == 0;
}

struct counts {
    size_t interfaces;
    size_t subnets[2]; /* IPv4, IPv6 */
    size_t addresses[2];
};

static bool count_all(const struct field fields[FIELD_COUNT], struct counts *counts)
{
    return read_interfaces(&fields[FIELD_INTERFACES], NULL, &counts->interfaces) &&
           count_items(&fields[FIELD_SUBNETS_IPV4], 2 + IPV4_SIZE, &counts->subnets[0]) &&
           count_items(&fields[FIELD_SUBNETS_IPV6], 2 + IPV6_SIZE, &counts->subnets[1]) &&
           count_items(&fields[FIELD_ADDRESSES_IPV4], IPV4_SIZE, &counts->addresses[0]) &&
           count_items(&fields[FIELD_ADDRESSES_IPV6], IPV6_SIZE, &counts->addresses[1]);
}

static int read_lists(const struct field fields[FIELD_COUNT], struct node_facts *facts)
{
    struct counts counts = {0};
    if (!count_all(fields, &counts))
        return -EINVAL;
    size_t subnet_count = counts.subnets[0] + counts.subnets[1];
    size_t address_count = counts.addresses[0] + counts.addresses[1];
    /* All three are made of bytes alone, so one block holds them in any order. */
    size_t size = address_count * sizeof(struct mlb_address) +
                  subnet_count * sizeof(struct node_facts_subnet) +
                  counts.interfaces * sizeof(struct node_facts_interface);
    struct mlb_address *addresses = calloc(1, size + 1);
    if (addresses == NULL)
        return -ENOMEM;
    struct node_facts_subnet *subnets = (void *)(addresses + address_count);
    struct node_facts_interface *interfaces = (void *)(subnets + subnet_count);
    facts->memory = addresses;
    facts->addresses = addresses;
    facts->address_count = address_count;
    facts->subnets = subnets;
    facts->subnet_count = subnet_count;
    facts->interfaces = interfaces;
    if (read_interfaces(&fields[FIELD_INTERFACES], interfaces, &facts->interface_count) &&
        read_subnets(&fields[FIELD_SUBNETS_IPV4], MLB_FAMILY_IPV4, counts.interfaces, subnets) &&
        read_subnets(&fields[FIELD_SUBNETS_IPV6], MLB_FAMILY_IPV6, counts.interfaces,
                     subnets + counts.subnets[0]) &&
        read_addresses(&fields[FIELD_ADDRESSES_IPV4], MLB_FAMILY_IPV4, addresses) &&
        read_addresses(&fields[FIELD_ADDRESSES_IPV6], MLB_FAMILY_IPV6,
                       addresses + counts.addresses[0]))
        return 0;
    return -EINVAL;
}

int node_facts_read(const uint8_t *bytes, size_t length, struct node_facts *facts)
{
    struct field fields[FIELD_COUNT] = {{0}};
    struct node_facts read = {0};
    uint64_t flags = 0;
    if (length < MAGIC_SIZE || memcmp(bytes, facts_magic, MAGIC_SIZE - 1) != 0)
        return -EINVAL;
    if (bytes[MAGIC_SIZE - 1] != facts_magic[MAGIC_SIZE - 1])
        return -EPROTONOSUPPORT;
    if (!find_fields(bytes + MAGIC_SIZE, length - MAGIC_SIZE, fields) ||
        !read_number(&fields[FIELD_FLAGS], 1, &flags) ||
        !read_number(&fields[FIELD_RUN], sizeof(read.run), &read.run) ||
        !read_number(&fields[FIELD_DIGEST], sizeof(read.digest), &read.digest))
        return -EINVAL;
    read.ready = (flags & FLAG_READY) != 0;
    read.draining = (flags & FLAG_DRAINING) != 0;
    read.more_interfaces = (flags & FLAG_MORE_INTERFACES) != 0;
    read.more_subnets = (flags & FLAG_MORE_SUBNETS) != 0;
    read.more_addresses = (flags & FLAG_MORE_ADDRESSES) != 0;
    int result = read_lists(fields, &read);
    if (result != 0) {
        node_facts_clear(&read);
        return result;
    }
    *facts = read;
    return 0;
}

bool node_facts_meta_read(const uint8_t *bytes, size_t length, uint64_t *run)
{
    if (length < NODE_FACTS_META_SIZE || memcmp(bytes, facts_magic, MAGIC_SIZE) != 0)
        return false;
    *run = get_number(bytes + MAGIC_SIZE, sizeof(*run));
    return true;
}
