/* SPDX-License-Identifier: MIT */
/* From what is known - objects, members, what they say - to what this node announces and says. */
#pragma once

#include "speaker/speaker_state.h"

/* The objects of the source are others than before. */
void deciding_take_objects(struct speaker *speaker, uint64_t now);

/* Interfaces came, went or changed. */
void deciding_take_interfaces(struct speaker *speaker, uint64_t now);

/* Decides anew, carries out the difference, has the announcer send it, and tells the others. */
void deciding_update(struct speaker *speaker, uint64_t now);

/* Tells the others what this node says of itself now. */
void deciding_publish(struct speaker *speaker);

/* Whether a member that counts as failed would own an address by this node's own view if it lived.
 * That costs an election; who asks looks first whether one may be held now. */
bool deciding_may_foresee(const struct speaker *speaker, uint64_t now);
bool deciding_foresees(struct speaker *speaker, const struct peer *peer,
                       const struct mlb_address *address, uint64_t now);
