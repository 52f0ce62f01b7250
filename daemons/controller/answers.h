/* SPDX-License-Identifier: MIT */
/* What the controller answers to metallbctl: status, events, why-not. */
#pragma once

#include "controller/controller_state.h"

/* Answers a line of the control socket; the caller frees it, NULL without memory. */
char *answers_give(struct controller *controller, const char *line, size_t *length);
