/* SPDX-License-Identifier: MIT */
/*
 * Choices by chance that a seed repeats (SplitMix64). Not for secrets.
 */
#pragma once

#include <stdint.h>

struct random {
    uint64_t state;
};

static inline struct random random_of(uint64_t seed)
{
    return (struct random){.state = seed};
}

static inline uint64_t random_next(struct random *random)
{
    uint64_t value = random->state += UINT64_C(0x9e3779b97f4a7c15);

    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

/* A number below limit; 0 for the limits 0 and 1. */
static inline uint64_t random_below(struct random *random, uint64_t limit)
{
    __extension__ typedef unsigned __int128 product;

    return (uint64_t)((product)random_next(random) * limit >> 64);
}
