/* SPDX-License-Identifier: MIT */
/* How slow this node takes itself to be (7.9): a slow one gives others more time. */
#include "membership/core.h"

void awareness_add(struct membership *core, int32_t change)
{
    const int64_t most = (int64_t)core->timing.awareness_max - 1;
    int64_t health = (int64_t)core->health + change;

    if (health < 0)
        health = 0;
    if (health > most)
        health = most;
    core->health = (uint32_t)health;
}

uint64_t awareness_scale(const struct membership *core, uint64_t duration)
{
    return duration * (core->health + 1);
}
