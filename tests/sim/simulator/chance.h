/* SPDX-License-Identifier: MIT */
/* Chances and times, decided by the seed. */
#pragma once

#include "base/random.h"

/* A chance as a threshold for 32 random bits; 1.0 is certain. */
static inline uint64_t random_threshold(double chance)
{
    return (uint64_t)(chance * 4294967296.0);
}

/* 1 with the chance of a threshold; the impossible costs nothing. */
static inline int random_hits(struct random *random, uint64_t threshold)
{
    return threshold && (random_next(random) >> 32) < threshold;
}
