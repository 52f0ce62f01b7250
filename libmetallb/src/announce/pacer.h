/* SPDX-License-Identifier: MIT */
/* A token bucket: so many frames at once, then one each `cost` nanoseconds. */
#pragma once

#include <stdint.h>

struct pacer {
    uint64_t cost;     /* nanoseconds of credit that a frame takes */
    uint64_t capacity; /* most credit that is kept */
    uint64_t credit;
    uint64_t updated;
};

/* Starts full. Both numbers are at least 1. */
void pacer_init(struct pacer *pacer, uint64_t now, uint32_t burst, uint32_t per_second);

/* Takes the credit of one frame; returns 0 if there is not enough yet. */
int pacer_take(struct pacer *pacer, uint64_t now);

/* When the next frame may go, at the earliest; may be in the past. */
uint64_t pacer_next(const struct pacer *pacer);
