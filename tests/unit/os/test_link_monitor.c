/* SPDX-License-Identifier: MIT */
/* Reading the interfaces anew while the kernel still tells of the last time. Needs root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/sockios.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/link_monitor.h"

/* More than one answer of the kernel holds, so that the first dump is still running when the second
 * is asked for. */
#define BRIDGES     100

#define PATIENCE_MS 5000

struct told {
    size_t links;
    size_t removed;
};

static void on_link(void *context, const struct link *link)
{
    struct told *told = context;

    (void)link;
    told->links++;
}

static void on_link_removed(void *context, uint32_t interface_index)
{
    struct told *told = context;

    (void)interface_index;
    told->removed++;
}

static void on_address(void *context, uint32_t interface_index, const char *name,
                       const struct mlb_address *address, int present)
{
    (void)context;
    (void)interface_index;
    (void)name;
    (void)address;
    (void)present;
}

static void name_bridge(size_t number, char *name, size_t size)
{
    snprintf(name, size, "bridge%zu", number);
}

static void change_bridges(unsigned long request, size_t first, size_t count)
{
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    for (size_t i = first; i < first + count; i++) {
        char name[MLB_INTERFACE_NAME_SIZE];

        name_bridge(i, name, sizeof(name));
        assert_int_equal(ioctl(descriptor, request, name), 0);
    }
    close(descriptor);
}

static void read_all(struct link_monitor *monitor)
{
    struct pollfd readable = {.fd = link_monitor_descriptor(monitor), .events = POLLIN};

    for (int i = 0; i < PATIENCE_MS && link_monitor_is_reading(monitor); i++) {
        poll(&readable, 1, 1);
        assert_int_equal(link_monitor_receive(monitor, 256), 0);
    }
    assert_int_equal(link_monitor_is_reading(monitor), 0);
}

static struct link_monitor *open_monitor(struct told *told)
{
    const struct link_handler handler = {told, on_link, on_link_removed, on_address};
    struct link_monitor *monitor = NULL;

    if (unshare(CLONE_NEWNET) != 0)
        skip();
    change_bridges(SIOCBRADDBR, 0, BRIDGES);
    assert_int_equal(link_monitor_open(&handler, &monitor), 0);
    return monitor;
}

static void test_asked_anew_while_reading(void **state)
{
    struct told told = {0};
    struct link_monitor *monitor = open_monitor(&told);

    (void)state;
    assert_int_equal(link_monitor_resynchronize(monitor), 0);
    assert_int_equal(link_monitor_resynchronize(monitor), 0);
    read_all(monitor);
    assert_in_range(told.links, BRIDGES + 1, BRIDGES + 10);
    assert_int_equal(told.removed, 0);
    link_monitor_close(monitor);
}

/* Nothing that stays may count as gone in between, and what is gone must be told. */
static void test_asked_anew_when_known(void **state)
{
    struct told told = {0};
    struct link_monitor *monitor = open_monitor(&told);

    (void)state;
    assert_int_equal(link_monitor_resynchronize(monitor), 0);
    read_all(monitor);
    for (int i = 0; i < 10; i++)
        assert_int_equal(link_monitor_resynchronize(monitor), 0);
    read_all(monitor);
    assert_int_equal(told.removed, 0);
    assert_int_equal(link_monitor_resynchronize(monitor), 0);
    change_bridges(SIOCBRDELBR, BRIDGES - 10, 10);
    assert_int_equal(link_monitor_resynchronize(monitor), 0);
    read_all(monitor);
    assert_int_equal(link_monitor_receive(monitor, 256), 0);
    assert_int_equal(told.removed, 10);
    link_monitor_close(monitor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_anew_while_reading),
        cmocka_unit_test(test_asked_anew_when_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
