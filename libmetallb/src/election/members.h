/* SPDX-License-Identifier: MIT */
#pragma once

#include "election/places.h"

/* The candidates of a group, ordered by node; zeroed memory is an empty set. */
struct members {
    struct member *member;
    size_t count;
};

/*
 * Makes the set of some candidates, with a reference to each node.
 *
 * @return  MLB_OK, MLB_ERROR_INVALID_ARGUMENT for a bad name or one that stands twice,
 *          MLB_ERROR_NO_MEMORY
 */
int32_t members_make(struct hash_table *nodes, const struct mlb_candidate *candidates, size_t count,
                     struct members *members, struct mlb_diagnostic *diagnostic);

/* Gives the references back and empties the set. */
void members_free(struct hash_table *nodes, struct members *members);

/*
 * Compares two sets: marks the nodes that left or have another preference as disturbed, and writes
 * the members that joined or have another preference.
 *
 * @param offers  room for as many members as the new set has
 * @return        how many offers there are
 */
size_t members_compare(const struct members *old, const struct members *new, struct member *offers);

/* Takes the marks of members_compare() away. */
void members_settle(const struct members *old);
