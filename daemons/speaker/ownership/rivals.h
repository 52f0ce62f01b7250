/* SPDX-License-Identifier: MIT */
/*
 * Addresses of this node that others claim on the wire: when it may claim one again, and which it
 * leaves to the other for a while. Decides only; the time is an argument.
 */
#pragma once

#include <metallb/announcer.h>
#include <stdbool.h>
#include <stddef.h>

/* DEFEND_INTERVAL of RFC 5227 §1.1: an address is defended at most once in so many seconds. */
#define RIVALS_DEFEND_SECONDS 10

/* More at once are not defended. */
#define RIVALS_MAX 65536

struct rival {
    struct mlb_address address;
    uint64_t defend_at;                        /* not before */
    uint64_t yield_until;                      /* 0: it is not yielded */
    uint8_t holder[MLB_HARDWARE_ADDRESS_SIZE]; /* to whom */
};

struct rivals {
    struct rival *items; /* ascending by address */
    size_t count;
    size_t capacity;
};

/* Another claims an address: whether something may be done about it now. True at most once in
 * RIVALS_DEFEND_SECONDS for each address, and false without memory. */
bool rivals_may_act(struct rivals *rivals, const struct mlb_address *address, uint64_t now);

/* Leaves an address to the other, known by its hardware address, for RIVALS_DEFEND_SECONDS. Returns
 * 0 or -ENOMEM. */
int rivals_yield(struct rivals *rivals, const struct mlb_address *address, const uint8_t *holder,
                 uint64_t now);

/* Whether an address is left to another. */
bool rivals_has(const struct rivals *rivals, const struct mlb_address *address);

/* Yields nothing any more to holders who see the election as this node does by now; agrees NULL:
 * all of them. Tells whether anything was yielded. */
bool rivals_agree(struct rivals *rivals, bool (*agrees)(void *context, const uint8_t *holder),
                  void *context);

/* Yields no longer what is settled, since the election gives it to another by now. */
void rivals_settle(struct rivals *rivals, bool (*is_settled)(void *, const struct mlb_address *),
                   void *context);

/* Forgets what is over; ended tells whether an address is yielded no longer. Returns when more is
 * due. */
uint64_t rivals_expire(struct rivals *rivals, uint64_t now, bool *ended);

void rivals_clear(struct rivals *rivals);
