/* SPDX-License-Identifier: MIT */
/* What was needed for a moment only goes back to the system. */
#pragma once

#include <ev.h>

/* Sets the C library up for it, once at the start. */
void memory_prepare(void);

void memory_tidy_init(ev_timer *timer);

/* Tidies up soon after work that needed much, once for all that is done until then. */
void memory_tidy_later(struct ev_loop *loop, ev_timer *timer);
