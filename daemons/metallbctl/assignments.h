/* SPDX-License-Identifier: MIT */
/* The assignments as one more manifest: Services with metadata and status only. */
#pragma once

#include "objects/problem.h"
#include "reconcile/services.h"

/* Whether reading the paths reads the file too: it is one of them or stands in one of them. */
bool assignments_are_read(const char *file, const char *const *paths, size_t count);

/* Whether the file has content. */
bool assignments_exist(const char *file);

/* Whether one of the errors is about the file: then nobody knows what it holds. */
bool assignments_are_broken(const char *file, const struct problem_list *problems);

/* Whether the file holds more than assignments, which writing it would destroy. */
bool assignments_have_company(const char *file, const struct object_set *objects,
                              const struct problem_list *problems);

/*
 * Replaces the file in one step: whoever reads it, also after a loss of power, sees the former or
 * the new assignments whole. A name that ends in .json is written as JSON, any other as YAML.
 *
 * Returns 0 or a negative errno with the former file untouched; -ENOTSUP where the name is that of
 * anything but a regular file.
 */
int assignments_write(const char *file, const struct service_results *results);
