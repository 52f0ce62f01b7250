/* SPDX-License-Identifier: MIT */
/* Members by name, ascending by name, and in the order of probes. */
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "membership/core.h"

#define CAPACITY_MIN 8

/* Draws in vain before all members are looked at. */
#define DRAWS 24

int32_t member_table_init(struct member_table *table)
{
    *table = (struct member_table){0};
    return hash_table_init(&table->table) ? MLB_OK : MLB_ERROR_NO_MEMORY;
}

static void member_free(struct member *member)
{
    free(member->suspicion);
    free(member->facts);
    free(member->meta);
    free(member);
}

void member_table_free(struct member_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        member_free(table->sorted[i]);
    free(table->sorted);
    free(table->order);
    hash_table_free(&table->table);
    *table = (struct member_table){0};
}

struct span member_name(const struct member *member)
{
    return (struct span){(const uint8_t *)member->name, member->name_length};
}

struct member *member_find(const struct membership *core, struct span name)
{
    struct hash_node *node = hash_table_first(&core->members.table,
                                              hash_bytes(name.bytes, name.length, core->hash_seed));

    for (; node; node = hash_table_next(node)) {
        struct member *member = CONTAINER_OF(node, struct member, node);

        if (member->name_length == name.length &&
            memcmp(member->name, name.bytes, name.length) == 0)
            return member;
    }
    return NULL;
}

static int32_t grow(struct member_table *table)
{
    const size_t capacity = table->capacity ? table->capacity * 2 : CAPACITY_MIN;
    struct member **items = NULL;

    if (table->count < table->capacity)
        return MLB_OK;
    items = reallocarray(table->sorted, capacity, sizeof(struct member *));
    if (!items)
        return MLB_ERROR_NO_MEMORY;
    table->sorted = items;
    items = reallocarray(table->order, capacity, sizeof(struct member *));
    if (!items)
        return MLB_ERROR_NO_MEMORY;
    table->order = items;
    table->capacity = capacity;
    return MLB_OK;
}

