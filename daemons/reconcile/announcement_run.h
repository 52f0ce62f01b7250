/* SPDX-License-Identifier: MIT */
/*
 * One run of the announcement reconciler: from objects and live nodes to ballots, from these to the
 * election, and to the results that the caller gets.
 */
#pragma once

#include "reconcile/announcements.h"
#include "reconcile/ballots.h"

struct announcement_reconciler {
    struct announcement_options options;
    char *load_balancer_class;
    char *node_name;
    struct node_table nodes;
    struct electorate *electorate;
    struct arena arena; /* what the last results point to */
    struct arena claims_arena;
    struct claims claims;       /* of the objects of the last run */
    uint64_t claims_generation; /* of these objects; 0: none */
    const struct address_decision *decisions;
    const struct contest *contests; /* of the decisions */
};

/* What the ranking of an address follows from. */
struct contest {
    struct mlb_address key;
    const struct candidate_group *group; /* NULL: nobody stands for election */
};

/* One run: what becomes the reconciler's once it succeeded, and what is needed no longer then. */
struct announcement_run {
    struct announcement_reconciler *reconciler;
    struct arena *arena;
    struct arena *results;
    struct arena claims_arena; /* of claims that were made for this run */
    struct claims claims;
    struct landscape landscape;
    struct ballots ballots;
    struct address_decision *decisions;
    struct contest *contests;
    struct candidate_group *groups; /* those of the ballots */
    struct announcement_warning *warnings;
    size_t warning_count;
};

/* Makes decisions and warnings of the ballots, once the electorate knows them. Returns 0 or
 * -ENOMEM. */
int announcement_results_make(struct announcement_run *run);
