/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const kinds[] = {
    [MLB_MEMBERSHIP_JOINED] = "joined",
    [MLB_MEMBERSHIP_UPDATED] = "updated",
    [MLB_MEMBERSHIP_SUSPECTED] = "suspected",
    [MLB_MEMBERSHIP_FAILED] = "failed",
    [MLB_MEMBERSHIP_LEFT] = "left",
    [MLB_MEMBERSHIP_FACTS] = "facts",
    [MLB_MEMBERSHIP_CONFLICT] = "conflict",
    [MLB_MEMBERSHIP_TRUSTED] = "trusted",
    [MLB_MEMBERSHIP_SYNCHRONIZED] = "synchronized",
    [MLB_MEMBERSHIP_SEEDS_SILENT] = "seeds-silent",
    [MLB_MEMBERSHIP_STALLED] = "stalled",
    [MLB_MEMBERSHIP_RECOVERED] = "recovered",
    [MLB_MEMBERSHIP_DEPARTED] = "departed",
    [MLB_MEMBERSHIP_ERROR] = "error",
};

static const char *const states[] = {
    [MLB_MEMBER_ALIVE] = "alive",
    [MLB_MEMBER_SUSPECT] = "suspect",
    [MLB_MEMBER_FAILED] = "failed",
    [MLB_MEMBER_LEFT] = "left",
};

void print_line(cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);

    if (!text)
        abort();
    puts(text);
    fflush(stdout);
    free(text);
    cJSON_Delete(object);
}

void add_number(cJSON *object, const char *key, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, number);
    cJSON_AddRawToObject(object, key, text);
}

void add_bytes(cJSON *object, const char *key, const uint8_t *bytes, size_t length)
{
    char *text = malloc(2 * length + 1);

    if (!text)
        abort();
    text[0] = '\0';
    for (size_t i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    cJSON_AddStringToObject(object, key, text);
    free(text);
}

static void add_endpoint(cJSON *object, const struct mlb_address *address, uint16_t port)
{
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    if (address->family != MLB_FAMILY_NONE)
        mlb_address_format(address, text, sizeof(text), NULL);
    cJSON_AddStringToObject(object, "address", text);
    cJSON_AddNumberToObject(object, "port", port);
}

void print_event(const struct mlb_membership_event *event)
{
    cJSON *line = cJSON_CreateObject();
    const char *kind = event->kind < sizeof(kinds) / sizeof(*kinds) ? kinds[event->kind] : NULL;

    cJSON_AddStringToObject(line, "event", kind ? kind : "unknown");
    cJSON_AddNumberToObject(line, "time", (double)event->time / 1e9);
    cJSON_AddStringToObject(line, "name", event->name);
    add_endpoint(line, &event->address, event->port);
    cJSON_AddNumberToObject(line, "incarnation", event->incarnation);
    cJSON_AddNumberToObject(line, "code", event->code);
    cJSON_AddStringToObject(line, "detail", event->detail);
    print_line(line);
}

cJSON *describe_member(const struct mlb_member *member)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *versions = cJSON_AddArrayToObject(object, "versions");

    cJSON_AddStringToObject(object, "name", member->name);
    cJSON_AddStringToObject(object, "state", states[member->state]);
    add_endpoint(object, &member->address, member->port);
    cJSON_AddNumberToObject(object, "incarnation", member->incarnation);
    add_bytes(object, "meta", member->meta, member->meta_length);
    add_number(object, "facts_version", member->facts_version);
    cJSON_AddNumberToObject(object, "facts_length", member->facts_length);
    cJSON_AddBoolToObject(object, "self", member->is_self);
    for (size_t i = 0; i < sizeof(member->versions); i++)
        cJSON_AddItemToArray(versions, cJSON_CreateNumber(member->versions[i]));
    return object;
}

cJSON *describe_statistics(const struct mlb_membership_statistics *statistics)
{
    cJSON *object = cJSON_CreateObject();

    add_number(object, "health", statistics->health);
    add_number(object, "alive", statistics->alive);
    add_number(object, "suspect", statistics->suspect);
    add_number(object, "failed", statistics->failed);
    add_number(object, "left", statistics->left);
    add_number(object, "packets_received", statistics->packets_received);
    add_number(object, "packets_sent", statistics->packets_sent);
    add_number(object, "packets_refused", statistics->packets_refused);
    add_number(object, "messages_refused", statistics->messages_refused);
    add_number(object, "streams_accepted", statistics->streams_accepted);
    add_number(object, "streams_opened", statistics->streams_opened);
    add_number(object, "streams_failed", statistics->streams_failed);
    add_number(object, "push_pulls", statistics->push_pulls);
    add_number(object, "probes", statistics->probes);
    add_number(object, "probes_failed", statistics->probes_failed);
    add_number(object, "suspicions", statistics->suspicions);
    add_number(object, "refutations", statistics->refutations);
    add_number(object, "stalls", statistics->stalls);
    add_number(object, "conflicts", statistics->conflicts);
    return object;
}