/* The position of the first member whose name does not stand before a name. */
static size_t place_of(const struct member_table *table, const char *name)
{
    size_t low = 0;
    size_t high = table->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(table->sorted[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* 7.2.4: at a place by chance, so that no two nodes probe in the same order. */
static void insert(struct membership *core, struct member *member)
{
    struct member_table *table = &core->members;
    const size_t place = place_of(table, member->name);
    const size_t turn = random_below(&core->random, table->count + 1);

    memmove(table->sorted + place + 1, table->sorted + place,
            (table->count - place) * sizeof(struct member *));
    table->sorted[place] = member;
    if (turn < table->count)
        table->order[table->count] = table->order[turn];
    table->order[turn] = member;
    table->count++;
    table->states[member->state]++;
    hash_table_insert(&table->table, &member->node,
                      hash_bytes(member->name, member->name_length, core->hash_seed));
}

struct member *member_add(struct membership *core, const struct memberlist_node *node)
{
    struct member *member = NULL;

    if (core->members.count >= core->members_max || grow(&core->members) != MLB_OK)
        return NULL;
    member = calloc(1, sizeof(*member) + node->name.length + 1);
    if (!member)
        return NULL;
    if (member_describe(member, node) != MLB_OK) {
        free(member);
        return NULL;
    }
    member->state = MLB_MEMBER_FAILED;
    member->changed = core->now;
    member->name_length = (uint8_t)node->name.length;
    memcpy(member->name, node->name.bytes, node->name.length);
    insert(core, member);
    return member;
}

int32_t member_set_meta(struct member *member, struct span meta)
{
    uint8_t *copy = NULL;

    if (meta.length > 0) {
        copy = malloc(meta.length);
        if (!copy)
            return MLB_ERROR_NO_MEMORY;
        memcpy(copy, meta.bytes, meta.length);
    }
    free(member->meta);
    member->meta = copy;
    member->meta_length = (uint16_t)meta.length;
    return MLB_OK;
}

int32_t member_describe(struct member *member, const struct memberlist_node *node)
{
    if (member->meta_length != node->meta.length ||
        (node->meta.length > 0 && memcmp(member->meta, node->meta.bytes, node->meta.length) != 0)) {
        if (member_set_meta(member, node->meta) != MLB_OK)
            return MLB_ERROR_NO_MEMORY;
    }
    memset(member->address, 0, sizeof(member->address));
    memcpy(member->address, node->address.bytes, node->address.length);
    member->address_length = (uint8_t)node->address.length;
    member->port = node->port;
    memcpy(member->versions, node->versions.bytes, sizeof(member->versions));
    return MLB_OK;
}

void member_set_state(struct membership *core, struct member *member, uint8_t state)
{
    core->members.states[member->state]--;
    core->members.states[state]++;
    member->state = state;
    member->changed = core->now;
}

static int is_forgotten(const struct membership *core, const struct member *member)
{
    return member != core->self && !member_is_visible(member) &&
           core->now - member->changed > milliseconds(core->timing.gossip_to_the_dead);
}

static void forget(struct membership *core, struct member *member)
{
    core->members.states[member->state]--;
    hash_table_remove(&core->members.table, &member->node);
    seeds_forget(core, member);
    core->owed -= member->owed;
    member_free(member);
}

static void shuffle(struct membership *core)
{
    struct member **order = core->members.order;

    for (size_t i = core->members.count; i > 1; i--) {
        const size_t other = random_below(&core->random, i);
        struct member *member = order[i - 1];

        order[i - 1] = order[other];
        order[other] = member;
    }
}

void member_table_reap(struct membership *core)
{
    struct member_table *table = &core->members;
    const size_t count = table->count;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (!is_forgotten(core, table->order[i]))
            table->order[kept++] = table->order[i];
    if (kept < count) {
        table->count = 0;
        for (size_t i = 0; i < count; i++) {
            struct member *member = table->sorted[i];

            if (is_forgotten(core, member))
                forget(core, member);
            else
                table->sorted[table->count++] = member;
        }
    }
    shuffle(core);
}

struct membership_endpoint member_endpoint(const struct member *member)
{
    return (struct membership_endpoint){
        .address = address_of_span((struct span){member->address, member->address_length}),
        .port = member->port,
    };
}

int endpoints_are_equal(const struct membership_endpoint *a, const struct membership_endpoint *b)
{
    return a->port == b->port && a->address.family == b->address.family &&
           memcmp(a->address.bytes, b->address.bytes, sizeof(a->address.bytes)) == 0;
}

int member_is_at(const struct member *member, const struct membership_endpoint *endpoint)
{
    const struct membership_endpoint own = member_endpoint(member);

    return endpoints_are_equal(&own, endpoint);
}

int member_is_alive(const struct membership *core, const struct member *member)
{
    (void)core;
    return member->state == MLB_MEMBER_ALIVE;
}

int member_is_in_group(const struct membership *core, const struct member *member)
{
    (void)core;
    return member_is_visible(member);
}

static int contains(struct member *const *members, size_t count, const struct member *member)
{
    for (size_t i = 0; i < count; i++)
        if (members[i] == member)
            return 1;
    return 0;
}

/* Each that passes has the same chance, however many there are. */
static size_t pick_from_all(struct membership *core, member_filter filter,
                            const struct member *except, struct member **picked, size_t want)
{
    size_t seen = 0;

    for (size_t i = 0; i < core->members.count; i++) {
        struct member *member = core->members.order[i];
        size_t place = seen;

        if (member == core->self || member == except || !filter(core, member))
            continue;
        if (seen++ >= want)
            place = random_below(&core->random, seen);
        if (place < want)
            picked[place] = member;
    }
    return seen < want ? seen : want;
}

size_t members_pick(struct membership *core, member_filter filter, const struct member *except,
                    struct member **picked, size_t want)
{
    const size_t count = core->members.count;
    size_t found = 0;

    if (want == 0)
        return 0;
    /* In a large table draws hit, unless hardly anybody passes. */
    for (size_t draws = count > DRAWS * 2 ? DRAWS + want : 0; draws > 0 && found < want; draws--) {
        struct member *member = core->members.order[random_below(&core->random, count)];

        if (member != core->self && member != except && filter(core, member) &&
            !contains(picked, found, member))
            picked[found++] = member;
    }
    return found == want ? found : pick_from_all(core, filter, except, picked, want);
}

struct memberlist_node member_node(const struct member *member)
{
    return (struct memberlist_node){
        .name = member_name(member),
        .address = {member->address, member->address_length},
        .meta = {member->meta, member->meta_length},
        .versions = {member->versions, sizeof(member->versions)},
        .incarnation = member->incarnation,
        .port = member->port,
        .state = member->state,
    };
}
