/* SPDX-License-Identifier: MIT */
/*
 * A directory that holds what a controller decided, as manifests that speakers read:
 *
 *     DIR/lock                             one controller at a time; says who
 *     DIR/services/<namespace>/<name>.json a Service with metadata and status alone
 *     DIR/pools/<name>.json                counters of a pool; readers of manifests skip them
 *
 * The controller is the only writer: it reads the records once at its start and is their truth from
 * then on. A directory that is replaced or removed meanwhile is written anew.
 */
#pragma once

#include "sources/sink.h"
#include "sources/state_record.h"

/* What stood in the directory. */
struct state_records {
    struct state_record *items;
    size_t count;
    char *
        *unreadable; /* "namespace/name" of records whose content is unknown; each has a problem */
    size_t unreadable_count;
};

/*
 * Takes a directory, made if it is missing, locks it and reads what it holds. Leftovers of a crash
 * are removed.
 *
 * @param records   overwritten; the caller clears them with state_records_clear()
 * @param problems  what cannot be read is appended; unreadable records stay as they are
 * @param sink      receives it; the caller frees it with sink_free()
 * @param error     receives a sentence that names the directory, and who holds the lock
 * @return          0 or a negative errno; -EBUSY for a lock that another process holds
 */
int state_directory_open(const char *path, struct state_records *records,
                         struct problem_list *problems, struct sink **sink, char *error,
                         size_t error_size);

void state_records_clear(struct state_records *records);
