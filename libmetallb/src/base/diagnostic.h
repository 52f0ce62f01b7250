/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/error.h>
#include <string.h>

/*
 * How a message quotes a text of any length, so that what follows still fits: QUOTED is part of the
 * format, QUOTE() of the arguments.
 */
#define QUOTED      "\"%.100s%s\""
#define QUOTE(text) (text), strlen(text) > 100 ? "..." : ""

/*
 * Fills a diagnostic and returns the code, so that a failing branch is one statement:
 *
 *     return diagnostic_set(diagnostic, MLB_ERROR_OVERLAP, entry, earlier, "\"%s\" overlaps ...");
 *
 * diagnostic may be NULL; subject and other may be NULL for empty.
 */
__attribute__((format(printf, 5, 6))) int32_t diagnostic_set(struct mlb_diagnostic *diagnostic,
                                                             int32_t code, const char *subject,
                                                             const char *other, const char *format,
                                                             ...);

/* As diagnostic_set() for a failed system call: appends strerror(error) to the message. */
int32_t diagnostic_set_system(struct mlb_diagnostic *diagnostic, int error, const char *subject,
                              const char *action);
