/* SPDX-License-Identifier: MIT */
/* From what is known - objects, members, what they say - to what this node announces and says. */
#pragma once

#include "speaker/speaker_state.h"

/* The objects of the source are others than before. */
void deciding_take_objects(struct speaker *speaker, uint64_t now);

/* Interfaces came, went or changed. */
void deciding_take_interfaces(struct speaker *speaker, uint64_t now);

/* Looks at the subnets of the interfaces, whose changes nobody tells, and returns when to do so
 * again. */
uint64_t deciding_tick(struct speaker *speaker, uint64_t now);

/* Decides anew, carries out the difference, has the announcer send it, and tells the others. */
void deciding_update(struct speaker *speaker, uint64_t now);

/* Tells the others what this node says of itself now. */
void deciding_publish(struct speaker *speaker);

/* Whether a member would own an address if it were able and ready, as its claim shows. */
enum foreseen deciding_foresee(struct speaker *speaker, const char *member,
                               const struct mlb_address *address, uint64_t now);
