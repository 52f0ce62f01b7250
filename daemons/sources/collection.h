/* SPDX-License-Identifier: MIT */
/*
 * All files of manifests below some paths, each with its last good version.
 *
 * Nothing that only seems to be missing is dropped: what a directory held stays when the directory
 * cannot be read, or when it is empty at once with more than one file gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sources/listing.h"
#include "sources/manifest_file.h"

struct collection_root {
    char *path;
    bool was_directory;
    bool unknown;                 /* never read so far */
    bool fresh;                   /* read by the present scan for the first time */
    struct manifest_file **files; /* sorted by path */
    size_t count;
    struct problem_list problems;
    struct path_list directories; /* read at the last look */
};

struct collection {
    struct collection_root *roots;
    size_t count;
    bool scanned;
    bool unsettled; /* files change just now: another look is needed soon */
};

/* Tells of a file that somebody is just writing, which is then left for a later look. */
typedef bool collection_busy(const char *path, void *context);

int collection_init(struct collection *collection, const char *const *paths, size_t count);
void collection_clear(struct collection *collection);

/*
 * Looks at all files and reads those that changed, until nothing changes any more.
 *
 * @param in_force  where the last versions of broken objects are looked for; may be NULL
 * @param busy      may be NULL
 * @return          1 if anything changed, 0 if not, -ENOMEM
 */
int collection_scan(struct collection *collection, const struct object_set *in_force,
                    collection_busy *busy, void *context);

/*
 * The file of a path: one that is known, or a new one in a directory that is.
 *
 * @param root  receives where it belongs
 * @param file  receives it; NULL where it belongs nowhere
 * @return      1 for a new file, 0, or -ENOMEM
 */
int collection_find(struct collection *collection, const char *path, struct collection_root **root,
                    struct manifest_file **file);

/* Forgets a file and frees it. */
void collection_forget(struct collection_root *root, struct manifest_file *file);

/* Whether any file was changed less than so long ago. */
bool collection_is_younger(const struct collection *collection, int64_t nanoseconds);

/* Reads standard input into the root at an index. */
int collection_read_stream(struct collection *collection, size_t index, int descriptor);

/*
 * Admits what the files hold.
 *
 * @param in_force  the set so far, or NULL at the start
 * @param set       overwritten; incomplete if anything is unknown
 * @return          0 or -ENOMEM with an empty set
 */
int collection_admit(const struct collection *collection, const struct object_set *in_force,
                     struct object_set *set, struct problem_list *problems);
