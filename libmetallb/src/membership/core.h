/* SPDX-License-Identifier: MIT */
/*
 * What the files of this directory share. Rules are quoted by the number of their section in the
 * description of memberlist's state machine ("7.2": what an alive message does).
 *
 * What a message makes necessary beside its own rule is noted, and done by membership_settle() at
 * the end of the call.
 */
#pragma once

#include "base/deadline_heap.h"
#include "base/hash_table.h"
#include "base/list.h"
#include "base/random.h"
#include "membership/broadcast_queue.h"
#include "membership/membership.h"

#define MILLISECOND UINT64_C(1000000)

/* Largest message of ours that is gossiped: names of 255 bytes, meta data of 512, and room. */
#define MESSAGE_MAX 1400

/* User messages longer than this go by stream, so that a packet has room for others beside one. */
#define GOSSIPED_FACTS_MAX 1024

/* Packets that wait to be sent; more are dropped, as a network does. */
#define PACKETS_MAX 4096

/* Indirect probes for others that run at a time. */
#define RELAYS_MAX 256

/* Streams for own facts, and for seeds, that run at a time. */
#define FACTS_STREAMS_MAX 8
#define SEED_STREAMS_MAX  8

/* Greatest incarnation of which a member may be accused; those above are kept free for refuting. */
#define INCARNATION_MAX (UINT32_MAX - (1u << 20))

/* Greatest version of facts that is taken, which nobody reaches by counting. */
#define FACTS_VERSION_MAX (UINT64_MAX >> 1)

enum timer_kind {
    TIMER_PROBE,         /* the next probe is due */
    TIMER_PROBE_TIMEOUT, /* the probed member did not answer directly */
    TIMER_PROBE_END,     /* nor by any other way */
    TIMER_GOSSIP,
    TIMER_PUSH_PULL,
    TIMER_SEEDS,
    TIMER_LISTEN,   /* input counts again after a stall */
    TIMER_RECOVERY, /* the group does not answer after a stall */
    TIMER_LEAVE,    /* the leave has been told for long enough */
    TIMER_FIXED,    /* number of those above, which each core has once */
    TIMER_SUSPICION,
    TIMER_STREAM,
    TIMER_RELAY,
};

struct timer {
    struct deadline deadline;
    enum timer_kind kind;
};

/* Why a member may be dead, and until when it may show that it is not (7.4). */
struct suspicion {
    struct timer timer;
    struct list link; /* in membership.suspicions */
    struct member *member;
    uint64_t start;
    uint64_t least;
    uint64_t most;
    uint32_t wanted;        /* confirmations that shorten it to the least */
    uint32_t confirmations; /* so far */
    uint64_t accusers[];    /* hashes of names: the first one and those who confirmed */
};

struct facts {
    uint64_t version;
    uint16_t length;
    uint8_t visible; /* 0: from before the member failed or left */
    uint8_t bytes[];
};

struct member {
    struct hash_node node;
    uint64_t changed; /* when its state changed */
    struct suspicion *suspicion;
    struct facts *facts;
    uint8_t *meta;
    uint32_t incarnation;
    uint16_t meta_length;
    uint16_t port;
    uint8_t address[16]; /* as it was received */
    uint8_t address_length;
    uint8_t state;             /* MLB_MEMBER_* */
    uint8_t owed : 1;          /* the own facts are to be sent to it by stream */
    uint8_t listed : 1;        /* in the state of a peer that is being merged */
    uint8_t ignores_facts : 1; /* of another kind: its last full exchange had none */
    uint8_t name_length;
    uint8_t versions[6];
    char name[]; /* with a NUL */
};

struct member_table {
    struct hash_table table;
    struct member **sorted; /* by name */
    struct member **order;  /* of probes */
    size_t count;
    size_t capacity;
    size_t states[4]; /* members by state */
};

struct packet {
    struct list link;
    struct membership_endpoint target;
    uint8_t checksum;
    uint8_t piggyback; /* enum piggyback */
    uint16_t lengths[2];
    uint8_t bytes[];
};

