/* SPDX-License-Identifier: MIT */
/* The one descriptor of a live object: readable when a descriptor in it is, or a time has come. */
#pragma once

#include <stdint.h>
#include <sys/epoll.h>

/* No time. */
#define WAKER_NEVER UINT64_MAX

struct waker {
    int epoll;
    int timer;
    uint64_t armed; /* when the timer fires, WAKER_NEVER for not at all */
};

/* Makes one that holds nothing, as waker_close() leaves it. */
void waker_init(struct waker *waker);

/*
 * Opens one.
 *
 * @param timer_data  comes with the event of the timer
 * @return            0, or a negative errno with nothing open
 */
int waker_open(struct waker *waker, uint64_t timer_data);

/* One that holds nothing is ignored. */
void waker_close(struct waker *waker);

/*
 * Watches a descriptor, otherwise, or no longer.
 *
 * @param operation  and events: as of epoll_ctl(2); data comes with the events
 * @return           0 or a negative errno
 */
int waker_watch(const struct waker *waker, int operation, int descriptor, uint32_t events,
                uint64_t data);

/* Sets the time of CLOCK_BOOTTIME in nanoseconds; one in the past, as 0, has come at once. */
void waker_arm(struct waker *waker, uint64_t time);

/* The event of the timer was seen; it comes again until waker_arm() sets another time than 0. */
void waker_fired(struct waker *waker);

/*
 * Gives what is ready now.
 *
 * @return  the number of events, 0 for none, or a negative errno
 */
int waker_take(const struct waker *waker, struct epoll_event *events, int capacity);
