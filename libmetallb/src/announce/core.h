/* SPDX-License-Identifier: MIT */
/*
 * What the files of this directory share. An address and an interface that it may be announced on
 * meet in a binding, which is active while the interface is usable and allowed: then the address is
 * answered there, its group is joined and its schedule runs. Bindings are made before they are
 * needed, so that nothing fails half-way.
 */
#pragma once

#include "announce/announce.h"
#include "announce/pacer.h"
#include "announce/schedule.h"
#include "base/deadline_heap.h"
#include "base/list.h"

struct vrrp_advertisement;

/* Bytes of the longest address. */
#define ADDRESS_BYTES 16

struct counters {
    uint64_t requests;
    uint64_t replies;
    uint64_t gratuitous;
    uint64_t dropped;
    uint64_t conflicts;
};

struct interface {
    struct announce_interface is;
    struct list first;   /* bindings whose first set waits */
    struct list repeats; /* bindings whose repeat waits */
    struct pacer pacer;  /* for the frames that nobody asked for */
};

/* A solicited-node group on an interface. */
struct group {
    struct group *next_in_bucket;
    struct list pending; /* in announce.groups while the change is to be told */
    uint32_t interface_index;
    uint32_t suffix;  /* last 24 bits */
    uint32_t holders; /* bindings that point here */
    uint32_t members; /* of these, the active ones */
    uint8_t joined;   /* as it was told */
    uint8_t renew;    /* the interface went away and the membership with it */
};

struct binding {
    struct announced *announced;
    struct interface *interface;
    struct group *group; /* NULL for IPv4 */
    struct list turn;    /* in a queue of the interface */
    struct deadline deadline;
    struct schedule schedule;
    struct counters counters;
    uint8_t active;
    uint8_t frames_sent; /* of the set that has its turn */
};

/* An event about an address that waits to be taken. */
struct notice {
    struct list pending; /* in announce.notices */
    struct announced *announced;
    uint32_t kind;
    uint32_t interface_index;
    char interface_name[MLB_INTERFACE_NAME_SIZE];
    uint64_t count;
    struct mlb_address sender;
    uint8_t hardware_address[MLB_HARDWARE_ADDRESS_SIZE];
    uint8_t router;
    uint8_t priority;
};

/* An address that is announced. */
struct announced {
    struct announced *next_in_bucket;
    size_t position; /* in the table */
    struct mlb_address address;
    char (*names)[MLB_INTERFACE_NAME_SIZE];
    size_t name_count;
    struct binding **bindings; /* ascending by interface index */
    size_t binding_count;
    size_t binding_capacity;
    struct counters past;  /* of bindings that are gone */
    struct list filtering; /* in announce.filter_add or filter_remove */
    struct notice *conflict;
    struct notice *vrrp;
    uint8_t restricted; /* 1: to the interfaces named */
    uint8_t filtered;   /* as it was told */
};

struct address_table {
    struct announced **items;
    size_t count;
    size_t capacity;
    struct announced **buckets;
    size_t bucket_count; /* a power of two, or 0 */
};

struct group_table {
    struct group **buckets;
    size_t bucket_count; /* a power of two, or 0 */
    size_t count;
};

/* An address that stands on a local interface, or just stopped to. */
struct local {
    struct mlb_address address;
    struct list pending; /* in announce.locals_pending */
    uint32_t interface_index;
    char interface_name[MLB_INTERFACE_NAME_SIZE];
    uint8_t present;
    uint8_t told;
};

/* An answer that waits for output; what it says is decided then. */
struct answer {
    struct mlb_address address;
    uint32_t interface_index;
    uint8_t hardware_address[MLB_HARDWARE_ADDRESS_SIZE];
    uint8_t protocol_address[ADDRESS_BYTES];
};

struct announce {
    struct announce_options options;
    struct schedule_timing timing;
    uint64_t now;

    struct interface **interfaces; /* ascending by index */
    size_t interface_count;
    size_t interface_capacity;
    size_t turn; /* interface to begin with at the next output */

    struct address_table addresses;
    struct group_table groups;
    size_t binding_count;
    size_t waiting_count; /* bindings in a queue of an interface */
    struct deadline_heap deadlines;

