/* SPDX-License-Identifier: MIT */
/*
 * Where objects come from: one interface for every kind of source.
 *
 * A source carries one pollable descriptor; when it is readable, source_dispatch() takes in what
 * happened. What a source returns lives until the next dispatch.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "objects/changes.h"
#include "objects/objects.h"
#include "objects/problem.h"

struct source;

/* What a kind of source implements; a source begins with a struct source. */
struct source_operations {
    int (*fd)(const struct source *source);
    int (*dispatch)(struct source *source);
    const struct object_set *(*objects)(const struct source *source);
    const struct object_changes *(*changes)(const struct source *source);
    const struct problem_list *(*problems)(const struct source *source);
    void (*free)(struct source *source);
};

struct source {
    const struct source_operations *operations;
    uint64_t generation;
};

/* Descriptor to wait on for reading; it stays the same for the life of the source. */
int source_fd(const struct source *source);

/* Takes in what happened, without blocking. Returns 1 when the objects or the problems changed, 0
 * when nothing did, or a negative errno with everything as it was; it may be called again then. */
int source_dispatch(struct source *source);

/* The objects in force; with set->incomplete nothing may be taken away because it is missing. */
const struct object_set *source_objects(const struct source *source);

/* What the last dispatch that returned 1 changed in the objects; footing after the source was made.
 */
const struct object_changes *source_changes(const struct source *source);

/* All present problems, notices included. */
const struct problem_list *source_problems(const struct source *source);

/* Counts the changes that source_dispatch() reported; 1 after the source was made. */
uint64_t source_generation(const struct source *source);

/* Frees a source with all it returned; NULL is ignored. */
void source_free(struct source *source);
