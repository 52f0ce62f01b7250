/* SPDX-License-Identifier: MIT */
/* /metrics, /healthz and /readyz of the controller. */
#pragma once

#include "common/http.h"
#include "controller/controller_state.h"

/* An http_handler whose context is a struct controller. */
void controller_http_answer(void *context, const char *path, struct http_answer *answer);
