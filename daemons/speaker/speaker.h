/* SPDX-License-Identifier: MIT */
/* The speaker: source, announcer, control socket, signals and timers on one event loop. */
#pragma once

#include "common/log.h"
#include "speaker/options.h"

struct speaker;

/* Reads the manifests and opens everything; what fails is told on the log. options and log outlive
 * the speaker. Returns NULL on failure. */
struct speaker *speaker_new(const struct speaker_options *options, const struct log *log);

/* Runs until a signal ends it and delivery is over; returns the exit status. */
int speaker_run(struct speaker *speaker);

/* Puts back what the speaker changed on the host and frees it; NULL is ignored. */
void speaker_free(struct speaker *speaker);
