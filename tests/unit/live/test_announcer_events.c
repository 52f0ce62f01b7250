/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "live/announcer/announcer.h"
#include "os/clock.h"

#define UP      MLB_ANNOUNCER_INTERFACE_UP
#define DOWN    MLB_ANNOUNCER_INTERFACE_DOWN
#define CHANGED MLB_ANNOUNCER_INTERFACE_CHANGED

static struct port named_port(uint32_t index, const char *name)
{
    struct port port = {.index = index};

    snprintf(port.name, sizeof(port.name), "%s", name);
    return port;
}

static void expect(struct mlb_announcer *announcer, uint32_t kind, uint32_t index, uint64_t count)
{
    struct mlb_announcer_event event;

    assert_int_equal(event_queue_take(&announcer->events, &event), 1);
    assert_int_equal(event.kind, kind);
    assert_int_equal(event.interface_index, index);
    assert_int_equal(event.count, count);
}

static void expect_none(struct mlb_announcer *announcer)
{
    struct mlb_announcer_event event;

    assert_int_equal(event_queue_take(&announcer->events, &event), 0);
    event_queue_free(&announcer->events);
}

static void test_order(void **state)
{
    struct mlb_announcer announcer = {0};
    const struct port first = named_port(1, "eth0");
    const struct port second = named_port(2, "eth1");

    (void)state;
    announcer_interface_event(&announcer, UP, &second, "");
    announcer_interface_event(&announcer, UP, &first, "");
    announcer_interface_event(&announcer, CHANGED, &second, "was x");
    announcer_interface_event(&announcer, DOWN, &second, "no carrier");
    expect(&announcer, UP, 2, 1);
    expect(&announcer, UP, 1, 1);
    expect(&announcer, CHANGED, 2, 1);
    expect(&announcer, DOWN, 2, 1);
    expect_none(&announcer);
}

/* Whatever the flapping, at most two events wait and the last one is the state. */
static void test_flapping(void **state)
{
    struct mlb_announcer announcer = {0};
    const struct port port = named_port(1, "eth0");

    (void)state;
    for (int i = 0; i < 1000; i++) {
        announcer_interface_event(&announcer, DOWN, &port, "no carrier");
        assert_in_range(announcer.events.count, 1, 2);
        assert_int_equal(announcer.events.items[announcer.events.count - 1].kind, DOWN);
        announcer_interface_event(&announcer, UP, &port, "");
        assert_in_range(announcer.events.count, 1, 2);
        assert_int_equal(announcer.events.items[announcer.events.count - 1].kind, UP);
    }
    expect(&announcer, DOWN, 1, 1000);
    expect(&announcer, UP, 1, 1);
    expect_none(&announcer);
}

static void test_bounded(void **state)
{
    struct mlb_announcer announcer = {0};

    (void)state;
    for (uint32_t index = 1; index <= 5000; index++) {
        const struct port port = named_port(index, "eth");
        announcer_interface_event(&announcer, UP, &port, "");
    }
    assert_int_equal(announcer.events.count, 1024);
    event_queue_free(&announcer.events);
}

static void test_errors_are_limited(void **state)
{
    struct mlb_announcer announcer = {.now = 5};
    struct port port = named_port(3, "eth0");
    struct mlb_announcer_event event;

    (void)state;
    for (int i = 0; i < 100; i++) {
        announcer_error(&announcer, &port, -EIO, "cannot send");
        announcer_error(&announcer, NULL, -EPERM, "cannot read");
        announcer.now += NANOSECONDS_PER_SECOND / 20;
    }
    assert_int_equal(event_queue_take(&announcer.events, &event), 1);
    assert_int_equal(event.code, MLB_ERROR_SYSTEM);
    assert_string_equal(event.interface_name, "eth0");
    assert_non_null(strstr(event.detail, "cannot send: "));
    assert_int_equal(event_queue_take(&announcer.events, &event), 1);
    assert_int_equal(event.code, MLB_ERROR_PERMISSION);
    expect_none(&announcer);
    announcer.now += 10 * NANOSECONDS_PER_SECOND;
    announcer_error(&announcer, &port, -EIO, "cannot send");
    expect(&announcer, MLB_ANNOUNCER_ERROR, 3, 1);
    expect_none(&announcer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_flapping),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_errors_are_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
