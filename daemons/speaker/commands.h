/* SPDX-License-Identifier: MIT */
/* The commands of the control socket: status, members, drain and undrain. */
#pragma once

#include "speaker/speaker_state.h"

/* Answers a line such as {"command":"status"}; what is no command gets {"error":...}. Returns the
 * document with a newline behind it, or NULL without memory; the caller frees it. */
char *commands_answer(struct speaker *speaker, const char *line, size_t *length);
