/* SPDX-License-Identifier: MIT */
/*
 * One core, "self" at 192.0.2.1, and a test that plays all others: it sends single messages and
 * looks at those that come back.
 */
#pragma once

#include <string.h>

#include "membership/membership.h"

#define PEER_MESSAGES 512

#define MS(count)     ((uint64_t)(count)*1000000u)
#define SEC(count)    MS((uint64_t)(count)*1000u)

struct peer_message {
    struct membership_endpoint target;
    size_t packet; /* number of the packet that it came in */
    size_t length;
    uint8_t bytes[1400];
};

struct peer {
    struct membership *core;
    struct membership_options options;
    struct seal *seal;
    uint64_t now;
    size_t packets;
    int answers;     /* 1: whoever is probed directly acknowledges it at once */
    size_t answered; /* messages looked at for that */
    size_t count;
    struct peer_message messages[PEER_MESSAGES];
    struct mlb_membership_event events[64];
    size_t event_count;
};

/* Of a profile; peer_begin() makes the core, so that options can be changed before. */
struct peer *peer_new(uint32_t profile);
void peer_begin(struct peer *peer);
void peer_free(struct peer *peer);

/* The address 192.0.2.<host> at the usual port. */
struct membership_endpoint peer_at(uint8_t host);
struct span peer_text(const char *text);

/* A node as others tell of it: 192.0.2.<host>, versions of memberlist, no meta data. */
struct memberlist_node peer_node(const char *name, uint8_t host, uint32_t incarnation);

/* Each sends one message from 192.0.2.99. */
void peer_send(struct peer *peer, const uint8_t *message, size_t length);
void peer_alive(struct peer *peer, const char *name, uint8_t host, uint32_t incarnation);
void peer_tell(struct peer *peer, const struct memberlist_node *node);
void peer_suspect(struct peer *peer, const char *name, const char *from, uint32_t incarnation);
void peer_dead(struct peer *peer, const char *name, const char *from, uint32_t incarnation);
void peer_ack(struct peer *peer, uint32_t sequence);

/* Takes out what the core sends and tells now, after what was before. */
void peer_drain(struct peer *peer);
/* Lets time pass, with all ticks in it. */
void peer_pass(struct peer *peer, uint64_t duration);
/* Forgets messages and events. */
void peer_forget(struct peer *peer);

/* The first message of a type from a position on, to a host (0: any); NULL for none. */
const struct peer_message *peer_next(const struct peer *peer, enum memberlist_type type,
                                     uint8_t host, size_t *position);
const struct peer_message *peer_first(const struct peer *peer, enum memberlist_type type,
                                      uint8_t host);
size_t peer_count(const struct peer *peer, enum memberlist_type type, uint8_t host);
size_t peer_events(const struct peer *peer, uint32_t kind, const char *name);

/* State of a member, -1 for none, and its incarnation. */
int peer_state(const struct peer *peer, const char *name);
uint32_t peer_incarnation(const struct peer *peer, const char *name);
struct mlb_membership_statistics peer_statistics(const struct peer *peer);

/* An action that the core wants, with a copy of its bytes; fails the test if there is none. */
struct membership_action peer_action(struct peer *peer, enum membership_action_kind kind);
/* Sends a whole message on a stream, as who dialled it or as who accepted it. */
void peer_stream(struct peer *peer, uint64_t stream, enum seal_role role, const uint8_t *message,
                 size_t length);
/* Opens what the core sent on a stream; its length, up to capacity. */
size_t peer_open(struct peer *peer, const struct membership_action *action, enum seal_role role,
                 uint8_t *message, size_t capacity);
/* Answers the stream of a full exchange with these nodes. */
size_t peer_build_state(uint8_t *buffer, size_t capacity, const struct memberlist_node *nodes,
                        size_t count, const uint8_t *user_state, size_t user_length);
