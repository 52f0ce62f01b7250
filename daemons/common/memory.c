/* SPDX-License-Identifier: MIT */
#include "common/memory.h"

#include <malloc.h>

/* Reading manifests and deciding take blocks of this size for a moment. */
#define MAPPED_BLOCK (64 * 1024)

#define TIDY_SECONDS 1.

/* Large blocks get mappings of their own, which go back to the system at once, so that what stays
 * does not lie strewn among them. By default the C library learns not to do so. */
void memory_prepare(void)
{
    mallopt(M_MMAP_THRESHOLD, MAPPED_BLOCK);
}

static void on_tidy(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
    malloc_trim(0);
}

void memory_tidy_init(ev_timer *timer)
{
    ev_init(timer, on_tidy);
}

void memory_tidy_later(struct ev_loop *loop, ev_timer *timer)
{
    if (ev_is_active(timer))
        return;
    ev_timer_set(timer, TIDY_SECONDS, 0.);
    ev_timer_start(loop, timer);
}
