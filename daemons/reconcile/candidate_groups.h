/* SPDX-License-Identifier: MIT */
/* Addresses with the same candidates and preferences share one group of them. */
#pragma once

#include "reconcile/electorate.h"
#include "reconcile/standing.h"

/* What the candidates of an address and their preferences follow from. */
struct candidate_group_key {
    const node_word *possible;
    const node_word *suitable;
    const struct advertisement *const *advertisements;
    size_t advertisement_count;
};

struct candidate_group_slot;

struct candidate_groups {
    const struct standing_context *context;
    struct candidate_group *items;
    size_t count;
    struct candidate_group_slot *slots; /* open addressing */
    size_t slot_count;                  /* a power of two */
};

/* Makes room for so many groups. Returns 0 or -ENOMEM. */
int candidate_groups_init(struct candidate_groups *groups, const struct standing_context *context,
                          size_t count);

/* The group of a key, which has to stay as it is; NULL without memory. */
struct candidate_group *candidate_groups_get(struct candidate_groups *groups,
                                             const struct candidate_group_key *key);
