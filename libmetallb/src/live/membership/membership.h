/* SPDX-License-Identifier: MIT */
/* The parts of a public membership, shared by the files membership*.c only. */
#pragma once

#include <metallb/membership.h>

#include "base/hash_table.h"
#include "base/list.h"
#include "membership/membership.h"
#include "os/clock.h"
#include "os/datagram_socket.h"
#include "os/resolver.h"
#include "os/stream_socket.h"
#include "os/waker.h"

/* Most seeds, and most addresses that they all may have. */
#define SEEDS_MAX          1024
#define SEED_ADDRESSES_MAX 4096

/* What is read from a stream at once. */
#define STREAM_BUFFER_SIZE 65536

/* What a descriptor in the epoll set is; for a connection its number stands beside. */
enum membership_source {
    MEMBERSHIP_SOURCE_TIMER,
    MEMBERSHIP_SOURCE_PACKETS,
    MEMBERSHIP_SOURCE_LISTENER,
    MEMBERSHIP_SOURCE_RESOLVER,
    MEMBERSHIP_SOURCE_CONNECTION,
};

/* Where the source stands in the data of an epoll event; the number is below. */
#define MEMBERSHIP_SOURCE_SHIFT 56

/* A TCP stream, from its CONNECT or accept until its descriptor is closed. */
struct connection {
    struct hash_node node; /* by number */
    uint64_t number;
    struct stream_socket *socket;
    uint32_t watched; /* events that it is watched for */
    /* Once the core is through with it: what is still to be sent is, what comes is thrown away. */
    struct list lingering;
    uint64_t linger_until;
};

/* A node to join by: an address or a name. */
struct seed {
    char name[RESOLVER_NAME_MAX + 1]; /* empty: one address, which never changes */
    uint16_t port;
    int answered;    /* the name was looked up once */
    int told_error;  /* of the last failed look-up that an event told of, 0 for none */
    uint64_t ask_at; /* when to look it up next; MEMBERSHIP_NEVER while that is under way */
    struct mlb_address *addresses;
    size_t count;
};

struct seed_list {
    struct seed *items;
    size_t count;
    uint32_t generation; /* answers to the questions of an earlier list are known by it */
    uint64_t next_ask;   /* the earliest of all ask_at */
    int apply_wanted;    /* the core does not know the present addresses yet */
    uint64_t apply_at;   /* it is not told before, after there was no memory */
    int silence_unsaid;  /* that the other seeds are silent was not told, as names were awaited */
    struct membership_endpoint *applied;
    size_t applied_count;
};

/* What can go wrong beside the protocol; of each kind one event waits at a time. */
enum trouble_kind {
    TROUBLE_RECEIVE,
    TROUBLE_SEND,
    TROUBLE_STREAM,
    TROUBLE_LOOKUP,
    TROUBLE_NAME,
    TROUBLE_KINDS,
};

struct trouble {
    int waits;
    uint64_t next; /* no event before */
    struct mlb_membership_event event;
};

struct mlb_membership {
    struct membership *core;
    struct datagram_socket *packets;
    struct resolver *resolver;
    struct hash_table connections;
    struct list lingering; /* oldest first */
    size_t lingering_count;
    struct seed_list seeds;
    struct trouble troubles[TROUBLE_KINDS];
    struct mlb_address bind_address;
    uint16_t bind_port;
    uint64_t linger_time;
    uint64_t next_accepted; /* number of the next stream that a peer opens */
    uint64_t packets_failed;
    uint64_t now;
    struct waker waker;
    uint64_t accept_at; /* the listener is left alone until then, or MEMBERSHIP_NEVER */
    size_t turn;        /* counts dispatches */
    int work_waits;     /* the next dispatch comes at once */
    int listener;
    uint8_t packet[SEAL_PACKET_MAX];
    uint8_t stream_bytes[STREAM_BUFFER_SIZE];
};

/* membership_options.c */
/*
 * Takes over what a caller wants, timing included, and checks it. MLB_OK, or
 * MLB_ERROR_INVALID_ARGUMENT with a diagnostic that names the option.
 */
int32_t membership_take_options(const struct mlb_membership_options *given,
                                struct mlb_membership_options *options,
                                struct mlb_membership_timing *timing,
                                struct mlb_diagnostic *diagnostic);
int32_t membership_check_keys(const struct mlb_membership_key *keys, size_t count,
                              struct mlb_diagnostic *diagnostic);
int32_t membership_check_meta(const uint8_t *meta, size_t length,
                              struct mlb_diagnostic *diagnostic);

/* membership_addresses.c */
/* Why no node can have an address, as half a sentence, or NULL where one can. */
const char *membership_address_fault(const struct mlb_address *address);

/* membership_listen.c */
/* Opens the sockets of UDP and TCP. */
int32_t membership_listen(struct mlb_membership *membership, struct mlb_diagnostic *diagnostic);
/* Where the others reach this node. */
int32_t membership_choose_advertised(const struct mlb_membership *membership,
                                     const struct mlb_membership_options *options,
                                     struct membership_endpoint *ret,
                                     struct mlb_diagnostic *diagnostic);

/* membership.c */
/* operation and events of epoll_ctl(2); 0 or a negative errno */
int membership_watch(struct mlb_membership *membership, int operation, int descriptor,
                     uint32_t events, enum membership_source source, uint64_t number);
/* The next dispatch comes at once: it does what a call has brought about. */
void membership_dispatch_soon(struct mlb_membership *membership);

/* membership_datagrams.c */
void membership_receive_packets(struct mlb_membership *membership);
void membership_send_packets(struct mlb_membership *membership);

/* membership_connections.c */
void membership_accept(struct mlb_membership *membership);
/* Something became possible on a connection, or it broke. */
void membership_on_connection(struct mlb_membership *membership, uint64_t number);
/* Does what the core wants of the streams; 0 when it wants more than the limit. */
int membership_run_actions(struct mlb_membership *membership, size_t limit);
/* Closes what lingered long enough, and accepts again. */
void membership_streams_tick(struct mlb_membership *membership);
uint64_t membership_streams_deadline(const struct mlb_membership *membership);
void membership_free_streams(struct mlb_membership *membership);

/* membership_seed_text.c */
/*
 * Reads a seed; one with an address has room for that allocated.
 *
 * @return  MLB_OK, MLB_ERROR_INVALID_ARGUMENT with a diagnostic, MLB_ERROR_NO_MEMORY
 */
int32_t membership_parse_seed(const char *text, uint16_t default_port, struct seed *ret,
                              struct mlb_diagnostic *diagnostic);

/* membership_join.c */
void membership_take_answers(struct mlb_membership *membership);
/* Looks up the names whose time has come, and tells the core what is known by now. */
void membership_seeds_tick(struct mlb_membership *membership);
uint64_t membership_seeds_deadline(const struct mlb_membership *membership);
/* Whether a name waits for its first answer. */
int membership_seeds_wait(const struct mlb_membership *membership);
void membership_free_seeds(struct seed_list *seeds);

/* membership_troubles.c */
/* error is a negative errno; with too little time since the last of its kind nothing is told. */
void membership_trouble(struct mlb_membership *membership, enum trouble_kind kind, int error,
                        const char *action);
void membership_name_trouble(struct mlb_membership *membership, struct seed *seed, int error,
                             const char *reason);
int membership_take_trouble(struct mlb_membership *membership, struct mlb_membership_event *event);
/* The next event of the core. 1 with one, 0 when there is none. */
int membership_take_core_event(struct mlb_membership *membership,
                               struct mlb_membership_event *event);
