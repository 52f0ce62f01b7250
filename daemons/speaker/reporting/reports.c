/* SPDX-License-Identifier: MIT */
#include "speaker/reporting/reports.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/sorted.h"

void reports_init(struct reports *reports, const struct log *log)
{
    *reports = (struct reports){.log = log};
}

static void report_free(struct report *report)
{
    free(report->key);
    free(report->message);
}

void reports_free(struct reports *reports)
{
    for (size_t i = 0; i < reports->count; i++)
        report_free(&reports->items[i]);
    free(reports->items);
    reports->items = NULL;
    reports->count = 0;
}

static int compare_key(const void *key, const void *item)
{
    return strcmp(key, ((const struct report *)item)->key);
}

static size_t position_of(const struct reports *reports, const char *key)
{
    return sorted_position(key, reports->items, reports->count, sizeof(*reports->items),
                           compare_key);
}

static struct report *find(const struct reports *reports, const char *key)
{
    return sorted_find(key, reports->items, reports->count, sizeof(*reports->items), compare_key);
}

/* Takes message over; without memory or room it is in the log at least. */
static void insert(struct reports *reports, const char *key, struct report report)
{
    size_t position = position_of(reports, key);
    struct report *items = NULL;

    report.key = strdup(key);
    if (report.key != NULL && reports->count < REPORTS_MAX)
        items = realloc(reports->items, (reports->count + 1) * sizeof(*items));
    if (items == NULL) {
        report_free(&report);
        return;
    }
    memmove(items + position + 1, items + position, (reports->count - position) * sizeof(*items));
    items[position] = report;
    reports->items = items;
    reports->count++;
}

/* Takes the report's message over. */
static void set(struct reports *reports, const char *key, struct report report)
{
    struct report *present = find(reports, key);

    if (present == NULL) {
        insert(reports, key, report);
        return;
    }
    report.key = present->key;
    free(present->message);
    *present = report;
}

void reports_set(struct reports *reports, const char *key, enum log_level level, const char *format,
                 ...)
{
    const struct report *present = find(reports, key);
    struct report report = {.level = level, .expires = CLOCK_NEVER};
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&report.message, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if (present == NULL || strcmp(present->message, report.message) != 0)
        log_write(reports->log, level, NULL, "%s", report.message);
    set(reports, key, report);
}

void reports_count(struct reports *reports, const char *key, enum log_level level, uint64_t now,
                   const char *format, ...)
{
    const struct report *present = find(reports, key);
    struct report report = {.level = level, .expires = now + REPORTS_EXPIRE_SECONDS * NANOSECONDS};
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&report.message, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if (present == NULL || present->quiet_until <= now) {
        log_write(reports->log, level, NULL, "%s", report.message);
        report.quiet_until = now + REPORTS_QUIET_SECONDS * NANOSECONDS;
    } else {
        report.quiet_until = present->quiet_until;
    }
    set(reports, key, report);
}

static void remove_at(struct reports *reports, size_t position)
{
    report_free(&reports->items[position]);
    reports->count--;
    memmove(reports->items + position, reports->items + position + 1,
            (reports->count - position) * sizeof(*reports->items));
}

void reports_clear(struct reports *reports, const char *key)
{
    const struct report *report = find(reports, key);

    if (report == NULL)
        return;
    log_info(reports->log, NULL, "over: %s", report->message);
    remove_at(reports, position_of(reports, key));
}

void reports_clear_prefix(struct reports *reports, const char *prefix)
{
    size_t position = position_of(reports, prefix);

    while (position < reports->count &&
           strncmp(reports->items[position].key, prefix, strlen(prefix)) == 0)
        reports_clear(reports, reports->items[position].key);
}

uint64_t reports_expire(struct reports *reports, uint64_t now)
{
    uint64_t next = CLOCK_NEVER;
    size_t i = 0;

    while (i < reports->count) {
        if (reports->items[i].expires <= now) {
            remove_at(reports, i);
            continue;
        }
        if (reports->items[i].expires < next)
            next = reports->items[i].expires;
        i++;
    }
    return next;
}
