/* SPDX-License-Identifier: MIT */
#include "announce/pacer.h"

#define NANOSECONDS_PER_SECOND 1000000000u

void pacer_init(struct pacer *pacer, uint64_t now, uint32_t burst, uint32_t per_second)
{
    pacer->cost = NANOSECONDS_PER_SECOND / per_second;
    if (pacer->cost == 0)
        pacer->cost = 1;
    pacer->capacity = burst * pacer->cost;
    pacer->credit = pacer->capacity;
    pacer->updated = now;
}

static void refill(struct pacer *pacer, uint64_t now)
{
    uint64_t passed = now - pacer->updated;

    if (passed >= pacer->capacity - pacer->credit)
        pacer->credit = pacer->capacity;
    else
        pacer->credit += passed;
    pacer->updated = now;
}

int pacer_take(struct pacer *pacer, uint64_t now)
{
    refill(pacer, now);
    if (pacer->credit < pacer->cost)
        return 0;
    pacer->credit -= pacer->cost;
    return 1;
}

uint64_t pacer_next(const struct pacer *pacer)
{
    if (pacer->credit >= pacer->cost)
        return pacer->updated;
    return pacer->updated + (pacer->cost - pacer->credit);
}
