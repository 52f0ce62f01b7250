/* SPDX-License-Identifier: MIT */
/* Reads the manifests of a command and says what is wrong with them. */
#pragma once

#include "metallbctl/command.h"
#include "objects/objects.h"
#include "objects/problem.h"

struct loaded {
    struct object_set objects;
    struct problem_list problems;
    bool broken; /* something has an error */
};

/* Reads all paths. Returns EXIT_GOOD, also with problems, or EXIT_BAD without memory. */
int load(const char *const *paths, size_t count, struct loaded *loaded);

/* Prints errors, warnings and notes on standard error: "file:line: object: field: message". */
void load_report(const struct loaded *loaded);

void load_clear(struct loaded *loaded);
