/* SPDX-License-Identifier: MIT */
/* What can be asked: members, their facts, statistics. */
#include <string.h>

#include "membership/core.h"

static void copy_member(const struct membership *core, const struct member *from,
                        struct mlb_member *member)
{
    const struct membership_endpoint endpoint = member_endpoint(from);

    *member = (struct mlb_member){
        .struct_size = member->struct_size,
        .state = from->state,
        .incarnation = from->incarnation,
        .meta_length = from->meta_length,
        .port = from->port,
        .is_self = from == core->self,
        .address = endpoint.address,
    };
    if (from->facts && from->facts->visible) {
        member->facts_version = from->facts->version;
        member->facts_length = from->facts->length;
    }
    memcpy(member->versions, from->versions, sizeof(member->versions));
    if (from->meta_length > 0)
        memcpy(member->meta, from->meta, from->meta_length);
    memcpy(member->name, from->name, from->name_length);
}

int32_t membership_member(const struct membership *core, size_t position, struct mlb_member *member)
{
    if (position >= core->members.count)
        return MLB_ERROR_NOT_FOUND;
    copy_member(core, core->members.sorted[position], member);
    return MLB_OK;
}

static const struct member *find(const struct membership *core, const char *name)
{
    return member_find(core, (struct span){(const uint8_t *)name, strlen(name)});
}

int32_t membership_find(const struct membership *core, const char *name, struct mlb_member *member)
{
    const struct member *found = find(core, name);

    if (!found)
        return MLB_ERROR_NOT_FOUND;
    copy_member(core, found, member);
    return MLB_OK;
}

int32_t membership_facts(const struct membership *core, const char *name, uint8_t *facts,
                         size_t capacity, size_t *length, uint64_t *version)
{
    const struct member *member = find(core, name);

    if (!member || !member->facts || !member->facts->visible)
        return MLB_ERROR_NOT_FOUND;
    if (member->facts->length > capacity)
        return MLB_ERROR_BUFFER_TOO_SMALL;
    if (member->facts->length > 0)
        memcpy(facts, member->facts->bytes, member->facts->length);
    *length = member->facts->length;
    if (version)
        *version = member->facts->version;
    return MLB_OK;
}

void membership_statistics(const struct membership *core,
                           struct mlb_membership_statistics *statistics)
{
    const uint32_t struct_size = statistics->struct_size;
    const size_t *states = core->members.states;

    *statistics = core->statistics;
    statistics->struct_size = struct_size;
    statistics->health = core->health;
    statistics->alive = (uint32_t)states[MLB_MEMBER_ALIVE];
    statistics->suspect = (uint32_t)states[MLB_MEMBER_SUSPECT];
    statistics->failed = (uint32_t)states[MLB_MEMBER_FAILED];
    statistics->left = (uint32_t)states[MLB_MEMBER_LEFT];
    statistics->queued = (uint32_t)(broadcast_queue_count(&core->broadcasts) +
                                    broadcast_queue_count(&core->user_broadcasts));
    statistics->streams = (uint32_t)core->stream_count;
}
