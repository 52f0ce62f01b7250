/* SPDX-License-Identifier: MIT */
/* From objects to a result, and from a result to the state directory. */
#pragma once

#include "controller/controller_state.h"

/* Decides on the objects of the source as they are.
 *
 * @param changes  since the last time, NULL for all
 */
void deciding_run(struct controller *controller, const struct object_changes *changes);

/* Does again what failed. */
void deciding_retry(struct controller *controller);

/* Acts on what became of results. */
void deciding_take_durable(struct controller *controller);
