/* SPDX-License-Identifier: MIT */
/* One file of manifests, and the last good version of what it holds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "objects/manifest.h"

struct object_array {
    struct object **items;
    size_t count;
};

void object_array_clear(struct object_array *array);

/* Tells versions of a file apart. */
struct file_version {
    dev_t device;
    ino_t inode; /* 0 for none */
    off_t size;
    struct timespec modified;
    struct timespec changed;
};

struct manifest_file {
    char *path;
    struct file_version version; /* that was read */
    struct timespec read;        /* when it was read */
    uint64_t hash;               /* of its text */
    bool was_read;               /* a version was read, be it broken */
    bool has_version;            /* objects holds a version that was good as a text */
    bool deferred;               /* somebody was just writing it: it waits for another look */
    bool unknown;                /* something in it is broken and has no earlier version */
    struct object_array objects;
    struct object_array borrowed; /* last versions of broken objects that came from other files */
    struct problem_list problems;
};

/* A file of which nothing is read yet; NULL without memory. */
struct manifest_file *manifest_file_new(const char *path);
void manifest_file_free(struct manifest_file *file);

/*
 * Reads a file again if it changed.
 *
 * @param in_force  where the last versions of broken objects are looked for; may be NULL
 * @param hold      a broken object without an earlier version makes the file unknown
 * @return          1 if objects or problems changed, 0 if not, -ENOENT if there is no such file,
 *                  -ENOMEM; the last two leave it as it was
 */
int manifest_file_update(struct manifest_file *file, const struct object_set *in_force, bool hold);

/* Reads what a descriptor has, once; 0 or a negative errno. */
int manifest_file_read_stream(struct manifest_file *file, int descriptor);

/* Whether the version that was read was changed less than so long ago. */
bool manifest_file_is_younger(const struct manifest_file *file, int64_t nanoseconds);
