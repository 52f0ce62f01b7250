/* SPDX-License-Identifier: MIT */
/* What the speaker does when a descriptor is ready, a timer runs out or a signal comes. */
#pragma once

#include "speaker/speaker_state.h"

void watchers_init(struct speaker *speaker);

/* Before anything is opened that must be put back: a signal that comes during the first reading
 * waits for the loop. */
void watchers_start_signals(struct speaker *speaker);

/* Once source and announcer are open. */
void watchers_start(struct speaker *speaker);

/* Acts on the objects of the source as they are. */
void watchers_take_objects(struct speaker *speaker);

/* Acts on all that is due and on the events of the announcer that wait. */
void watchers_settle(struct speaker *speaker);
