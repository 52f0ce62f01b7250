/* SPDX-License-Identifier: MIT */
#include "reconcile/node_facts.h"

#include <errno.h>
#include <metallb/membership.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t magic[] = {'M', 'L', 'F', 1};

#define MAGIC_SIZE      sizeof(magic)
#define FIELD_HEAD_SIZE 3
#define IPV4_SIZE       4
#define IPV6_SIZE       16

enum field_type {
    FIELD_FLAGS = 1,
    FIELD_RUN = 2,
    FIELD_DIGEST = 3,
    FIELD_INTERFACES = 4,
    FIELD_SUBNETS_IPV4 = 5,
    FIELD_SUBNETS_IPV6 = 6,
    FIELD_ADDRESSES_IPV4 = 7,
    FIELD_ADDRESSES_IPV6 = 8,
};
#define FIELD_COUNT 9

enum flag {
    FLAG_READY = 1,
    FLAG_DRAINING = 2,
    FLAG_MORE_INTERFACES = 4,
    FLAG_MORE_SUBNETS = 8,
    FLAG_MORE_ADDRESSES = 16,
};

static void put_number(uint8_t *bytes, size_t size, uint64_t value)
{
    for (size_t i = size; i > 0; i--) {
        bytes[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

static uint64_t get_number(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static size_t address_size(uint8_t family)
{
    return family == MLB_FAMILY_IPV4 ? IPV4_SIZE : IPV6_SIZE;
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
    memcpy(bytes, magic, MAGIC_SIZE);
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
    if (length < MAGIC_SIZE || memcmp(bytes, magic, MAGIC_SIZE - 1) != 0)
        return -EINVAL;
    if (bytes[MAGIC_SIZE - 1] != magic[MAGIC_SIZE - 1])
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

void node_facts_clear(struct node_facts *facts)
{
    free(facts->memory);
    *facts = (struct node_facts){0};
}

bool node_facts_has_interface(const struct node_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->interface_count; i++) {
        if (strcmp(facts->interfaces[i].name, name) == 0)
            return true;
    }
    return facts->more_interfaces;
}

static int compare_addresses(const void *left, const void *right)
{
    return mlb_address_compare(left, right);
}

bool node_facts_holds(const struct node_facts *facts, const struct mlb_address *address)
{
    return facts->address_count > 0 &&
           bsearch(address, facts->addresses, facts->address_count, sizeof(*facts->addresses),
                   compare_addresses) != NULL;
}

void node_facts_meta_write(uint64_t run, uint8_t bytes[NODE_FACTS_META_SIZE])
{
    memcpy(bytes, magic, MAGIC_SIZE);
    put_number(bytes + MAGIC_SIZE, sizeof(run), run);
}

bool node_facts_meta_read(const uint8_t *bytes, size_t length, uint64_t *run)
{
    if (length < NODE_FACTS_META_SIZE || memcmp(bytes, magic, MAGIC_SIZE) != 0)
        return false;
    *run = get_number(bytes + MAGIC_SIZE, sizeof(*run));
    return true;
}
