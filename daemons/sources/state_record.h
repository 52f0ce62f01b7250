/* SPDX-License-Identifier: MIT */
/*
 * The text of one record of a state directory: a Service with metadata and status alone, as
 * speakers read it among other manifests.
 */
#pragma once

#include <stdio.h>

#include "sources/sink.h"

/* A record as it was read; its texts are its own. */
struct state_record {
    char *namespace_;
    char *name;
    char *terms; /* "" where it shares with nobody */
    struct mlb_address addresses[MLB_ASSIGNMENT_ADDRESSES_MAX];
    size_t address_count;
};

/* Writes a record; the same outcome gives the same bytes. */
void state_record_write(FILE *stream, const struct service_outcome *outcome);

/* Writes the counters of a pool, which are for people and monitoring. */
void state_record_write_pool(FILE *stream, const struct pool_outcome *outcome);

/*
 * Reads a record.
 *
 * @param path        for problems
 * @param namespace_  the Service that it must be about
 * @param record      overwritten; the caller clears it with state_record_clear()
 * @return            0, -EINVAL with a problem, or -ENOMEM
 */
int state_record_read(const char *path, const char *text, size_t length, const char *namespace_,
                      const char *name, struct state_record *record, struct problem_list *problems);

void state_record_clear(struct state_record *record);
