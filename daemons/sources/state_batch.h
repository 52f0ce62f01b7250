/* SPDX-License-Identifier: MIT */
/*
 * Outcomes on their way to the disk.
 *
 * While they are written nobody may see, nor find after a loss of power, one address recorded by
 * two services. So those that give an address up come first, durably, and those that get it later;
 * who does both, in a circle with others, passes through a record without addresses.
 */
#pragma once

#include "sources/sink.h"
#include "sources/state_files.h"

struct state_outcome {
    struct service_outcome outcome;                            /* texts are the item's own */
    struct mlb_address recorded[MLB_ASSIGNMENT_ADDRESSES_MAX]; /* what the disk says at present */
    size_t recorded_count;
    bool late;    /* it waits until others have given up what it gets */
    bool interim; /* it gives up first and gets later */
    bool written; /* its temporary stands beside its place */
    char texts[];
};

struct state_batch {
    struct state_outcome **items; /* by namespace and name */
    size_t count;
    struct pool_outcome *pools; /* names are the batch's own */
    size_t pool_count;
    bool complete;     /* whatever else is recorded goes */
    uint64_t sequence; /* of the last sink_write() that it holds */
};

/* Copies outcomes. Returns 0 or -ENOMEM with an empty batch. */
int state_batch_init(struct state_batch *batch, const struct outcomes *outcomes);

void state_batch_clear(struct state_batch *batch);

/* Puts a later batch behind an earlier one, which is empty then. Returns 0, or -ENOMEM with both as
 * they were. */
int state_batch_merge(struct state_batch *earlier, struct state_batch *later);

/*
 * Writes a batch durably. What was written before a failure is known to the batch, which may be
 * written again or merged.
 *
 * @return  0 or a negative errno; state_files_path() says where
 */
int state_batch_write(struct state_batch *batch, struct state_files *files);
