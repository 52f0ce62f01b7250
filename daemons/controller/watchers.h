/* SPDX-License-Identifier: MIT */
/* What the controller does when a descriptor is ready, a timer runs out or a signal comes. */
#pragma once

#include "controller/controller_state.h"

void watchers_init(struct controller *controller);

/* Before anything is opened: a signal that comes during the first reading waits for the loop. */
void watchers_start_signals(struct controller *controller);

/* Once source and sink are open. */
void watchers_start(struct controller *controller);

/* Decides on the objects of the source as they are. */
void watchers_take_objects(struct controller *controller);
