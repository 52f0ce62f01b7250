/* SPDX-License-Identifier: MIT */
/*
 * Reads one manifest: a text of YAML or JSON documents, into objects and problems.
 *
 * Total on any bytes: depth, number of values and what aliases multiply are bounded. A List is
 * expanded; other kinds are ignored with a notice each.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "objects/objects.h"
#include "objects/problem.h"

/* Largest text that is read. */
#define MANIFEST_SIZE_MAX (64u << 20)

enum manifest_format {
    MANIFEST_YAML,
    MANIFEST_JSON,
    MANIFEST_GUESS, /* JSON if the first character that is no white space is "{" or "[" */
};

/* Which object a document is about, although it is broken. */
struct manifest_identity {
    enum object_kind kind;
    char *namespace_;
    char *name;
    struct object *remains; /* of a Service whose status records addresses; else NULL */
};

struct manifest {
    struct object **items; /* good ones, in the order of the text; one may stand there twice */
    size_t count;
    size_t capacity;
    struct manifest_identity *broken; /* the text is about them, but they cannot be used */
    size_t broken_count;
    size_t broken_capacity;
    bool truncated; /* the text could not be read to its end */
    bool nameless;  /* it holds a broken object of which nobody can say which it is */
};

/*
 * Parses a text. Problems are appended with this file name.
 *
 * @param manifest  overwritten; the caller clears it with manifest_clear()
 * @return          0, or -ENOMEM with an empty manifest
 */
int manifest_parse(const char *file_name, const char *text, size_t length,
                   enum manifest_format format, struct manifest *manifest,
                   struct problem_list *problems);

void manifest_clear(struct manifest *manifest);
