/* SPDX-License-Identifier: MIT */
/*
 * What is wrong at present, each under a key: logged once when it appears, once when its text
 * changes and once when it is gone, and shown in the status all the time between.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/log.h"

struct report {
    char *key;
    char *message;
    enum log_level level;
    uint64_t expires;     /* CLOCK_NEVER: only by reports_clear() */
    uint64_t quiet_until; /* for reports_count(): no log line before */
};

/* An event that goes on is logged at this pace, and is gone when it did not come for so long. */
#define REPORTS_QUIET_SECONDS  30
#define REPORTS_EXPIRE_SECONDS 120

/* More at once are only logged. */
#define REPORTS_MAX 1024

struct reports {
    const struct log *log;
    struct report *items; /* ascending by key */
    size_t count;
};

void reports_init(struct reports *reports, const struct log *log);
void reports_free(struct reports *reports);

/* Sets what is wrong under a key. */
__attribute__((format(printf, 4, 5))) void reports_set(struct reports *reports, const char *key,
                                                       enum log_level level, const char *format,
                                                       ...);

/* Sets what happened again: logged the first time and then at a slow pace, since its text counts
 * how often; ends by itself. */
__attribute__((format(printf, 5, 6))) void reports_count(struct reports *reports, const char *key,
                                                         enum log_level level, uint64_t now,
                                                         const char *format, ...);

/* Ends a report; an unknown key is ignored. */
void reports_clear(struct reports *reports, const char *key);

/* Ends all reports whose key begins so. */
void reports_clear_prefix(struct reports *reports, const char *prefix);

/* Ends the reports whose time is over, without a log line; returns when more is due. */
uint64_t reports_expire(struct reports *reports, uint64_t now);
