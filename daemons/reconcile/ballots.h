/* SPDX-License-Identifier: MIT */
/* What is to be decided in one run: for each address its candidates, but for their ranking, which
 * the electorate gives. */
#pragma once

#include "reconcile/claims.h"
#include "reconcile/electorate.h"
#include "reconcile/standing.h"

/* An address with all that is needed to rank its candidates. */
struct ballot {
    struct mlb_address address;
    struct mlb_address key; /* the address that is hashed: another one only as MetalLB elects */
    struct standing **standings;
    size_t standing_count;
    const struct advertisement *const *advertisements; /* those that count for it */
    size_t advertisement_count;
    struct candidate_group *group; /* NULL: nobody stands for election */
    const char *reason;            /* then, why */
    const char *warning;           /* or NULL */
};

struct ballots {
    struct ballot *items; /* by address */
    size_t count;
    struct candidate_group *groups;
    size_t group_count;
    const struct announcement_warning *notes; /* of services whose request cannot be granted */
    size_t note_count;
};

/* Returns 0 or -ENOMEM. */
int ballots_make(const struct standing_context *context, const struct claims *claims,
                 struct ballots *ballots);
