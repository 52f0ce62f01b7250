/* SPDX-License-Identifier: MIT */
/* Tells the service manager how a daemon stands: the protocol of sd_notify(3). */
#pragma once

#include <ev.h>

/* Tells something such as "READY=1"; without a manager that listens nothing happens. */
void notify_send(const char *state);

/* Answers the watchdog of the manager from the loop, at half of its time, if it has one. */
struct notify_watchdog {
    ev_timer timer;
};

void notify_watchdog_start(struct notify_watchdog *watchdog, struct ev_loop *loop);
void notify_watchdog_stop(struct notify_watchdog *watchdog, struct ev_loop *loop);
