/* SPDX-License-Identifier: MIT */
/*
 * A change of few files that is about whole Services alone, the usual one: it is taken into the
 * objects in force without a look at any other file.
 */
#pragma once

#include "objects/changes.h"
#include "sources/collection.h"

/* A file that is there no longer. */
struct gone_file {
    struct collection_root *root;
    struct manifest_file *file;
};

struct small_change {
    struct object_array before; /* what the files held */
    struct object_array after;  /* what they hold now */
    struct service_key *keys;   /* by namespace and name, each once; texts are its own */
    size_t key_count;
    struct gone_file *gone; /* known to the collection until the change is applied */
    size_t gone_count;
    bool changed;
    bool is_small; /* false: everything is to be admitted anew */
    bool deferred; /* a file is just written */
};

void small_change_clear(struct small_change *change);

/*
 * Reads the files of some paths again.
 *
 * @param change  overwritten; the caller clears it
 * @return        0 or -ENOMEM
 */
int small_change_read(struct small_change *change, struct collection *collection,
                      const struct path_list *paths, const struct object_set *in_force,
                      collection_busy *busy, void *context);

/*
 * Puts a small change into a set.
 *
 * @return  1, 0 if it is none after all (the set is untouched then), or -ENOMEM with a set that is
 *          to be made anew
 */
int small_change_apply(struct small_change *change, struct object_set *set);
