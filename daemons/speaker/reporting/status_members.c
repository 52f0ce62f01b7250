/* SPDX-License-Identifier: MIT */
#include "speaker/reporting/status_members.h"

#include <inttypes.h>
#include <stdio.h>

#include "speaker/group/group_log.h"

static const char *state_name(const struct peer *peer)
{
    switch (peer->state) {
    case MLB_MEMBER_ALIVE:
        return "alive";
    case MLB_MEMBER_SUSPECT:
        return "suspect";
    case MLB_MEMBER_FAILED:
        return "failed";
    default:
        return "left";
    }
}

static const char *facts_name(const struct peer *peer)
{
    static const char *const names[] = {
        [PEER_FACTS_NONE] = "none",     [PEER_FACTS_AWAITED] = "awaited",
        [PEER_FACTS_READ] = "read",     [PEER_FACTS_UNKNOWN] = "unknown version",
        [PEER_FACTS_BROKEN] = "broken",
    };

    return names[peer->facts_state];
}

static void write_boolean_member(struct json_writer *writer, const char *key, bool value)
{
    json_key(writer, key);
    json_boolean(writer, value);
}

static void write_subnets(struct json_writer *writer, const struct node_facts *facts,
                          size_t interface)
{
    json_key(writer, "subnets");
    json_begin_array(writer);
    for (size_t i = 0; i < facts->subnet_count; i++) {
        const struct mlb_prefix *prefix = &facts->subnets[i].prefix;
        char address[MLB_ADDRESS_TEXT_SIZE] = "";
        char text[MLB_ADDRESS_TEXT_SIZE + 5];

        if (facts->subnets[i].interface != interface)
            continue;
        (void)mlb_address_format(&prefix->address, address, sizeof(address), NULL);
        snprintf(text, sizeof(text), "%s/%u", address, prefix->length);
        json_text(writer, text);
    }
    json_end_array(writer);
}

/* What it said last; of one that has failed that is what it said before. */
static void write_facts(struct json_writer *writer, const struct node_facts *facts)
{
    char digest[17];

    write_boolean_member(writer, "ready", facts->ready);
    write_boolean_member(writer, "draining", facts->draining);
    snprintf(digest, sizeof(digest), "%016" PRIx64, facts->digest);
    json_text_member(writer, "configuration", digest);
    json_key(writer, "interfaces");
    json_begin_array(writer);
    for (size_t i = 0; i < facts->interface_count; i++) {
        json_begin_object(writer);
        json_text_member(writer, "name", facts->interfaces[i].name);
        write_subnets(writer, facts, i);
        json_end_object(writer);
    }
    json_end_array(writer);
    json_unsigned_member(writer, "addresses", facts->address_count);
    write_boolean_member(writer, "moreAddresses", facts->more_addresses);
}

static void write_member(struct json_writer *writer, const struct peer *peer)
{
    char endpoint[GROUP_ENDPOINT_SIZE];

    group_format_endpoint(&peer->address, peer->port, endpoint);
    json_begin_object(writer);
    json_text_member(writer, "name", peer->name);
    json_text_member(writer, "endpoint", endpoint);
    json_text_member(writer, "state", state_name(peer));
    write_boolean_member(writer, "self", peer->is_self);
    json_text_member(writer, "facts", facts_name(peer));
    if (peer->facts_state == PEER_FACTS_READ)
        write_facts(writer, &peer->facts);
    write_boolean_member(writer, "differs", peer->differs);
    json_end_object(writer);
}

static void write_statistics(struct json_writer *writer, const struct group *group)
{
    struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};

    json_key(writer, "membership");
    json_begin_object(writer);
    (void)mlb_membership_statistics(group->membership, &statistics, NULL);
    json_unsigned_member(writer, "health", statistics.health);
    json_unsigned_member(writer, "packetsReceived", statistics.packets_received);
    json_unsigned_member(writer, "packetsSent", statistics.packets_sent);
    json_unsigned_member(writer, "packetsRefused", statistics.packets_refused);
    json_unsigned_member(writer, "messagesRefused", statistics.messages_refused);
    json_unsigned_member(writer, "suspicions", statistics.suspicions);
    json_unsigned_member(writer, "refutations", statistics.refutations);
    json_unsigned_member(writer, "stalls", statistics.stalls);
    json_unsigned_member(writer, "conflicts", statistics.conflicts);
    json_end_object(writer);
}

void status_members_write(struct json_writer *writer, const struct group *group)
{
    if (group->membership == NULL) {
        json_text_member(writer, "members", NULL);
        json_text_member(writer, "membership", NULL);
        return;
    }
    json_key(writer, "members");
    json_begin_array(writer);
    for (size_t i = 0; i < group->peers.count; i++)
        write_member(writer, &group->peers.items[i]);
    json_end_array(writer);
    write_statistics(writer, group);
}
