/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define NANOSECONDS_PER_SECOND 1000000000ull

/* Nanoseconds since boot; unlike CLOCK_MONOTONIC this goes on while the host is suspended. */
uint64_t clock_now(void);

/* Microseconds since 1970 (CLOCK_REALTIME), which somebody may set back at any time. */
uint64_t clock_date(void);
