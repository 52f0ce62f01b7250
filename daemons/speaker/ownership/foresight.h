/* SPDX-License-Identifier: MIT */
/*
 * Elections as if a member could announce everywhere: what its claim of an address on the wire
 * shows, before it is known from what it says. They are held seldom and kept for all its claims.
 */
#pragma once

#include "reconcile/announcements.h"

struct foresight {
    struct announcement_reconciler *reconciler; /* NULL: nothing is foreseen */
    struct announcements decisions;
    char *member; /* who is taken to be able */
    uint64_t at;  /* when it was last foreseen */
};

enum foreseen {
    FORESEEN_NOTHING, /* not now: the last election of this kind was a moment ago */
    FORESEEN_OWNER,   /* the member would own the address */
    FORESEEN_OTHER,   /* another node would */
};

/* To be called when anything changed that an election asks for: what is kept is old then. */
void foresight_forget(struct foresight *foresight);

/*
 * Tells whether a member would own an address if it were able and ready.
 *
 * @param rules  those of the real elections
 * @param input  those who live; the member may be one of them
 */
enum foreseen foresight_ask(struct foresight *foresight, const struct announcement_options *rules,
                            const struct announcement_input *input, const char *member,
                            const struct mlb_address *address, uint64_t now);

void foresight_clear(struct foresight *foresight);
