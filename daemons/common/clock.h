/* SPDX-License-Identifier: MIT */
/* The time of the daemons: nanoseconds that also count while the host sleeps. */
#pragma once

#include <stdint.h>

#define NANOSECONDS UINT64_C(1000000000)

/* "Never" as a deadline. */
#define CLOCK_NEVER UINT64_MAX

uint64_t clock_now(void);
