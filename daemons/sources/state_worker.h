/* SPDX-License-Identifier: MIT */
/*
 * The thread that brings batches to the disk, one after another, so that nobody else waits for a
 * sync. What fails is tried again, with what came meanwhile, at a growing pace.
 */
#pragma once

#include "sources/state_batch.h"

struct state_worker;

/* Takes the descriptors of the directory and of its lock over, but for a failure. Returns 0 or a
 * negative errno. */
int state_worker_new(const char *path, int root, int lock, struct state_worker **worker);

/* Ends the thread; what is not durable by then is lost. NULL is ignored. */
void state_worker_free(struct state_worker *worker);

/* Readable when state_worker_report() has something new. */
int state_worker_fd(const struct state_worker *worker);

/* Takes a batch over, which comes behind all that was given before. Returns 0, or -ENOMEM with the
 * batch the caller's. */
int state_worker_give(struct state_worker *worker, struct state_batch *batch);

/*
 * Tells how far the worker came.
 *
 * @param durable   receives the sequence of the last batch that is durable
 * @param problems  what keeps it from working is appended
 * @return          true if what was recorded is lost, so that a complete batch is needed
 */
bool state_worker_report(struct state_worker *worker, uint64_t *durable,
                         struct problem_list *problems);

/* Waits until a sequence is durable, or for so long. */
void state_worker_wait(struct state_worker *worker, uint64_t sequence, unsigned milliseconds);
