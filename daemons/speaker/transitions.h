/* SPDX-License-Identifier: MIT */
/* What the speaker does when it starts, stands still, drains or ends: the deeds that belong to the
 * states of lifecycle.h. */
#pragma once

#include "speaker/speaker_state.h"

/* How long a node that drains or ends answers on while others take over, unless they are heard
 * before. */
#define HAND_OVER_SECONDS 1

/* Begins to wait for what must be known first. */
void transitions_begin(struct speaker *speaker, uint64_t now);

/* Takes an event and does what its new state asks for. */
void transitions_take(struct speaker *speaker, enum lifecycle_event event, uint64_t now);

/* Takes what group_dispatch() returned. */
void transitions_take_group(struct speaker *speaker, unsigned bits, uint64_t now);

/* Does what is due and returns when more is. */
uint64_t transitions_tick(struct speaker *speaker, uint64_t now);

/* Whether all is done and the process may end. */
bool transitions_are_over(const struct speaker *speaker, uint64_t now);
