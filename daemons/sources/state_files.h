/* SPDX-License-Identifier: MIT */
/*
 * The files of a state directory: DIR/services/<namespace>/<name>.json and DIR/pools/<name>.json,
 * each written beside its place first and renamed into it later.
 *
 * Functions return 0 or a negative errno; then state_files_path() names what they failed at.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct state_files {
    int root;       /* directory */
    int services;   /* directory, -1 until it is needed */
    int pools;      /* directory, -1 until it is needed */
    int namespace_; /* directory of services that was used last, or -1 */
    char namespace_name[NAME_MAX + 1];
    bool made;                    /* a directory, since state_files_sync() of all namespaces */
    char path[NAME_MAX * 2 + 32]; /* below the root, of the last failure */
};

/* Takes a descriptor of the directory over. */
void state_files_init(struct state_files *files, int root);
void state_files_close(struct state_files *files);

/* Whether names can be a directory and a file in it; else why not. */
const char *state_files_check(const char *namespace_, const char *name);
const char *state_files_check_pool(const char *name);

const char *state_files_path(const struct state_files *files);

/* Writes the temporary of a record; sync makes its bytes durable. */
int state_files_write(struct state_files *files, const char *namespace_, const char *name,
                      const void *bytes, size_t size, bool sync);

/* Puts the temporary into its place. */
int state_files_rename(struct state_files *files, const char *namespace_, const char *name);

/* Removes a temporary, if there is one. */
void state_files_abandon(struct state_files *files, const char *namespace_, const char *name);

/* Removes a record, which may be gone already. */
int state_files_remove(struct state_files *files, const char *namespace_, const char *name);

/* Removes the directory of a namespace if it is empty; true if it is gone. */
bool state_files_remove_namespace(struct state_files *files, const char *namespace_);

/* Makes renames and removals in a namespace durable; NULL for those of namespaces themselves. */
int state_files_sync(struct state_files *files, const char *namespace_);

/* Makes everything that was written durable. */
int state_files_sync_all(struct state_files *files);

/* Writes the counters of a pool; not durably. */
int state_files_write_pool(struct state_files *files, const char *name, const void *bytes,
                           size_t size);

/* Removes the counters of all pools but those that keep() tells to keep. */
int state_files_keep_pools(struct state_files *files, bool (*keep)(const char *name, void *context),
                           void *context);

/* What state_files_walk() calls for each record; a result other than 0 ends the walk. */
typedef int state_files_visitor(const char *namespace_, const char *name, int descriptor,
                                void *context);

/* Visits all records, opened for reading (a negative errno where that failed), and removes
 * temporaries that were left behind. */
int state_files_walk(struct state_files *files, state_files_visitor *visitor, void *context);
