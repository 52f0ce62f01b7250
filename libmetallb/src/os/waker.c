/* SPDX-License-Identifier: MIT */
#include "os/waker.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "os/clock.h"

void waker_init(struct waker *waker)
{
    *waker = (struct waker){.epoll = -1, .timer = -1, .armed = WAKER_NEVER};
}

static int open_both(struct waker *waker, uint64_t timer_data)
{
    waker->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (waker->epoll < 0)
        return -errno;
    waker->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (waker->timer < 0)
        return -errno;
    return waker_watch(waker, EPOLL_CTL_ADD, waker->timer, EPOLLIN, timer_data);
}

int waker_open(struct waker *waker, uint64_t timer_data)
{
    int error;

    waker_init(waker);
    error = open_both(waker, timer_data);
    if (error)
        waker_close(waker);
    return error;
}

void waker_close(struct waker *waker)
{
    if (waker->timer >= 0)
        close(waker->timer);
    if (waker->epoll >= 0)
        close(waker->epoll);
    waker_init(waker);
}

int waker_watch(const struct waker *waker, int operation, int descriptor, uint32_t events,
                uint64_t data)
{
    struct epoll_event event = {.events = events, .data.u64 = data};

    return epoll_ctl(waker->epoll, operation, descriptor, &event) == 0 ? 0 : -errno;
}

void waker_arm(struct waker *waker, uint64_t time)
{
    struct itimerspec timer = {0};

    if (time == waker->armed)
        return;
    if (time != WAKER_NEVER) {
        timer.it_value.tv_sec = (time_t)(time / NANOSECONDS_PER_SECOND);
        timer.it_value.tv_nsec = (long)(time % NANOSECONDS_PER_SECOND);
        /* All zero would disarm it. */
        if (time == 0)
            timer.it_value.tv_nsec = 1;
    }
    if (timerfd_settime(waker->timer, TFD_TIMER_ABSTIME, &timer, NULL) == 0)
        waker->armed = time;
}

void waker_fired(struct waker *waker)
{
    waker->armed = 0;
}

int waker_take(const struct waker *waker, struct epoll_event *events, int capacity)
{
    const int count = epoll_wait(waker->epoll, events, capacity, 0);

    if (count >= 0)
        return count;
    return errno == EINTR ? 0 : -errno;
}