/* The one probe that runs (7.8). */
struct probe {
    struct member *target; /* NULL: none runs */
    size_t position;       /* in the order */
    uint32_t sequence;
    uint32_t nacks_expected;
    uint32_t nacks_received;
    uint64_t end;
    uint64_t next;  /* when the next one is due */
    uint8_t missed; /* one was due meanwhile */
    uint8_t stream_answered;
};

/* A probe that somebody else asked for. */
struct relay {
    struct timer timer;
    struct list link;
    struct membership_endpoint asker;
    uint32_t asker_sequence;
    uint32_t sequence;
    uint8_t nack;
};

enum stream_purpose {
    STREAM_ACCEPTED,
    STREAM_PERIODIC, /* full exchanges, and why */
    STREAM_SEED,
    STREAM_REPEAT,
    STREAM_RECOVERY,
    STREAM_SUSPECT, /* only what the peer says of itself counts */
    STREAM_PING,
    STREAM_FACTS,
};

struct stream {
    struct list link;    /* in membership.streams, or in closing */
    struct list actions; /* in membership.actions while there is one */
    struct timer timer;
    uint64_t number;
    struct membership_endpoint peer;
    uint64_t deadline; /* for all of it; without a sign of the peer it may end sooner */
    struct seal_stream *input;
    size_t received; /* bytes */
    uint8_t *bytes;  /* to be sent */
    size_t length;
    enum stream_purpose purpose;
    uint8_t connect; /* actions to be told */
    uint8_t close;
};

struct seed {
    struct membership_endpoint endpoint;
    struct member *member; /* who was found there last, or NULL */
    uint8_t due;           /* to be tried in this round */
    uint8_t running;
    uint8_t tried;       /* in vain, since anybody answered */
    uint64_t self_until; /* this node itself was found there: not tried before */
};

struct seeds {
    struct seed *items;
    size_t count;
    size_t cursor;
    size_t running;
    size_t due;
};

/* After a stall, or once others took this node for dead. */
struct recovery {
    uint64_t resumed;  /* when the last stall was found */
    uint32_t attempts; /* to ask somebody */
    uint8_t wanted;    /* begin it at the end of this call */
    uint8_t runs;
    uint8_t outdated; /* others may have forgotten members meanwhile, as after a long stall */
    uint8_t quiet;    /* without events: no stall, but a return */
};

struct leave {
    uint8_t left;
    uint8_t told;    /* written by the broadcast queue */
    uint8_t waiting; /* for DEPARTED */
};

struct event;

struct events {
    struct hash_table table;
    struct list pending;
    size_t most;
    uint8_t lost;
};

struct membership {
    struct seal *seal;
    struct mlb_membership_timing timing;
    uint8_t versions[6];
    uint8_t has_keys;
    uint64_t now;
    struct random random;
    uint64_t hash_seed;
    uint64_t instance; /* tells this object from others of its name */
    size_t members_max;

    struct deadline_heap deadlines;
    size_t timer_count;
    struct timer timers[TIMER_FIXED];

    struct member_table members;
    struct member *self;
    uint64_t facts_version; /* the least that the next own facts may have */
    size_t owed;            /* members to which the own facts are to be sent */
    size_t owed_cursor;
    size_t facts_streams;

    struct broadcast_queue broadcasts;
    struct broadcast_queue user_broadcasts;
    uint64_t gossiped; /* when the last round was */
    uint8_t gossiped_once;

    struct list packets;
    size_t packet_count;

    struct list suspicions;
    struct probe probe;
    struct list relays;
    size_t relay_count;
    uint32_t sequence;
    uint32_t health; /* 7.9 */

    struct list streams;
    struct list closing;
    struct list actions;
    size_t accepted_count;
    size_t accepted_bytes; /* received on those */
    size_t stream_count;
    uint64_t next_stream;
    uint64_t next_complaint; /* when a peer may be told of an error again */
    uint8_t *given;          /* bytes of the last action */

