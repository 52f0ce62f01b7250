/* SPDX-License-Identifier: MIT */
/*
 * When this node may answer at all: what it waits for at its start, what it does when it stood
 * still, drains or ends. It decides only; what happens is told by the caller, time included.
 */
#pragma once

#include <stdbool.h>

enum lifecycle_state {
    LIFECYCLE_STARTING,         /* does not know enough yet to answer */
    LIFECYCLE_STARTING_DRAINED, /* the same, to be drained afterwards */
    LIFECYCLE_RUNNING,
    LIFECYCLE_DRAINING, /* told the others to take over, and answers until they do */
    LIFECYCLE_DRAINED,  /* owns only what nobody else can */
    LIFECYCLE_STALLED,  /* stood still: what it believes is old, so it is silent */
    LIFECYCLE_STALLED_DRAINED,
    LIFECYCLE_LEAVING, /* told the others that it goes, and answers until they take over */
    LIFECYCLE_ENDING,  /* answers no more, delivers still */
};
#define LIFECYCLE_STATE_COUNT 9

enum lifecycle_event {
    LIFECYCLE_STARTED, /* by lifecycle_learn() alone */
    LIFECYCLE_STALL,
    LIFECYCLE_RECOVERY,
    LIFECYCLE_DRAIN,
    LIFECYCLE_UNDRAIN,
    LIFECYCLE_HANDED_OVER, /* the others answer by now, or had the time to */
    LIFECYCLE_TERMINATE,
};
#define LIFECYCLE_EVENT_COUNT 7

/* What a node must know before it answers. */
enum lifecycle_knowledge {
    LIFECYCLE_CONFIGURATION = 1, /* all of it could be read */
    LIFECYCLE_LINKS = 2,         /* one at least is up */
    LIFECYCLE_GROUP = 4,         /* full state was exchanged, or there is nobody to do so with */
};
#define LIFECYCLE_ALL 7u

struct lifecycle {
    enum lifecycle_state state;
    unsigned missing; /* bits of enum lifecycle_knowledge */
};

/* Begins; missing is what has to be learnt first, 0 for nothing: then it runs at once. */
void lifecycle_init(struct lifecycle *lifecycle, unsigned missing);

/* Takes an event; tells whether the state changed. One that does not fit the state changes
 * nothing. */
bool lifecycle_take(struct lifecycle *lifecycle, enum lifecycle_event event);

/* Something missing is known now, or is waited for no longer; tells whether the state changed. */
bool lifecycle_learn(struct lifecycle *lifecycle, unsigned known);

/* Whether it may answer for the addresses that it owns. */
bool lifecycle_answers(const struct lifecycle *lifecycle);

/* Whether the others may give it addresses, and whether only if there is nobody else. */
bool lifecycle_is_ready(const struct lifecycle *lifecycle);
bool lifecycle_drains(const struct lifecycle *lifecycle);

/* Whether others are taking over what it still answers for. */
bool lifecycle_hands_over(const struct lifecycle *lifecycle);

/* Whether it ends. */
bool lifecycle_ends(const struct lifecycle *lifecycle);

/* One word for people. */
const char *lifecycle_name(const struct lifecycle *lifecycle);
