/* SPDX-License-Identifier: MIT */
/* The parts of a speaker, for the files that make it up. */
#pragma once

#include <ev.h>

#include "common/control.h"
#include "common/http.h"
#include "common/notify.h"
#include "sources/source.h"
#include "speaker/group/group.h"
#include "speaker/group/self_facts.h"
#include "speaker/lifecycle.h"
#include "speaker/ownership/foresight.h"
#include "speaker/ownership/ownership.h"
#include "speaker/speaker.h"

struct speaker {
    const struct speaker_options *options;
    const struct log *log;
    struct lifecycle lifecycle;
    uint64_t start_by;     /* what is still missing then is waited for no longer */
    uint64_t hand_over_by; /* the others have taken over by then */
    uint64_t depart_by;    /* the others were told by then that this node goes */
    struct reports reports;
    struct problem_log problems;
    struct source *source;
    struct mlb_announcer *announcer;
    struct group group;
    struct self_facts self;
    uint64_t subnets_at; /* when to look at the subnets again */
    uint64_t digest;     /* of the configuration of digest_generation */
    uint64_t digest_generation;
    struct foresight foresight;
    struct ownership ownership;
    struct control *control;
    struct http_server *http; /* NULL without --metrics */
    struct notify_watchdog watchdog;
    struct ev_loop *loop;
    ev_io source_io;
    ev_io announcer_io;
    ev_io group_io;
    ev_timer timer;
    ev_timer retry;
    ev_timer tidy;
    ev_signal terminate;
    ev_signal interrupt;
    ev_signal hangup;
};
