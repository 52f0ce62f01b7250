/* SPDX-License-Identifier: MIT */
/* What a file holds once its text has changed. */
#pragma once

#include "sources/manifest_file.h"

struct manifest_version {
    struct object_array objects;
    struct object_array borrowed;
    bool unknown;
};

/* Puts the objects of a new text and the last versions of broken ones into an empty version. False
 * without memory; after either the caller takes the version over or clears it. */
bool manifest_version_make(const struct manifest_file *file, const struct object_set *in_force,
                           const struct manifest *manifest, struct manifest_version *version);

void manifest_version_clear(struct manifest_version *version);
