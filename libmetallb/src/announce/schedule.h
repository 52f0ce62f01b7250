/* SPDX-License-Identifier: MIT */
/*
 * When one address is told to one LAN: a set of frames at once, then one each interval until the
 * duration since the last cause is over, then, if wanted, a slow refresh. The first set is sent
 * whenever its turn comes; a repeat that got no turn before the next one is due, or before the
 * repeats are over, is dropped.
 */
#pragma once

#include <stdint.h>

#define SCHEDULE_NEVER UINT64_MAX

enum schedule_state {
    SCHEDULE_QUIET,   /* nothing to send */
    SCHEDULE_FIRST,   /* the first set waits for its turn */
    SCHEDULE_WAITING, /* the next set is not due yet */
    SCHEDULE_REPEAT,  /* a repeated set waits for its turn */
    SCHEDULE_STATES
};

enum schedule_input {
    SCHEDULE_CAUSE, /* the address was taken over here, or it is as if */
    SCHEDULE_DUE,   /* the deadline passed */
    SCHEDULE_SENT,  /* the set that had its turn was sent */
    SCHEDULE_STOP,  /* the address is not announced here any more */
    SCHEDULE_INPUTS
};

struct schedule_timing {
    uint64_t interval;
    uint64_t duration;
    uint64_t refresh; /* 0: none */
};

struct schedule {
    enum schedule_state state;
    uint64_t next;     /* when the set after the current one is due */
    uint64_t until;    /* end of the repeats */
    uint64_t deadline; /* when SCHEDULE_DUE is to come, or SCHEDULE_NEVER */
};

/* Starts quiet. */
void schedule_init(struct schedule *schedule);

/*
 * Takes an input.
 *
 * @return  1 if a set was dropped, else 0
 */
int schedule_step(struct schedule *schedule, const struct schedule_timing *timing, uint64_t now,
                  enum schedule_input input);
