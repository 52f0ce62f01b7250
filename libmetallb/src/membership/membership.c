/* SPDX-License-Identifier: MIT */
/* Life of the core, its timers, and the calls that concern this node alone. */
#include <stdlib.h>
#include <string.h>

#include "address/value.h"
#include "base/container.h"
#include "membership/core.h"

/* What memberlist speaks: protocol versions 1 to 5 are understood, 2 is spoken. */
static const uint8_t protocol_versions[] = {1, 5, 2};

/* Events that wait for each member that there may be. */
#define EVENTS_PER_MEMBER 8

void timer_set(struct membership *core, struct timer *timer, uint64_t time)
{
    deadline_heap_set(&core->deadlines, &timer->deadline, time);
}

int32_t timer_new(struct membership *core, struct timer *timer, enum timer_kind kind)
{
    if (deadline_heap_reserve(&core->deadlines, core->timer_count + 1) != MLB_OK)
        return MLB_ERROR_NO_MEMORY;
    core->timer_count++;
    deadline_init(&timer->deadline);
    timer->kind = kind;
    return MLB_OK;
}

void timer_free(struct membership *core, struct timer *timer)
{
    timer_set(core, timer, MEMBERSHIP_NEVER);
    core->timer_count--;
}

uint64_t membership_jitter(struct membership *core, uint64_t duration)
{
    return duration - duration / 10 + random_below(&core->random, duration / 5 + 1);
}

static int options_are_valid(const struct membership_options *options)
{
    const struct span name = {(const uint8_t *)options->name,
                              options->name ? strlen(options->name) : 0};

    return name_is_valid(name) && options->meta_length <= MLB_MEMBERSHIP_META_MAX &&
           options->advertise.port > 0 && options->facts_version <= FACTS_VERSION_MAX &&
           (options->advertise.address.family == MLB_FAMILY_IPV4 ||
            options->advertise.address.family == MLB_FAMILY_IPV6) &&
           options->delegate_versions[0] <= options->delegate_versions[2] &&
           options->delegate_versions[2] <= options->delegate_versions[1] &&
           membership_timing_check(&options->timing, NULL) == MLB_OK;
}

/* 7.1: an alive for this node, which is gossiped as soon as there is somebody to hear it. */
static int32_t add_self(struct membership *core, const struct membership_options *options)
{
    const struct mlb_address address = address_normalise(&options->advertise.address);
    const struct memberlist_node node = {
        .name = {(const uint8_t *)options->name, strlen(options->name)},
        .address = {address.bytes, address.family == MLB_FAMILY_IPV4 ? 4 : 16},
        .meta = {options->meta, options->meta_length},
        .versions = {core->versions, sizeof(core->versions)},
        .port = options->advertise.port,
    };

    if (!node_is_valid(core, &node))
        return MLB_ERROR_INVALID_ARGUMENT;
    core->self = member_add(core, &node);
    if (!core->self)
        return MLB_ERROR_NO_MEMORY;
    member_set_state(core, core->self, MLB_MEMBER_ALIVE);
    verdict_announce_self(core);
    return MLB_OK;
}

static int32_t make_parts(struct membership *core, const struct membership_options *options)
{
    const struct seal_options seal_options = {
        .label = options->label,
        .compress = !(options->flags & MLB_MEMBERSHIP_NO_COMPRESSION),
        .entropy = options->entropy,
        .entropy_context = options->entropy_context,
    };
    int32_t result = seal_new(&seal_options, &core->seal);

    if (result == MLB_OK)
        result = seal_set_keys(core->seal, options->keys, options->key_count);
    if (result != MLB_OK)
        return result;
    if (member_table_init(&core->members) != MLB_OK ||
        broadcast_queue_init(&core->broadcasts) != MLB_OK ||
        broadcast_queue_init(&core->user_broadcasts) != MLB_OK ||
        events_init(&core->events, core->members_max * EVENTS_PER_MEMBER) != MLB_OK)
        return MLB_ERROR_NO_MEMORY;
    for (size_t i = 0; i < TIMER_FIXED; i++)
        if (timer_new(core, &core->timers[i], (enum timer_kind)i) != MLB_OK)
            return MLB_ERROR_NO_MEMORY;
    return add_self(core, options);
}

static void init_lists(struct membership *core)
{
    list_init(&core->packets);
    list_init(&core->suspicions);
    list_init(&core->relays);
    list_init(&core->streams);
    list_init(&core->closing);
    list_init(&core->actions);
    list_init(&core->events.pending);
    deadline_heap_init(&core->deadlines);
}

int32_t membership_new(const struct membership_options *options, uint64_t now,
                       struct membership **ret)
{
    struct membership *core = NULL;
    int32_t result = MLB_OK;

