/* SPDX-License-Identifier: MIT */
/* Reads all records of a state directory. */
#pragma once

#include "sources/state_directory.h"
#include "sources/state_files.h"

/* Returns 0, -ENOMEM, or a negative errno where the directory itself cannot be listed. */
int state_load(const char *path, struct state_files *files, struct state_records *records,
               struct problem_list *problems);
