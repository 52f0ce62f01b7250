/* SPDX-License-Identifier: MIT */
/* How one Service stands: its addresses, and the nodes that suit it. */
#pragma once

#include "reconcile/landscape.h"

struct standing {
    const struct service *service;
    const struct mlb_address *addresses;
    size_t address_count;
    bool usable;                                       /* it may be announced at all */
    const struct advertisement *const *advertisements; /* those that match it */
    size_t advertisement_count;
    node_word *suitable; /* nodes that may announce it by the first choice of the mode */
    node_word *possible; /* those and the second choice */
    const char *reason;  /* why no node is possible, else NULL */
};

struct standing_context {
    const struct landscape *landscape;
    const struct announcement_options *options;
    struct arena *arena;   /* for what the run alone needs */
    struct arena *results; /* for what its results point to */
};

/* Fills the rest of a standing whose service and addresses are set. Returns 0 or -ENOMEM. */
int standing_judge(const struct standing_context *context, struct standing *standing);
