/* SPDX-License-Identifier: MIT */
/* Which files of a directory are manifests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "objects/problem.h"

struct path_list {
    char **items;
    size_t count;
    size_t capacity;
};

void path_list_clear(struct path_list *list);

/* Takes the path over. Returns 0, or -ENOMEM with the path freed or NULL. */
int path_list_add(struct path_list *list, char *path);

struct listing {
    struct path_list files;       /* sorted */
    struct path_list directories; /* all that were read, to be watched */
    bool partial;                 /* something in it could not be read */
};

/* Whether the end of a name says that it is a manifest. */
bool listing_is_manifest_name(const char *name);

/*
 * Lists a directory: its own files, and those in services/<namespace>/ of a state directory.
 *
 * @param listing   overwritten; the caller clears it
 * @param problems  what is ignored and what cannot be read
 * @return          0, or a negative errno if the directory itself cannot be read
 */
int listing_read(const char *directory, struct listing *listing, struct problem_list *problems);

void listing_clear(struct listing *listing);