    if (!options_are_valid(options))
        return MLB_ERROR_INVALID_ARGUMENT;
    core = calloc(1, sizeof(*core));
    if (!core)
        return MLB_ERROR_NO_MEMORY;
    init_lists(core);
    core->now = now;
    core->timing = options->timing;
    core->random = random_of(options->seed);
    core->hash_seed = random_next(&core->random);
    core->instance = random_next(&core->random);
    core->sequence = (uint32_t)random_next(&core->random);
    core->next_stream = 2;
    core->has_keys = options->key_count > 0;
    core->members_max = options->members_max ? options->members_max : MEMBERSHIP_MEMBERS_MAX;
    core->facts_version = options->facts_version;
    memcpy(core->versions, protocol_versions, 3);
    memcpy(core->versions + 3,
           (uint8_t[]){options->delegate_versions[0], options->delegate_versions[1],
                       options->delegate_versions[2]},
           3);
    result = make_parts(core, options);
    if (result != MLB_OK) {
        membership_free(core);
        return result;
    }
    probe_start(core);
    push_pull_start(core);
    *ret = core;
    return MLB_OK;
}

void membership_free(struct membership *core)
{
    if (!core)
        return;
    packets_free(core);
    relays_free(core);
    streams_free(core);
    broadcast_queue_free(&core->broadcasts);
    broadcast_queue_free(&core->user_broadcasts);
    member_table_free(&core->members);
    events_free(&core->events);
    deadline_heap_free(&core->deadlines);
    free(core->seeds.items);
    seal_free(core->seal);
    free(core);
}

static void run_fixed(struct membership *core, enum timer_kind kind)
{
    static void (*const handlers[TIMER_FIXED])(struct membership * core) = {
        [TIMER_PROBE] = probe_due,         [TIMER_PROBE_TIMEOUT] = probe_timeout,
        [TIMER_PROBE_END] = probe_end,     [TIMER_GOSSIP] = gossip_round,
        [TIMER_PUSH_PULL] = push_pull_due, [TIMER_SEEDS] = seeds_due,
        [TIMER_LISTEN] = stall_listen,     [TIMER_RECOVERY] = recovery_timeout,
        [TIMER_LEAVE] = leave_timeout,
    };

    handlers[kind](core);
}

/* Each handler moves its own timer on or stops it. */
static void run(struct membership *core, struct timer *timer)
{
    switch (timer->kind) {
    case TIMER_SUSPICION:
        suspicion_fire(core, CONTAINER_OF(timer, struct suspicion, timer));
        break;
    case TIMER_STREAM:
        stream_timeout(core, CONTAINER_OF(timer, struct stream, timer));
        break;
    case TIMER_RELAY:
        relay_timeout(core, CONTAINER_OF(timer, struct relay, timer));
        break;
    default:
        run_fixed(core, timer->kind);
        break;
    }
}

void membership_tick(struct membership *core, uint64_t now)
{
    struct deadline *first = NULL;

    (void)stall_check(core, now);
    while ((first = deadline_heap_first(&core->deadlines)) && first->time <= core->now)
        run(core, CONTAINER_OF(first, struct timer, deadline));
    membership_settle(core);
}

uint64_t membership_deadline(const struct membership *core)
{
    const struct deadline *first = deadline_heap_first(&core->deadlines);

    return first ? first->time : MEMBERSHIP_NEVER;
}

void membership_settle(struct membership *core)
{
    recovery_settle(core);
    facts_settle(core);
    leave_settle(core);
}

int membership_drops_input(const struct membership *core)
{
    return core->deaf;
}

int32_t membership_set_keys(struct membership *core, const struct mlb_membership_key *keys,
                            size_t count)
{
    int32_t result = MLB_OK;

    /* A group is not opened to everybody by taking the last key away. */
    if (core->has_keys && count == 0)
        return MLB_ERROR_INVALID_ARGUMENT;
    result = seal_set_keys(core->seal, keys, count);
    if (result == MLB_OK)
        core->has_keys = count > 0;
    return result;
}

int32_t membership_set_meta(struct membership *core, uint64_t now, const uint8_t *meta,
                            size_t length)
{
    struct member *self = core->self;

    (void)stall_check(core, now);
    if (length > MLB_MEMBERSHIP_META_MAX || (length > 0 && !meta))
        return MLB_ERROR_INVALID_ARGUMENT;
    if (self->meta_length == length && (length == 0 || memcmp(self->meta, meta, length) == 0))
        return MLB_OK;
    if (member_set_meta(self, (struct span){meta, length}) != MLB_OK)
        return MLB_ERROR_NO_MEMORY;
    /* 7.13; who has left tells it on return. */
    if (!core->leave.left)
        verdict_announce_self(core);
    membership_settle(core);
    return MLB_OK;
}
