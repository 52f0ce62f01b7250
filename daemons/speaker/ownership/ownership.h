/* SPDX-License-Identifier: MIT */
/*
 * Makes this node the owner of the addresses that the election gives it, and no longer of those
 * that it takes away, in the order that loses no packet: deliver before announcing, and stop
 * answering before delivery ends.
 */
#pragma once

#include <metallb/announcer.h>

#include "objects/problem_log.h"
#include "reconcile/announcements.h"
#include "speaker/delivery/host_delivery.h"
#include "speaker/options.h"
#include "speaker/ownership/announcing.h"
#include "speaker/ownership/rivals.h"
#include "speaker/reporting/reports.h"

struct ownership {
    const struct speaker_options *options;
    const struct log *log;
    struct reports *reports;
    struct mlb_announcer *announcer;
    struct announcement_reconciler *reconciler;
    struct announcements decisions; /* of the last run */
    struct announcing announcing;
    bool decided;     /* at least once */
    bool carried_out; /* the same */
    unsigned changes; /* carried out since the announcer last had its turn */
    struct problem_log warnings;
    struct rivals rivals;
    struct host_delivery host;
};

/* Takes over what a former run left on the loopback device. Returns 0 or a negative errno; after
 * either the caller calls ownership_clear(). */
int ownership_init(struct ownership *ownership, const struct speaker_options *options,
                   const struct log *log, struct reports *reports, struct mlb_announcer *announcer);

/* Puts settings back and frees memory. */
void ownership_clear(struct ownership *ownership);

/* Decides anew. Only if this node may answer the difference is carried out, and what was silent
 * starts again. */
void ownership_update(struct ownership *ownership, const struct announcement_input *input,
                      bool answers, uint64_t now);

/* Answers no more for any address until the next update; all are delivered still. */
void ownership_silence(struct ownership *ownership);

/* Leaves an address to another node for a while: it is not answered for, and delivered still. */
void ownership_yield(struct ownership *ownership, const struct mlb_address *address,
                     const uint8_t *holder, uint64_t now);

/* Tells the LAN again about an address, if it is announced. */
void ownership_repeat(struct ownership *ownership, const struct mlb_address *address);

/* Whether it answers for any address. */
bool ownership_answers(const struct ownership *ownership);

/* Stops answering for all addresses; delivery goes on for the drain time. */
void ownership_give_up(struct ownership *ownership, uint64_t now);

/* Does what is due and returns when more is; outdated tells that an update is due now. */
uint64_t ownership_tick(struct ownership *ownership, uint64_t now, bool *outdated);

/* Whether no address is delivered any more. */
bool ownership_is_drained(const struct ownership *ownership);
