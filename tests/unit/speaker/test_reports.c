/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "objects/problem_log.h"
#include "speaker/reporting/event_log.h"
#include "speaker/reporting/reports.h"

static int descriptors[2];
static struct log capture;

static int open_capture(void **state)
{
    (void)state;
    assert_int_equal(pipe2(descriptors, O_NONBLOCK), 0);
    capture = (struct log){.fd = descriptors[1]};
    return 0;
}

static int close_capture(void **state)
{
    (void)state;
    close(descriptors[0]);
    return close(descriptors[1]);
}

/* How many lines were logged since the last call; the last of them stays in line. */
static char line[4096];

static int lines(void)
{
    ssize_t length = read(descriptors[0], line, sizeof(line) - 1);
    int count = 0;

    if (length < 0)
        length = 0;
    line[length] = '\0';
    for (const char *c = line; *c != '\0'; c++)
        count += *c == '\n';
    return count;
}

static void test_once_when_it_appears_changes_and_ends(void **state)
{
    struct reports reports;

    (void)state;
    reports_init(&reports, &capture);
    reports_set(&reports, "b", LOG_LEVEL_ERROR, "no %s", "socket");
    reports_set(&reports, "b", LOG_LEVEL_ERROR, "no %s", "socket");
    assert_int_equal(lines(), 1);
    reports_set(&reports, "b", LOG_LEVEL_ERROR, "no %s", "memory");
    assert_int_equal(lines(), 1);
    reports_set(&reports, "a", LOG_LEVEL_WARN, "first by key");
    assert_int_equal(reports.count, 2);
    assert_string_equal(reports.items[0].message, "first by key");
    assert_int_equal(lines(), 1);
    reports_clear(&reports, "b");
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(line, "over: no memory"));
    reports_clear(&reports, "b");
    assert_int_equal(lines(), 0);
    reports_free(&reports);
}

static void test_counted_ones_are_quiet_and_expire(void **state)
{
    struct reports reports;

    (void)state;
    reports_init(&reports, &capture);
    for (unsigned second = 0; second < 60; second++)
        reports_count(&reports, "conflict", LOG_LEVEL_WARN, second * NANOSECONDS, "%u times",
                      second + 1);
    assert_int_equal(lines(), 2);
    assert_string_equal(reports.items[0].message, "60 times");
    assert_true(reports_expire(&reports, 100 * NANOSECONDS) ==
                (59 + REPORTS_EXPIRE_SECONDS) * NANOSECONDS);
    assert_true(reports_expire(&reports, 179 * NANOSECONDS) == CLOCK_NEVER);
    assert_int_equal(reports.count, 0);
    assert_int_equal(lines(), 0);
    reports_free(&reports);
}

static void test_at_most_so_many(void **state)
{
    struct reports reports;
    char key[16];

    (void)state;
    capture.level = LOG_LEVEL_NONE;
    reports_init(&reports, &capture);
    for (int i = 0; i < REPORTS_MAX + 10; i++) {
        snprintf(key, sizeof(key), "%d", i);
        reports_set(&reports, key, LOG_LEVEL_WARN, "text");
    }
    assert_int_equal(reports.count, REPORTS_MAX);
    capture.level = LOG_LEVEL_DEBUG;
    reports_free(&reports);
}

static void test_events_of_an_address_end_with_it(void **state)
{
    struct reports reports;
    struct mlb_announcer_event event = {
        .struct_size = sizeof(event),
        .kind = MLB_ANNOUNCER_CONFLICT,
        .interface_index = 7,
        .interface_name = "eth0",
        .hardware_address = {2, 0, 0, 0, 0, 0x1f},
        .count = 3,
    };

    (void)state;
    reports_init(&reports, &capture);
    assert_int_equal(mlb_address_parse("192.0.2.1", &event.address, NULL), MLB_OK);
    event_log_write(&reports, &event, 0);
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(line, "02:00:00:00:00:1f, claims 192.0.2.1 on eth0 (3 times so far)"));
    event.kind = MLB_ANNOUNCER_LOCAL_ADDRESS;
    event_log_write(&reports, &event, 0);
    assert_int_equal(mlb_address_parse("192.0.2.10", &event.address, NULL), MLB_OK);
    event_log_write(&reports, &event, 0);
    assert_int_equal(reports.count, 3);
    assert_int_equal(mlb_address_parse("192.0.2.1", &event.address, NULL), MLB_OK);
    event_log_forget(&reports, &event.address);
    assert_int_equal(reports.count, 1);
    assert_non_null(strstr(reports.items[0].message, "192.0.2.10 stands on eth0"));
    reports_free(&reports);
    lines();
}

static void test_problems_come_and_go(void **state)
{
    struct problem_log log = {0};
    struct problem_list present = {0};

    (void)state;
    problem_add(&present, PROBLEM_ERROR, "a.yaml", 3, "IPAddressPool/default/x", "spec.addresses",
                "is empty");
    problem_log_update(&log, &capture, &present);
    problem_log_update(&log, &capture, &present);
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(line, "level=error msg=\"is empty\" file=a.yaml line=3 "
                                 "object=IPAddressPool/default/x field=spec.addresses\n"));
    problem_add(&present, PROBLEM_NOTICE, "b.txt", 0, NULL, NULL, "is ignored");
    problem_log_update(&log, &capture, &present);
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(line, "level=info msg=\"is ignored\" file=b.txt\n"));
    problem_list_clear(&present);
    problem_log_update(&log, &capture, &present);
    assert_int_equal(lines(), 2);
    problem_log_clear(&log);
    problem_list_clear(&present);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_when_it_appears_changes_and_ends),
        cmocka_unit_test(test_counted_ones_are_quiet_and_expire),
        cmocka_unit_test(test_at_most_so_many),
        cmocka_unit_test(test_events_of_an_address_end_with_it),
        cmocka_unit_test(test_problems_come_and_go),
    };

    return cmocka_run_group_tests_name("reports", tests, open_capture, close_capture);
}
