/* SPDX-License-Identifier: MIT */
/* A small generator of pseudo-random numbers (splitmix64): the same seed, the same run. */
#pragma once

#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
    uint64_t mixed = random->state += 0x9e3779b97f4a7c15u;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

/* 0 to bound - 1; the bias of 2^-32 * bound does not matter here. */
static inline uint32_t random_below(struct random *random, uint32_t bound)
{
    return (uint32_t)(((random_next(random) >> 32) * bound) >> 32);
}

/* 0 to bound - 1 for bounds up to 2^63. */
static inline uint64_t random_time(struct random *random, uint64_t bound)
{
    return bound ? random_next(random) % bound : 0;
}

/* A chance as a threshold for 32 random bits; 1.0 is certain. */
static inline uint64_t random_threshold(double chance)
{
    return (uint64_t)(chance * 4294967296.0);
}

/* 1 with the chance of a threshold. */
static inline int random_hits(struct random *random, uint64_t threshold)
{
    return threshold && (random_next(random) >> 32) < threshold;
}
