/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/diagnostic.h"
#include "pool/allocator.h"

static const char *protocol_name(uint8_t protocol, char text[16])
{
    switch (protocol) {
    case MLB_PROTOCOL_TCP:
        return "TCP";
    case MLB_PROTOCOL_UDP:
        return "UDP";
    case MLB_PROTOCOL_SCTP:
        return "SCTP";
    default:
        snprintf(text, 16, "protocol %u", protocol);
        return text;
    }
}

static bool same_sharing_key(const struct sharing_group *a, const struct sharing_group *b)
{
    return a->sharing_length == b->sharing_length &&
           memcmp(a->keys, b->keys, a->sharing_length) == 0;
}

static const char *sharing_rule(const struct held_address *held, const struct allocation *wanted)
{
    if (!held->group)
        return ", which has no sharing key";
    if (!wanted->group)
        return ", which shares it only under the same sharing key, and this request has none";
    if (!same_sharing_key(held->group, wanted->group))
        return " under another sharing key";
    return " under the same sharing key but with other backends";
}

int32_t diagnose_conflict(struct mlb_diagnostic *diagnostic, int32_t code,
                          const struct held_address *held, const struct allocation *wanted,
                          const struct allocation *other)
{
    char address[MLB_ADDRESS_TEXT_SIZE] = "";
    char protocol[16];
    const struct mlb_port *port;

    if (!diagnostic)
        return code;
    mlb_address_format(&held->address, address, sizeof(address), NULL);
    if (code == MLB_ERROR_SHARING)
        return diagnostic_set(diagnostic, code, address, other->id, "%s is held by %s%s", address,
                              other->id, sharing_rule(held, wanted));
    port = sharing_common_port(wanted, other);
    return diagnostic_set(diagnostic, code, address, other->id,
                          "%s is shared with %s, which already uses %s port %u there", address,
                          other->id, protocol_name(port->protocol, protocol), port->number);
}

int32_t diagnose_homeless(struct mlb_diagnostic *diagnostic, const struct mlb_allocator *allocator,
                          const struct mlb_address *address)
{
    const struct pool_state *state = pool_map_find_address(&allocator->map, address);
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    mlb_address_format(address, text, sizeof(text), NULL);
    if (state)
        return diagnostic_set(diagnostic, MLB_ERROR_NOT_IN_POOL, text, state->pool->name,
                              "%s is left out of pool %s, which avoids addresses that end in .0 "
                              "or .255",
                              text, state->pool->name);
    return diagnostic_set(diagnostic, MLB_ERROR_NOT_IN_POOL, text, NULL, "%s is in no pool", text);
}
