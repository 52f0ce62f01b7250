/* SPDX-License-Identifier: MIT */
/* /metrics, /healthz and /readyz of the speaker. */
#pragma once

#include "common/http.h"

/* An http_handler whose context is a struct speaker. */
void speaker_http_answer(void *context, const char *path, struct http_answer *answer);
