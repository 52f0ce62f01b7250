/* SPDX-License-Identifier: MIT */
/*
 * What happened to services, for the log and for metallbctl events: told once it is durable. The
 * last ones are kept; each is one line of JSON with a sequence number.
 */
#pragma once

#include "common/control.h"
#include "common/log.h"
#include "reconcile/services.h"

/* How many are kept. */
#define EVENTS_MAX 4096

/* Of one result so many are told one by one, those that people must hear of first; of the others
 * only how many there are. */
#define EVENTS_OF_RESULT_MAX 1000

struct event {
    uint64_t sequence;
    char *line; /* JSON with its newline */
    size_t length;
};

/* An event whose result is not durable yet. */
struct pending_event {
    struct pending_event *next;
    uint64_t written; /* it is told when so many results are durable */
    enum log_level level;
    char *message; /* for the log */
    char *service; /* "namespace/name", or NULL */
    char *members; /* JSON members behind sequence and time */
};

struct events {
    const struct log *log;
    struct control *control; /* to publish on, may be NULL */
    struct event items[EVENTS_MAX];
    uint64_t next; /* sequence of the next event, from 1 */
    struct pending_event *first;
    struct pending_event **last;
};

void events_init(struct events *events, const struct log *log);
void events_clear(struct events *events);

/* Takes the changes of a run, to be told once so many results are durable. Without memory some are
 * lost to who listens, not to the state. */
void events_add(struct events *events, const struct service_results *results, uint64_t written);

/* Tells what is durable now. */
void events_release(struct events *events, uint64_t durable);

/* The events behind a sequence number, one a line; the caller frees the text. NULL without
 * memory. */
char *events_since(const struct events *events, uint64_t sequence, size_t *length);
