/* SPDX-License-Identifier: MIT */
/*
 * The election between runs: addresses in groups of equal candidates. Groups keep their identity
 * from run to run as far as they can, so that a node that comes or goes is told once for all
 * addresses of a group, and a run in which nothing changed hashes nothing.
 */
#pragma once

#include <metallb/election.h>

#include "reconcile/node_table.h"

struct group_candidate {
    uint32_t node; /* its number in the table */
    int32_t preference;
};

/* Equal candidates of one run; filled by the caller but for the id. */
struct candidate_group {
    const struct group_candidate *candidates;
    size_t count;
    uint32_t id;
};

struct elected_address {
    struct mlb_address address;
    struct candidate_group *group;
};

struct electorate;

/* Returns NULL without memory. */
struct electorate *electorate_new(void);

void electorate_free(struct electorate *electorate);

/*
 * Sets all addresses (ascending, each once) with their groups (different candidates each, none
 * empty) in place of the former ones. Returns 0, or -ENOMEM with an electorate that only may be
 * freed.
 */
int electorate_set(struct electorate *electorate, const struct node_table *nodes,
                   struct candidate_group *groups, size_t group_count,
                   const struct elected_address *addresses, size_t address_count);

/* Writes the numbers of the owner and the standbys; returns how many. */
size_t electorate_places(const struct electorate *electorate, const struct node_table *nodes,
                         const struct mlb_address *address, uint32_t places[MLB_ELECTION_PLACES]);
