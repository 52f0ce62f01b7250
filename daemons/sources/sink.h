/* SPDX-License-Identifier: MIT */
/*
 * Where results go: one interface for every kind of sink.
 *
 * A sink takes results at once and makes them durable by itself. It carries one pollable
 * descriptor; when it is readable, sink_dispatch() tells what became of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <metallb/allocator.h>

#include "objects/problem.h"

/* What is to be recorded of one Service. */
struct service_outcome {
    const char *namespace_;
    const char *name;
    bool remove; /* nothing more is recorded of it; the rest does not count */
    struct mlb_address addresses[MLB_ASSIGNMENT_ADDRESSES_MAX];
    size_t address_count;
    const char *pool;   /* whose addresses they are, or NULL */
    const char *reason; /* why it has none, for a person; NULL with addresses */
    const char *terms;  /* on which it shares its addresses, "" with nobody */
    struct mlb_address former[MLB_ASSIGNMENT_ADDRESSES_MAX]; /* what the outcome before said */
    size_t former_count;
};

struct pool_outcome {
    const char *name;
    struct mlb_pool_counters counters;
};

struct outcomes {
    const struct service_outcome *services; /* by namespace and name, each once */
    size_t service_count;
    const struct pool_outcome *pools; /* all pools there are */
    size_t pool_count;
    bool complete; /* these are all services: whatever else is recorded goes */
};

struct sink;

/* What a kind of sink implements; a sink begins with a struct sink. */
struct sink_operations {
    int (*fd)(const struct sink *sink);
    int (*write)(struct sink *sink, const struct outcomes *outcomes);
    bool (*dispatch)(struct sink *sink);
    bool (*flush)(struct sink *sink, unsigned milliseconds);
    void (*free)(struct sink *sink);
};

struct sink {
    const struct sink_operations *operations;
    uint64_t written; /* calls of sink_write() that succeeded */
    uint64_t durable; /* of these, the ones whose outcomes are durable */
    bool wants_all;   /* what was recorded is lost: complete outcomes are needed */
    struct problem_list problems;
};

/* Descriptor to wait on for reading; it stays the same for the life of the sink. */
int sink_fd(const struct sink *sink);

/*
 * Takes results, copied; later ones of a service take the place of those that still wait. Never
 * waits for a disk. Returns 0, or -ENOMEM with nothing taken.
 */
int sink_write(struct sink *sink, const struct outcomes *outcomes);

/* Takes in what became of the results; true if anything that the functions below tell is new. */
bool sink_dispatch(struct sink *sink);

/* Whether all that was written is durable. */
bool sink_is_durable(const struct sink *sink);

/* Waits until all is durable, but no longer than so; returns whether it is. */
bool sink_flush(struct sink *sink, unsigned milliseconds);

/* What keeps results from being durable at present. */
const struct problem_list *sink_problems(const struct sink *sink);

/* Frees a sink; what is not durable by then is lost. NULL is ignored. */
void sink_free(struct sink *sink);
