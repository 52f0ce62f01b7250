/* SPDX-License-Identifier: MIT */
/* The parts of a speaker, for the files that make it up. */
#pragma once

#include <ev.h>

#include "common/control.h"
#include "common/http.h"
#include "common/notify.h"
#include "speaker/ownership.h"
#include "speaker/speaker.h"

enum speaker_state {
    SPEAKER_RUNNING,
    SPEAKER_DRAINING, /* answers no more, delivers still */
};

struct speaker {
    const struct speaker_options *options;
    const struct log *log;
    enum speaker_state state;
    struct reports reports;
    struct problem_log problems;
    struct source *source;
    struct mlb_announcer *announcer;
    struct ownership ownership;
    struct control *control;
    struct http_server *http; /* NULL without --metrics */
    struct notify_watchdog watchdog;
    struct ev_loop *loop;
    ev_io source_io;
    ev_io announcer_io;
    ev_timer timer;
    ev_timer retry;
    ev_timer tidy;
    ev_signal terminate;
    ev_signal interrupt;
    ev_signal hangup;
};
