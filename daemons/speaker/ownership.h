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
#include "sources/source.h"
#include "speaker/announcing.h"
#include "speaker/interface_settings.h"
#include "speaker/local_delivery.h"
#include "speaker/loopback.h"
#include "speaker/options.h"
#include "speaker/reports.h"

struct ownership {
    const struct speaker_options *options;
    const struct log *log;
    struct reports *reports;
    struct mlb_announcer *announcer;
    struct announcement_reconciler *reconciler;
    struct announcements decisions; /* of the last run */
    struct announcing announcing;
    bool decided;     /* at least once */
    unsigned changes; /* carried out since the announcer last had its turn */
    struct problem_log warnings;
    struct loopback *loopback;           /* NULL without local delivery */
    struct interface_settings *settings; /* NULL without local delivery */
    uint64_t settings_retry_at;          /* CLOCK_NEVER: all settings are made */
    struct local_delivery delivery;
};

/* Takes over what a former run left on the loopback device. Returns 0 or a negative errno; after
 * either the caller calls ownership_clear(). */
int ownership_init(struct ownership *ownership, const struct speaker_options *options,
                   const struct log *log, struct reports *reports, struct mlb_announcer *announcer);

/* Puts settings back and frees memory. */
void ownership_clear(struct ownership *ownership);

/* Decides anew on objects that changed, and carries out the difference. */
void ownership_update(struct ownership *ownership, const struct object_set *objects, uint64_t now);

/* To be called when interfaces came, went or changed. */
void ownership_interfaces_changed(struct ownership *ownership);

/* Stops answering for all addresses; delivery goes on for the drain time. */
void ownership_give_up(struct ownership *ownership, uint64_t now);

/* Does what is due and returns when more is. */
uint64_t ownership_tick(struct ownership *ownership, uint64_t now);

/* Whether no address is delivered any more. */
bool ownership_is_drained(const struct ownership *ownership);
