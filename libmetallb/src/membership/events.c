/* SPDX-License-Identifier: MIT */
/* Events that wait to be taken: the last of each kind about one member, so that they stay few. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "membership/core.h"

/* An event that waits. */
struct event {
    struct hash_node node;
    struct list link;
    uint32_t kind;
    int32_t code;
    uint32_t incarnation;
    uint64_t time;
    struct membership_endpoint endpoint;
    const char *detail; /* of static text */
    size_t name_length;
    char name[]; /* with a NUL */
};

int32_t events_init(struct events *events, size_t most)
{
    *events = (struct events){.most = most};
    list_init(&events->pending);
    return hash_table_init(&events->table) ? MLB_OK : MLB_ERROR_NO_MEMORY;
}

static void drop(struct events *events, struct event *event)
{
    hash_table_remove(&events->table, &event->node);
    list_remove(&event->link);
    free(event);
}

void events_free(struct events *events)
{
    if (!events->table.buckets)
        return;
    while (!list_is_empty(&events->pending))
        drop(events, list_entry(events->pending.next, struct event, link));
    hash_table_free(&events->table);
}

static uint64_t hash_of(const struct membership *core, const struct event *event)
{
    uint64_t hash = hash_bytes(event->name, event->name_length, core->hash_seed + event->kind);

    if (event->kind == MLB_MEMBERSHIP_SYNCHRONIZED)
        hash = hash_bytes(event->endpoint.address.bytes, sizeof(event->endpoint.address.bytes),
                          hash + event->endpoint.port);
    return hash;
}

/* The older event of the kind about the same member is no news any more. */
static void drop_older(struct events *events, const struct event *event, uint64_t hash)
{
    for (struct hash_node *node = hash_table_first(&events->table, hash); node;
         node = hash_table_next(node)) {
        struct event *older = CONTAINER_OF(node, struct event, node);

        if (older->kind == event->kind && older->name_length == event->name_length &&
            memcmp(older->name, event->name, event->name_length) == 0 &&
            (event->kind != MLB_MEMBERSHIP_SYNCHRONIZED ||
             endpoints_are_equal(&older->endpoint, &event->endpoint))) {
            drop(events, older);
            return;
        }
    }
}

static void raise(struct membership *core, const struct event *values, struct span name)
{
    struct events *events = &core->events;
    struct event *event = malloc(sizeof(*event) + name.length + 1);
    uint64_t hash = 0;

    if (!event) {
        events->lost = 1;
        return;
    }
    *event = *values;
    event->time = core->now;
    event->name_length = name.length;
    if (name.length > 0)
        memcpy(event->name, name.bytes, name.length);
    event->name[name.length] = '\0';
    hash = hash_of(core, event);
    drop_older(events, event, hash);
    if (events->table.count >= events->most) {
        drop(events, list_entry(events->pending.next, struct event, link));
        events->lost = 1;
    }
    hash_table_insert(&events->table, &event->node, hash);
    list_append(&events->pending, &event->link);
}

void event_member(struct membership *core, uint32_t kind, const struct member *member)
{
    const struct event event = {
        .kind = kind,
        .incarnation = member->incarnation,
        .endpoint = member_endpoint(member),
    };

    raise(core, &event, member_name(member));
}

void event_at(struct membership *core, uint32_t kind, struct span name,
              const struct membership_endpoint *endpoint)
{
    const struct event event = {.kind = kind, .endpoint = *endpoint};

    raise(core, &event, name);
}

void event_plain(struct membership *core, uint32_t kind, int32_t code, const char *detail)
{
    const struct event event = {.kind = kind, .code = code, .detail = detail};

    raise(core, &event, (struct span){NULL, 0});
}

static void describe(const struct event *event, char *text, size_t size)
{
    char address[MLB_ADDRESS_TEXT_SIZE] = "";

    if (event->detail) {
        snprintf(text, size, "%s", event->detail);
    } else if (event->kind == MLB_MEMBERSHIP_CONFLICT) {
        (void)mlb_address_format(&event->endpoint.address, address, sizeof(address), NULL);
        snprintf(text, size, "the node at %s port %u claims this name too", address,
                 event->endpoint.port);
    }
}

static int take_lost(struct membership *core, struct mlb_membership_event *event)
{
    if (!core->events.lost)
        return 0;
    core->events.lost = 0;
    event->kind = MLB_MEMBERSHIP_ERROR;
    event->code = MLB_ERROR_NO_MEMORY;
    event->time = core->now;
    snprintf(event->detail, sizeof(event->detail), "events were lost; the members say what holds");
    return 1;
}

int membership_next_event(struct membership *core, struct mlb_membership_event *event)
{
    struct event *first = NULL;

    memset((char *)event + sizeof(event->struct_size), 0,
           sizeof(*event) - sizeof(event->struct_size));
    if (list_is_empty(&core->events.pending))
        return take_lost(core, event);
    first = list_entry(core->events.pending.next, struct event, link);
    event->kind = first->kind;
    event->code = first->code;
    event->incarnation = first->incarnation;
    event->time = first->time;
    event->address = first->endpoint.address;
    event->port = first->endpoint.port;
    memcpy(event->name, first->name, first->name_length);
    describe(first, event->detail, sizeof(event->detail));
    drop(&core->events, first);
    return 1;
}
