/* SPDX-License-Identifier: MIT */
/* Solicited-node groups, counted: thousands of addresses may share one (RFC 4291 §2.7.1). */
#include <stdlib.h>
#include <string.h>

#include "announce/core.h"
#include "wire/ndp.h"

#define BUCKETS_MIN 16

static struct group **bucket_of(const struct group_table *table, uint32_t interface_index,
                                uint32_t suffix)
{
    uint64_t key = ((uint64_t)interface_index << 24 | suffix) * 0x9e3779b97f4a7c15u;

    return &table->buckets[key >> 32 & (table->bucket_count - 1)];
}

static struct group *find(const struct group_table *table, uint32_t interface_index,
                          uint32_t suffix)
{
    struct group *group =
        table->bucket_count > 0 ? *bucket_of(table, interface_index, suffix) : NULL;

    while (group && (group->interface_index != interface_index || group->suffix != suffix))
        group = group->next_in_bucket;
    return group;
}

static void insert(struct group_table *table, struct group *group)
{
    struct group **bucket = bucket_of(table, group->interface_index, group->suffix);

    group->next_in_bucket = *bucket;
    *bucket = group;
}

static int32_t grow(struct group_table *table)
{
    struct group_table grown = {
        .bucket_count = table->bucket_count > 0 ? table->bucket_count * 2 : BUCKETS_MIN,
        .count = table->count,
    };

    grown.buckets = calloc(grown.bucket_count, sizeof(struct group *));
    if (!grown.buckets)
        return MLB_ERROR_NO_MEMORY;
    for (size_t i = 0; i < table->bucket_count; i++)
        for (struct group *group = table->buckets[i], *next = NULL; group; group = next) {
            next = group->next_in_bucket;
            insert(&grown, group);
        }
    free(table->buckets);
    *table = grown;
    return MLB_OK;
}

static struct group *create(struct group_table *table, uint32_t interface_index, uint32_t suffix)
{
    struct group *group = NULL;

    if (table->count >= table->bucket_count && grow(table) != MLB_OK)
        return NULL;
    group = calloc(1, sizeof(*group));
    if (!group)
        return NULL;
    group->interface_index = interface_index;
    group->suffix = suffix;
    list_init(&group->pending);
    insert(table, group);
    table->count++;
    return group;
}

static void free_if_unused(struct group_table *table, struct group *group)
{
    struct group **link = NULL;

    if (group->holders > 0 || !list_is_empty(&group->pending))
        return;
    link = bucket_of(table, group->interface_index, group->suffix);
    while (*link != group)
        link = &(*link)->next_in_bucket;
    *link = group->next_in_bucket;
    table->count--;
    free(group);
}

/* Puts the group among those to be told, or takes it out where nothing is left to tell. */
static void follow(struct announce *core, struct group *group)
{
    list_remove(&group->pending);
    if (group->joined != (group->members > 0) || (group->joined && group->renew))
        list_append(&core->groups_pending, &group->pending);
}

struct group *group_hold(struct announce *core, uint32_t interface_index,
                         const struct mlb_address *address)
{
    const uint8_t *last = address->bytes + sizeof(address->bytes) - 3;
    uint32_t suffix = (uint32_t)last[0] << 16 | (uint32_t)last[1] << 8 | last[2];
    struct group *group = find(&core->groups, interface_index, suffix);

    if (!group)
        group = create(&core->groups, interface_index, suffix);
    if (group)
        group->holders++;
    return group;
}

void group_release(struct announce *core, struct group *group)
{
    if (!group)
        return;
    group->holders--;
    free_if_unused(&core->groups, group);
}

void group_enter(struct announce *core, struct group *group)
{
    if (group && group->members++ == 0)
        follow(core, group);
}

void group_leave(struct announce *core, struct group *group)
{
    if (group && --group->members == 0)
        follow(core, group);
}

void group_lost(struct announce *core, struct group *group)
{
    if (!group || !group->joined)
        return;
    group->renew = 1;
    follow(core, group);
}

int group_next_change(struct announce *core, struct announce_change *change)
{
    struct group *group = NULL;
    uint8_t member[IPV6_ADDRESS_SIZE] = {0};

    if (list_is_empty(&core->groups_pending))
        return 0;
    group = list_entry(core->groups_pending.next, struct group, pending);
    member[13] = (uint8_t)(group->suffix >> 16);
    member[14] = (uint8_t)(group->suffix >> 8);
    member[15] = (uint8_t)group->suffix;
    *change = (struct announce_change){
        .kind = group->joined ? ANNOUNCE_GROUP_LEAVE : ANNOUNCE_GROUP_JOIN,
        .interface_index = group->interface_index,
        .address = {.family = MLB_FAMILY_IPV6},
    };
    ipv6_solicited_node_group(member, change->address.bytes);
    group->joined = !group->joined;
    group->renew = 0;
    follow(core, group);
    free_if_unused(&core->groups, group);
    return 1;
}

void group_table_free(struct group_table *table)
{
    for (size_t i = 0; i < table->bucket_count; i++)
        for (struct group *group = table->buckets[i], *next = NULL; group; group = next) {
            next = group->next_in_bucket;
            free(group);
        }
    free(table->buckets);
    *table = (struct group_table){0};
}
