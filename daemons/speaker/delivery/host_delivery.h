/* SPDX-License-Identifier: MIT */
/*
 * Local delivery on this host: addresses on the loopback device, and the settings of interfaces
 * that keep the kernel from answering for them.
 */
#pragma once

#include <metallb/announcer.h>

#include "speaker/delivery/interface_settings.h"
#include "speaker/delivery/local_delivery.h"
#include "speaker/delivery/loopback.h"
#include "speaker/options.h"
#include "speaker/reporting/reports.h"

struct host_delivery {
    const struct log *log;
    struct reports *reports;
    const struct mlb_announcer *announcer; /* knows the interfaces */
    struct loopback *loopback;             /* NULL without local delivery */
    struct interface_settings *settings;   /* NULL without local delivery */
    uint64_t settings_retry_at;            /* CLOCK_NEVER: all settings are made */
    struct local_delivery delivery;
};

/* Takes over what a former run left on the loopback device. Returns 0 or a negative errno; after
 * either the caller calls host_delivery_clear(). */
int host_delivery_init(struct host_delivery *host, const struct speaker_options *options,
                       const struct log *log, struct reports *reports,
                       const struct mlb_announcer *announcer);

/* Puts settings back and frees memory. */
void host_delivery_clear(struct host_delivery *host);

/* To be called when interfaces came, went or changed. */
void host_delivery_interfaces_changed(struct host_delivery *host);

/* To be called before the first IPv4 address is held. */
void host_delivery_expect_ipv4(struct host_delivery *host);

/* As local_delivery_hold(); nothing without local delivery. */
int host_delivery_hold(struct host_delivery *host, const struct mlb_address *address, uint64_t now);

/*
 * Waits a moment for the kernel to deliver addresses that were just held: IPv6 ones are put to use
 * beside the call that adds them, and what came in between would be dropped.
 *
 * @param addresses  count of them; those that cannot be held are waited for in vain, but no longer
 */
void host_delivery_wait(const struct host_delivery *host, const struct mlb_address *addresses,
                        size_t count);

/* Reports a loopback device that is down. */
void host_delivery_check(struct host_delivery *host);

/* Does what is due and returns when more is. */
uint64_t host_delivery_tick(struct host_delivery *host, uint64_t now);