    struct seeds seeds;
    struct recovery recovery;
    uint8_t deaf; /* drops input */
    struct leave leave;
    uint64_t next_conflict; /* when a rival for the own name is answered again */
    uint64_t next_reminder; /* when an accuser is told again that it was refuted */
    struct events events;
    struct mlb_membership_statistics statistics;
};

/* membership.c */

/* Sets or (MEMBERSHIP_NEVER) stops a timer. */
void timer_set(struct membership *core, struct timer *timer, uint64_t time);

/* Makes room for one more timer; MLB_OK, MLB_ERROR_NO_MEMORY. */
int32_t timer_new(struct membership *core, struct timer *timer, enum timer_kind kind);
void timer_free(struct membership *core, struct timer *timer);

/* Does what messages made necessary; at the end of each call that takes some. */
void membership_settle(struct membership *core);

static inline uint64_t milliseconds(uint64_t count)
{
    return count * MILLISECOND;
}

/* A duration of a tenth more or less, by chance. */
uint64_t membership_jitter(struct membership *core, uint64_t duration);

/* checks.c: what is taken from a peer */

int name_is_valid(struct span name);
int name_is_own(const struct membership *core, struct span name);
int address_is_valid(struct span address);
int versions_are_compatible(const struct membership *core, struct span versions);
int node_is_valid(const struct membership *core, const struct memberlist_node *node);
struct mlb_address address_of_span(struct span bytes);

/* member_table.c */

int32_t member_table_init(struct member_table *table);
void member_table_free(struct member_table *table);
struct member *member_find(const struct membership *core, struct span name);

/* Adds a member, failed and of incarnation 0 yet (7.2.4); NULL without memory or when full. */
struct member *member_add(struct membership *core, const struct memberlist_node *node);

/* MLB_OK, MLB_ERROR_NO_MEMORY. */
int32_t member_set_meta(struct member *member, struct span meta);

/* Takes over address, port, meta data and versions; MLB_OK, MLB_ERROR_NO_MEMORY. */
int32_t member_describe(struct member *member, const struct memberlist_node *node);

void member_set_state(struct membership *core, struct member *member, uint8_t state);

/* Forgets those that failed or left long ago, and shuffles the order of probes (7.6). */
void member_table_reap(struct membership *core);

struct membership_endpoint member_endpoint(const struct member *member);
struct span member_name(const struct member *member);
int member_is_at(const struct member *member, const struct membership_endpoint *endpoint);
int endpoints_are_equal(const struct membership_endpoint *a, const struct membership_endpoint *b);

typedef int (*member_filter)(const struct membership *core, const struct member *member);

/* Up to `want` different members by chance that pass a filter; never self and never `except`. */
size_t members_pick(struct membership *core, member_filter filter, const struct member *except,
                    struct member **picked, size_t want);
int member_is_alive(const struct membership *core, const struct member *member);
int member_is_in_group(const struct membership *core, const struct member *member);

/* Members in the sense of 7.15: alive or suspect. */
static inline int member_is_visible(const struct member *member)
{
    return member->state == MLB_MEMBER_ALIVE || member->state == MLB_MEMBER_SUSPECT;
}

static inline int member_understands(const struct member *member, uint8_t protocol)
{
    return member->versions[1] >= protocol;
}

/* What a member is, as an alive message or an entry of a full exchange. */
struct memberlist_node member_node(const struct member *member);

/* packets.c */

/* With what a packet is filled up. */
enum piggyback {
    PIGGYBACK_NOTHING,
    PIGGYBACK_NEWS, /* of members */
    PIGGYBACK_ALL,  /* and user messages */
};

/* Members that ignore facts get none: what is told to them counts, and would be told to nobody. */
static inline enum piggyback member_piggyback(const struct member *member)
{
    return member->ignores_facts ? PIGGYBACK_NEWS : PIGGYBACK_ALL;
}

/* Lets a packet of one or two messages wait; is dropped when too many wait. */
void packet_push(struct membership *core, const struct membership_endpoint *target,
                 const struct writer *first, const struct writer *second, int checksum,
                 enum piggyback piggyback);
