/* SPDX-License-Identifier: MIT */
/* The parts of a controller, for the files that make it up. */
#pragma once

#include <ev.h>
#include <time.h>

#include "common/control.h"
#include "common/http.h"
#include "common/notify.h"
#include "controller/controller.h"
#include "controller/events.h"
#include "objects/problem_log.h"
#include "reconcile/services.h"
#include "sources/sink.h"
#include "sources/source.h"

struct controller {
    const struct controller_options *options;
    const struct log *log;
    struct source *source;
    struct sink *sink;
    struct service_reconciler *reconciler;
    struct service_results results; /* of the last run */
    struct events events;
    struct control *control;
    struct http_server *http; /* NULL without --metrics */
    struct notify_watchdog watchdog;
    struct problem_log source_problems;
    struct problem_log sink_problems;
    struct problem_list unreadable; /* records that could not be read at the start */
    bool undecided;                 /* the last run failed for want of memory */
    bool unwritten;                 /* the last result was not taken by the sink */
    bool rewriting;                 /* everything was given to the sink again */
    bool was_ready;                 /* the service manager was told */
    uint64_t decisions;             /* runs that succeeded */
    uint64_t failures;              /* and that failed */
    struct timespec started;
    struct ev_loop *loop;
    ev_io source_io;
    ev_io sink_io;
    ev_timer retry;
    ev_timer tidy;
    ev_signal terminate;
    ev_signal interrupt;
    ev_signal hangup;
};

/* Whether the objects were read and the last result is durable. */
bool controller_is_ready(const struct controller *controller);