    struct list filter_remove; /* struct announced, already withdrawn */
    struct list filter_add;
    struct list groups_pending;
    struct list notices;

    struct local **locals; /* ascending by address, then by interface index */
    size_t local_count;
    size_t local_capacity;
    struct list locals_pending;

    size_t answer_first;
    size_t answer_count;
    struct answer answers[ANNOUNCE_ANSWERS_MAX];
};

/* core.c */

/* Moves the time on, never back. */
void core_set_now(struct announce *core, uint64_t now);

/*
 * Makes room for one more pointer in an array that grows.
 *
 * @return  the array, moved perhaps; NULL without memory, the old one is still valid then
 */
void *array_grow(void *items, size_t count, size_t *capacity, size_t item_size);

/* address_table.c */

struct announced *address_table_find(const struct address_table *table,
                                     const struct mlb_address *address);
int32_t address_table_insert(struct address_table *table, struct announced *announced);
void address_table_remove(struct address_table *table, struct announced *announced);
void address_table_free(struct address_table *table);

/* addresses.c */

/* Whether the address may be announced on an interface of that name. */
int announced_allows(const struct announced *announced, const char *interface_name);

/* Frees an address that is in no table, with all its bindings; NULL is ignored. */
void announced_free(struct announce *core, struct announced *announced);

/* interfaces.c */

struct interface *interface_find(const struct announce *core, uint32_t index);

/* Whether a hardware address belongs to any interface of this host. */
int interface_is_own(const struct announce *core, const uint8_t *hardware_address);

/* bindings.c */

struct binding *binding_find(const struct announced *announced, uint32_t interface_index);

/* The binding of an announced address on an interface if it is active, else NULL. */
struct binding *binding_find_active(const struct announce *core, const struct mlb_address *address,
                                    uint32_t interface_index);

/* Makes the binding, inactive, unless there is one. */
int32_t binding_ensure(struct announce *core, struct announced *announced,
                       struct interface *interface);

/* Adds its counters to those of the past and frees it. */
void binding_remove(struct announce *core, struct binding *binding);

/* Activates or stops it as interface and names say; tells the LAN where it is new or `cause`. */
void binding_update(struct announce *core, struct binding *binding, int cause);

void binding_step(struct announce *core, struct binding *binding, enum schedule_input input);

void counters_add(struct counters *sum, const struct counters *more);

/* groups.c */

/* The group of an address on an interface, held for a binding; NULL without memory. */
struct group *group_hold(struct announce *core, uint32_t interface_index,
                         const struct mlb_address *address);
void group_release(struct announce *core, struct group *group);
void group_enter(struct announce *core, struct group *group);
void group_leave(struct announce *core, struct group *group);

/* The memberships of the interface are gone with it. */
void group_lost(struct announce *core, struct group *group);
int group_next_change(struct announce *core, struct announce_change *change);
void group_table_free(struct group_table *table);

/* answers.c */

/* Takes a request that is to be answered at the next output. */
void answer_push(struct announce *core, const struct answer *answer);

/* Builds the next answer that still is to be given; 0 when there is none. */
size_t answer_output(struct announce *core, uint8_t *buffer, size_t capacity,
                     uint32_t *interface_index, enum announce_frame_kind *kind);

/* announcement.c */

/* Builds the next frame that nobody asked for; 0 when none may go now. */
size_t announcement_output(struct announce *core, uint8_t *buffer, size_t capacity,
                           uint32_t *interface_index, enum announce_frame_kind *kind);

/* events.c */

void event_conflict(struct announce *core, struct binding *binding,
                    const uint8_t *hardware_address);
void event_vrrp(struct announce *core, struct announced *announced, uint32_t interface_index,
                const struct mlb_address *sender, const struct vrrp_advertisement *advertisement);

/* Takes it back if it waits; NULL is ignored. */
void notice_free(struct notice *notice);

/* locals.c */

/* An address is announced or not any more: its local appearances matter or do not. */
void locals_follow(struct announce *core, const struct mlb_address *address);
void locals_remove_interface(struct announce *core, uint32_t interface_index);
int locals_next_event(struct announce *core, struct mlb_announcer_event *event);
void locals_free(struct announce *core);
