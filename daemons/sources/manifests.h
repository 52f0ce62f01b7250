/* SPDX-License-Identifier: MIT */
/* Manifests in files and directories, read once or watched. */
#pragma once

#include <stddef.h>

#include "sources/source.h"

struct manifests_options {
    unsigned settle_milliseconds; /* quiet time after a change before it is read; 0: 20 */
    unsigned rescan_milliseconds; /* pace of the full comparison; 0: 2000 */
    unsigned youth_milliseconds;  /* who writes at the start has finished after so long; 0: 2000 */
};

/*
 * Reads manifests once. What cannot be read is a problem and makes the set incomplete.
 *
 * @param paths  files, directories or "-" for standard input, in order
 * @param set    overwritten (it must be initialized or cleared)
 * @return       0, also with problems; -ENOMEM with an empty set
 */
int manifests_load(const char *const *paths, size_t count, struct object_set *set,
                   struct problem_list *problems);

/*
 * Makes a source that reads manifests at once and follows them from then on. A path that does not
 * exist yet is a problem of the source and taken in when it appears.
 *
 * @param paths    files and directories, in order, copied; "-" is not accepted
 * @param options  may be NULL
 * @param source   receives it; the caller frees it with source_free()
 * @return         0 or a negative errno
 */
int source_manifests_new(const char *const *paths, size_t count,
                         const struct manifests_options *options, struct source **source);
