/* SPDX-License-Identifier: MIT */
/*
 * The keys of the group while its secret is replaced: the present one encrypts, and those before it
 * are accepted for a while, because the others read their files a little earlier or later. Decides
 * only; the time is an argument.
 */
#pragma once

#include <metallb/membership.h>
#include <stdbool.h>

/* How long a former key is accepted, in seconds. */
#define KEY_RING_KEEP_SECONDS 60

struct key_ring {
    struct mlb_membership_key keys[MLB_MEMBERSHIP_KEYS_MAX]; /* the present one first */
    uint64_t retire_at[MLB_MEMBERSHIP_KEYS_MAX];             /* of the former ones */
    size_t count;                                            /* zero-initialized: none */
};

/* Makes a key the present one; tells whether the ring changed. */
bool key_ring_use(struct key_ring *ring, const struct mlb_membership_key *key, uint64_t now);

/* Drops former keys whose time is over; tells whether there were any. */
bool key_ring_expire(struct key_ring *ring, uint64_t now);
