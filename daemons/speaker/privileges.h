/* SPDX-License-Identifier: MIT */
/* The capabilities that the speaker works with. */
#pragma once

#include "common/log.h"
#include "speaker/options.h"

/* Tells on the log what is missing; returns 0, or -1 when the speaker cannot work so. */
int privileges_check(const struct speaker_options *options, const struct log *log);

/* Gives up all others for good. Returns 0 or -1, told on the log. */
int privileges_drop(const struct speaker_options *options, const struct log *log);
