/* SPDX-License-Identifier: MIT */
/*
 * Watches directories by inotify, and knows which files somebody is just writing.
 *
 * A file is watched by its directory, so that it may be replaced, and a directory by those above
 * it, so that it may be replaced or come into being.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct path_list;
struct watch;

int watch_new(struct watch **watch);
void watch_free(struct watch *watch);
int watch_fd(const struct watch *watch);

/* Between begin and end each directory wanted is named again; those that are not are forgotten.
 * End returns how many are watched that were not before. */
void watch_begin(struct watch *watch);
void watch_directory(struct watch *watch, const char *directory);

/* The entry of a path in its directory; if that is not there, the directory's own entry, and so
 * on. */
void watch_entry(struct watch *watch, const char *path);
size_t watch_end(struct watch *watch);

/* Takes in what happened; true if a look at the files is worth it. */
bool watch_read(struct watch *watch, uint64_t now_milliseconds);

/*
 * What the events since the last call were about, sorted, each once.
 *
 * @param paths  receives files that are manifests by their names; the caller clears it
 * @return       false if something else happened too: then any file may have changed
 */
bool watch_take_files(struct watch *watch, struct path_list *paths);

/* Whether a file was written to and not closed since, not long ago. */
bool watch_is_busy(const struct watch *watch, const char *path, uint64_t now_milliseconds);
