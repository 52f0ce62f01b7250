/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/election.h>

#include "election/node.h"
#include "election/rank.h"

/* A candidate of a group. */
struct member {
    struct node *node;
    int32_t preference;
};

struct place {
    struct node *node;
    struct rank rank;
};

/* The first places of an address, in order. */
struct places {
    size_t count;
    struct place place[MLB_ELECTION_PLACES];
};

/* Gives a member that has no place the one it wins for an address, if any: at most one digest. */
void places_offer(struct places *places, const struct member *member, const char *text,
                  size_t length);

/* Fills the places of an address anew from all members. */
void places_decide(struct places *places, const struct member *members, size_t count,
                   const char *text, size_t length);

/* 1 if a node with a place is marked as disturbed. */
int places_disturbed(const struct places *places);

/* 1 if the same nodes stand in the same order. */
int places_equal(const struct places *a, const struct places *b);
