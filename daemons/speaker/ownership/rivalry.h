/* SPDX-License-Identifier: MIT */
/* What is done when another host claims an address that this node announces. */
#pragma once

#include "speaker/speaker_state.h"

/* Takes an event MLB_ANNOUNCER_CONFLICT. */
void rivalry_take(struct speaker *speaker, const struct mlb_announcer_event *event, uint64_t now);
