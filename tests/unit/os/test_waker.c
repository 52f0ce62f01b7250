/* SPDX-License-Identifier: MIT */
/* One descriptor for a time and for others. */
#include "../socket_harness.h"

#include <errno.h>
#include <sys/resource.h>

#include "os/clock.h"
#include "os/waker.h"

#define TIMER 7
#define OTHER 8

static void assert_data(const struct waker *waker, uint64_t data)
{
    struct epoll_event event;

    assert_int_equal(waker_take(waker, &event, 1), 1);
    assert_int_equal(event.data.u64, data);
}

static void test_times(void **state)
{
    struct waker waker;
    struct epoll_event event;

    (void)state;
    assert_int_equal(waker_open(&waker, TIMER), 0);
    assert_int_equal(waker_take(&waker, &event, 1), 0);
    /* What has passed has come at once, and stays until it is seen and another time set. */
    for (uint64_t time = 0; time < 2; time++) {
        waker_arm(&waker, time);
        assert_int_equal(await_events(waker.epoll, POLLIN), POLLIN);
        assert_data(&waker, TIMER);
        waker_fired(&waker);
        assert_true(is_ready(waker.epoll, POLLIN));
        waker_arm(&waker, clock_now() + 3600 * NANOSECONDS_PER_SECOND);
        assert_false(is_ready(waker.epoll, POLLIN));
    }
    waker_arm(&waker, clock_now() + NANOSECONDS_PER_SECOND / 1000);
    assert_int_equal(await_events(waker.epoll, POLLIN), POLLIN);
    waker_arm(&waker, WAKER_NEVER);
    assert_false(is_ready(waker.epoll, POLLIN));
    waker_close(&waker);
    waker_close(&waker);
    assert_int_equal(waker.epoll, -1);
}

static void test_descriptors(void **state)
{
    struct waker waker;
    int ends[2];

    (void)state;
    assert_int_equal(waker_open(&waker, TIMER), 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(waker_watch(&waker, EPOLL_CTL_ADD, ends[0], EPOLLIN, OTHER), 0);
    assert_int_equal(waker_watch(&waker, EPOLL_CTL_ADD, ends[0], EPOLLIN, OTHER), -EEXIST);
    assert_false(is_ready(waker.epoll, POLLIN));
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(is_ready(waker.epoll, POLLIN));
    assert_data(&waker, OTHER);
    assert_int_equal(waker_watch(&waker, EPOLL_CTL_MOD, ends[0], 0, OTHER), 0);
    assert_false(is_ready(waker.epoll, POLLIN));
    close(ends[0]);
    close(ends[1]);
    waker_close(&waker);
}

/* With too few descriptors nothing stays open. */
static void test_no_descriptors(void **state)
{
    const int next = dup(0);
    struct rlimit before;
    struct rlimit limit;
    struct waker waker;

    (void)state;
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    for (rlim_t room = 0; room < 2; room++) {
        limit.rlim_cur = (rlim_t)next + room;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_int_equal(waker_open(&waker, TIMER), -EMFILE);
        assert_int_equal(waker.epoll, -1);
        assert_int_equal(waker.timer, -1);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_int_equal(dup(0), next);
        close(next);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_no_descriptors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
