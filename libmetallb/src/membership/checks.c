/* SPDX-License-Identifier: MIT */
/* What a peer may claim: who holds a key can still cost no more than its own entry. */
#include <string.h>

#include "address/value.h"
#include "membership/core.h"

int name_is_valid(struct span name)
{
    if (name.length == 0 || name.length > MLB_MEMBER_NAME_MAX)
        return 0;
    for (size_t i = 0; i < name.length; i++)
        if (name.bytes[i] < 0x20 || name.bytes[i] == 0x7f)
            return 0;
    return 1;
}

int name_is_own(const struct membership *core, struct span name)
{
    return name.length == core->self->name_length &&
           memcmp(name.bytes, core->self->name, name.length) == 0;
}

struct mlb_address address_of_span(struct span bytes)
{
    struct mlb_address address = {0};

    if (bytes.length != 4 && bytes.length != 16)
        return address;
    address.family = bytes.length == 4 ? MLB_FAMILY_IPV4 : MLB_FAMILY_IPV6;
    memcpy(address.bytes, bytes.bytes, bytes.length);
    return address_normalise(&address);
}

/* An address of one host: nothing is sent to all, to groups or to nowhere. */
int address_is_valid(struct span bytes)
{
    const struct mlb_address address = address_of_span(bytes);

    if (address.family == MLB_FAMILY_IPV4)
        return address.bytes[0] != 0 && address.bytes[0] < 224;
    return address.family == MLB_FAMILY_IPV6 && address.bytes[0] != 0xff &&
           !address_needs_zone(&address) && !address_is_unspecified(&address);
}

/* 7.12 between this node and one other: each speaks what the other understands. */
int versions_are_compatible(const struct membership *core, struct span versions)
{
    const uint8_t *own = core->versions;
    const uint8_t *others = versions.bytes;

    if (versions.length != MEMBERLIST_VERSIONS)
        return 0;
    for (size_t i = 0; i < MEMBERLIST_VERSIONS; i += 3)
        if (others[i] > others[i + 2] || others[i + 2] > others[i + 1] || others[i] > own[i + 2] ||
            own[i + 2] > others[i + 1] || own[i] > others[i + 2] || others[i + 2] > own[i + 1])
            return 0;
    /* 7.2.2: no protocol version is 0. */
    return others[0] > 0;
}

int node_is_valid(const struct membership *core, const struct memberlist_node *node)
{
    return name_is_valid(node->name) && address_is_valid(node->address) &&
           node->meta.length <= MLB_MEMBERSHIP_META_MAX &&
           versions_are_compatible(core, node->versions);
}
