/* SPDX-License-Identifier: MIT */
/*
 * The steps of writing a batch: all temporaries of a phase, and all renames. Two threads share a
 * step where there is much to do.
 *
 * Functions return 0 or a negative errno; then state_files_path() names what they failed at.
 */
#pragma once

#include <stdio.h>

#include "sources/state_batch.h"

/* A text that is written into memory again and again. */
struct state_page {
    FILE *stream;
    char *bytes;
    size_t size;
};

bool state_page_open(struct state_page *page);
void state_page_close(struct state_page *page);

/* Whether something is to be done for an item in this phase. */
bool state_step_concerns(const struct state_outcome *item, bool late);

/* Whether the item at an index is the last one of its namespace. */
bool state_step_ends_namespace(const struct state_batch *batch, size_t index);

/* Writes the temporaries of a phase; sync makes the bytes of each durable. */
int state_step_write(const struct state_batch *batch, struct state_files *files,
                     struct state_page *page, bool late, bool sync, bool many);

/* Puts them into their places. */
int state_step_place(const struct state_batch *batch, struct state_files *files, bool late,
                     bool many);

/* Puts one into its place, or removes its record; interim: it is the one without addresses. */
int state_step_place_one(struct state_files *files, struct state_outcome *item, bool interim);
