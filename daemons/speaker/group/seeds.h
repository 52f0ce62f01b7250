/* SPDX-License-Identifier: MIT */
/* Where the other speakers are to be found: what --members says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* As many as a membership takes. */
#define SEEDS_MAX 1024

struct seeds {
    char *text;         /* that the items point into */
    const char **items; /* "host", "host:port", ... */
    size_t count;
};

/* The path where members names a file ("/etc/members", "file:members"), else NULL. */
const char *seeds_path(const char *members);

/*
 * Reads a list: entries with commas or white space between them; from a # to the end of a line is a
 * remark. What an entry must look like is the membership's business.
 *
 * @return  0, -E2BIG for more than SEEDS_MAX, -ENOMEM; seeds is written only on success
 */
int seeds_read(const char *text, struct seeds *seeds);

void seeds_clear(struct seeds *seeds);