/* A packet of nothing but gossip. */
void packet_push_gossip(struct membership *core, const struct member *member);
void packets_free(struct membership *core);

/* input.c */

/* A user message, its type byte first. */
void input_user_message(struct membership *core, struct span message);

/* verdicts.c */

void verdict_alive(struct membership *core, const struct memberlist_node *node);
void verdict_suspect(struct membership *core, const struct memberlist_verdict *verdict);
void verdict_dead(struct membership *core, const struct memberlist_verdict *verdict);

/* Tells all that this node is alive, in the next incarnation. */
void verdict_announce_self(struct membership *core);

/* suspicion.c */

uint64_t suspicion_least(const struct mlb_membership_timing *timing, size_t members);
/* What is left of a suspicion after `elapsed`; 0 when it is over. */
uint64_t suspicion_left(uint64_t least, uint64_t most, uint32_t wanted, uint32_t confirmations,
                        uint64_t elapsed);
/* Without memory there is no timer, and the next accusation tries again. */
void suspicion_begin(struct membership *core, struct member *member, struct span accuser);
/* 1 if the accuser is a new one. */
int suspicion_confirm(struct membership *core, struct suspicion *suspicion, struct span accuser);
void suspicion_end(struct membership *core, struct member *member);
void suspicion_fire(struct membership *core, struct suspicion *suspicion);
/* Time in which nothing could be heard does not count. */
void suspicions_extend(struct membership *core, uint64_t duration);

/* probe.c */

void probe_start(struct membership *core);
void probe_due(struct membership *core);
void probe_timeout(struct membership *core);
void probe_end(struct membership *core);
void probe_ack(struct membership *core, uint32_t sequence);
void probe_stream_ack(struct membership *core, uint32_t sequence);
void probe_nack(struct membership *core, uint32_t sequence);
/* Ends the probe without a verdict. */
void probe_abandon(struct membership *core);
void probe_build_ping(const struct membership *core, struct writer *writer, struct span node,
                      uint32_t sequence);

/* awareness.c */

void awareness_add(struct membership *core, int32_t change);
uint64_t awareness_scale(const struct membership *core, uint64_t duration);

/* relay.c */

void relay_begin(struct membership *core, const struct membership_endpoint *source,
                 const struct memberlist_indirect_ping *message);
/* 1 if the acknowledgement was for a relayed probe. */
int relay_ack(struct membership *core, uint32_t sequence);
void relay_timeout(struct membership *core, struct relay *relay);
void relays_free(struct membership *core);

/* Where to answer: the address that a message names, else where it came from. */
struct membership_endpoint answer_endpoint(struct span address, uint16_t port,
                                           const struct membership_endpoint *source);

/* gossip.c */

/* Lets a message about a member be gossiped. */
void gossip_put(struct membership *core, const struct member *member, const struct writer *message,
                uint8_t *told);
void gossip_put_user(struct membership *core, const struct member *member,
                     const struct writer *message);
/* In a small group tells each member a message about this node directly, once, beside the gossip,
 * which by chance can pass a member by. */
void gossip_tell_all(struct membership *core, const struct writer *message);
void gossip_round(struct membership *core);
/* Transmissions of each message (7.10). */
uint32_t gossip_limit(uint32_t multiplier, size_t members);

/* push_pull.c */

void push_pull_start(struct membership *core);
void push_pull_due(struct membership *core);
uint64_t push_pull_scale(uint64_t interval, size_t members);
/* MLB_OK, MLB_ERROR_NO_MEMORY; opens a stream for a full exchange. */
int32_t push_pull_dial(struct membership *core, const struct membership_endpoint *target,
                       enum stream_purpose purpose);
/*
 * The peer's state came in on a stream; whoever dialled us is answered.
 *
 * @return  MLB_OK, MLB_ERROR_MALFORMED, MLB_ERROR_NO_MEMORY, MLB_ERROR_SYSTEM, MLB_ERROR_EXISTS
 * (the peer is this node itself), MLB_ERROR_UNSUPPORTED (it speaks other versions)
 */
