/* SPDX-License-Identifier: MIT */
/*
 * The decisions of membership: whom to probe, whom to believe, what to tell whom and when, without
 * I/O, clock or randomness. Whoever owns the sockets drives it:
 *
 *     input, tick or any other change -> output until 0 -> next_action until 0 ->
 *     next_event until 0 -> deadline
 *
 * Every `now` is monotonic nanoseconds of the caller's clock; one that goes back counts as the
 * latest seen. Bytes given are copied. A call that fails changes nothing. An object belongs to one
 * thread at a time.
 *
 * Streams (TCP) are numbers: even ones are opened by the core (MEMBERSHIP_STREAM_CONNECT), odd ones
 * are accepted by the caller, who counts them up. A number is never used again.
 */
#pragma once

#include <metallb/membership.h>

#include "membership/seal.h"

/* No deadline. */
#define MEMBERSHIP_NEVER UINT64_MAX

/* Most members remembered, by default; what comes beyond is refused and counted. */
#define MEMBERSHIP_MEMBERS_MAX 10000

/* Most streams at a time that peers opened, in all and from one address; beyond it the oldest of
 * all is given up, or the new one of that address refused. */
#define MEMBERSHIP_STREAMS_MAX          128
#define MEMBERSHIP_STREAMS_PER_PEER_MAX 8

/* Most bytes that wait in them for what is missing; beyond it the largest is given up. */
#define MEMBERSHIP_STREAMS_BYTES_MAX (64u * 1024 * 1024)

struct membership;

struct membership_endpoint {
    struct mlb_address address;
    uint16_t port;
};

struct membership_options {
    const char *name;
    const char *label; /* NULL: none */
    const struct mlb_membership_key *keys;
    size_t key_count;
    const uint8_t *meta;
    size_t meta_length;
    struct mlb_membership_timing timing;
    struct membership_endpoint advertise; /* where the others reach this node */
    uint8_t delegate_versions[3];
    uint32_t flags;         /* MLB_MEMBERSHIP_NO_COMPRESSION */
    size_t members_max;     /* 0: MEMBERSHIP_MEMBERS_MAX */
    uint64_t seed;          /* of all choices by chance */
    uint64_t facts_version; /* first version of own facts: greater than in any run before */
    int (*entropy)(void *context, uint8_t *bytes, size_t length); /* as in struct seal_options */
    void *entropy_context;
};

/* MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY. */
int32_t membership_new(const struct membership_options *options, uint64_t now,
                       struct membership **ret);

/* NULL is ignored. */
void membership_free(struct membership *core);

/* Takes a packet (UDP). */
void membership_input(struct membership *core, uint64_t now,
                      const struct membership_endpoint *source, const uint8_t *bytes,
                      size_t length);

/*
 * Writes the next packet to send.
 *
 * @param buffer  room for SEAL_PACKET_MAX bytes; with less nothing is written
 * @return        the bytes of the packet; 0 when there is none now
 */
size_t membership_output(struct membership *core, uint64_t now, uint8_t *buffer, size_t capacity,
                         struct membership_endpoint *target);

/* What the caller has to do with streams. */
enum membership_action_kind {
    MEMBERSHIP_STREAM_CONNECT, /* open a stream of this number to target */
    MEMBERSHIP_STREAM_SEND,    /* send bytes, all of them, as soon as it is connected */
    MEMBERSHIP_STREAM_CLOSE,   /* close it once what was to be sent is sent */
};

struct membership_action {
    enum membership_action_kind kind;
    uint64_t stream;
    struct membership_endpoint target; /* CONNECT */
    const uint8_t *bytes;              /* SEND; valid until the next call of any function */
    size_t length;
};

/* 1 with an action, 0 when there is none. */
int membership_next_action(struct membership *core, struct membership_action *action);

/* A peer opened a stream. MLB_OK, or MLB_ERROR_EXHAUSTED: it has too many open, or there is no
 * memory; close it. */
int32_t membership_stream_accepted(struct membership *core, uint64_t now, uint64_t stream,
                                   const struct membership_endpoint *peer);

/* Bytes came in on a stream; unknown numbers are ignored, as below. */
void membership_stream_input(struct membership *core, uint64_t now, uint64_t stream,
                             const uint8_t *bytes, size_t length);

/* A stream ended, or could not be opened. Streams that the core closed are not told. */
void membership_stream_closed(struct membership *core, uint64_t now, uint64_t stream);

/*
 * When to call membership_tick() at the latest. A tick that comes much later is taken for a stall
 * of the process: nobody is accused for what was not heard meanwhile.
 */
uint64_t membership_deadline(const struct membership *core);

/* Does what is due at `now`. */
void membership_tick(struct membership *core, uint64_t now);

/*
 * Whether packets that wait are to be dropped unread: true from the tick that found a stall until
 * the next deadline, so that what queued up meanwhile is not taken for news.
 */
int membership_drops_input(const struct membership *core);

/* Takes the next event; struct_size is left as it is. 1 with an event, 0 when there is none. */
int membership_next_event(struct membership *core, struct mlb_membership_event *event);

/*
 * Sets the addresses of the seeds. Seeds at the own address do not count, and with none that does
 * the silence of all is told at once.
 *
 * @return  MLB_OK, MLB_ERROR_NO_MEMORY
 */
int32_t membership_set_seeds(struct membership *core, uint64_t now,
                             const struct membership_endpoint *seeds, size_t count);

/* As the public calls of these names. */
int32_t membership_leave(struct membership *core, uint64_t now, uint64_t timeout);
int32_t membership_return(struct membership *core, uint64_t now);
int32_t membership_set_keys(struct membership *core, const struct mlb_membership_key *keys,
                            size_t count);
int32_t membership_set_meta(struct membership *core, uint64_t now, const uint8_t *meta,
                            size_t length);
int32_t membership_set_facts(struct membership *core, uint64_t now, const uint8_t *facts,
                             size_t length);
int32_t membership_member(const struct membership *core, size_t position,
                          struct mlb_member *member);
int32_t membership_find(const struct membership *core, const char *name, struct mlb_member *member);
int32_t membership_facts(const struct membership *core, const char *name, uint8_t *facts,
                         size_t capacity, size_t *length, uint64_t *version);
/* packets and bytes too: they are counted by input and output. */
void membership_statistics(const struct membership *core,
                           struct mlb_membership_statistics *statistics);

/* Values of a profile; MLB_ERROR_INVALID_ARGUMENT for an unknown one. */
int32_t membership_timing_init(uint32_t profile, struct mlb_membership_timing *timing);

/* A value that is out of bounds. */
struct timing_fault {
    const char *name;
    char text[128]; /* names it, and says what it is and what it can be */
};

/* MLB_OK, or MLB_ERROR_INVALID_ARGUMENT with the first fault, which may be NULL. */
int32_t membership_timing_check(const struct mlb_membership_timing *timing,
                                struct timing_fault *fault);