int32_t push_pull_input(struct membership *core, struct stream *stream, struct span message);
/* A dialled exchange is over: told to whoever wanted it. */
void push_pull_finished(struct membership *core, enum stream_purpose purpose,
                        const struct membership_endpoint *peer, int32_t result);
/* Nobody confirmed for long what is known of the others: each must show that it is alive. */
void push_pull_suspect_all(struct membership *core);
/* Tells one node at once that this one is alive. */
void push_pull_tell_alive(struct membership *core, const struct membership_endpoint *target);

/* streams.c */

/* Opens a stream and seals what is sent on it; NULL without memory. */
struct stream *stream_dial(struct membership *core, const struct membership_endpoint *target,
                           enum stream_purpose purpose, const uint8_t *message, size_t length,
                           uint64_t deadline);
/* Seals a message to be sent on a stream. MLB_OK, or an error with nothing to be sent. */
int32_t stream_send(struct membership *core, struct stream *stream, const uint8_t *message,
                    size_t length);
/* Nothing more is heard from it; closed once what is to be sent is sent. */
void stream_end(struct membership *core, struct stream *stream);
void stream_timeout(struct membership *core, struct stream *stream);
void streams_end_pings(struct membership *core);
void streams_free(struct membership *core);

/* seeds.c */

void seeds_due(struct membership *core);
/* Tries those that are due, as many at a time as may be. */
void seeds_continue(struct membership *core);
void seeds_finished(struct membership *core, const struct membership_endpoint *endpoint,
                    int32_t result);
void seeds_stop(struct membership *core);
void seeds_restart(struct membership *core);
/* Somebody answered: those that did not are tried anew. */
void seeds_answered(struct membership *core);
void seeds_forget(struct membership *core, const struct member *member);

/* facts.c */

/* Bytes of the user state in a full exchange, and the state itself: of all members or self alone.
 */
size_t facts_state_size(const struct membership *core, int self_only);
void facts_build_state(const struct membership *core, struct writer *writer, int self_only);
/* Whether the user state of a peer is that of this object itself. */
int facts_is_own_state(const struct membership *core, struct span state);
/* Whether a user state is of our kind. */
int facts_are_in(struct span state);
void facts_input_state(struct membership *core, struct span state);
/* The members at an endpoint sent a state without. One that has published facts is of our kind and
 * only did not know that of us. */
void facts_are_ignored(struct membership *core, const struct membership_endpoint *endpoint);
/* Whether the members at an endpoint are known to ignore them. */
int facts_are_in_vain(const struct membership *core, const struct membership_endpoint *endpoint);
/* They vanish from view while the member is gone. */
void facts_hide(struct member *member);
void facts_publish(struct membership *core);
/* Own facts that are too long to be gossiped are owed to a member. */
void facts_owe(struct membership *core, struct member *member);
/* Own facts go to a member that is new to us where gossip does not bring them: long ones, and in a
 * group with members of other kinds, one of which may have told it of the group. */
void facts_greet(struct membership *core, struct member *member);
void facts_settle(struct membership *core);

/* stall.c */

/* What queued up during a stall is gone by now. */
void stall_listen(struct membership *core);

/* Looks whether `now` is far behind what was due; 1 if that is a stall. */
int stall_check(struct membership *core, uint64_t now);
/* Others take this node for dead: it asks the group, unless it does so already. */
void recovery_want(struct membership *core);
void recovery_settle(struct membership *core);
void recovery_finished(struct membership *core, int32_t result);
void recovery_timeout(struct membership *core);

/* leave.c */

void leave_settle(struct membership *core);
void leave_timeout(struct membership *core);

/* events.c */

int32_t events_init(struct events *events, size_t most);
void events_free(struct events *events);
void event_member(struct membership *core, uint32_t kind, const struct member *member);
/* About a node at an address: CONFLICT with the name that it claims, or SYNCHRONIZED. */
void event_at(struct membership *core, uint32_t kind, struct span name,
              const struct membership_endpoint *endpoint);
void event_plain(struct membership *core, uint32_t kind, int32_t code, const char *detail);
