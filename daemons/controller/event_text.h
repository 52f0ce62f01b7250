/* SPDX-License-Identifier: MIT */
/* A change of a service in words, and as the members of a JSON object. */
#pragma once

#include "common/log.h"
#include "reconcile/services.h"

/* "assigned", "kept", "moved", "released", "refused" or "updated". */
const char *event_kind_name(enum service_change_kind kind);

enum log_level event_level(enum service_change_kind kind);

/* Both return memory from malloc, or NULL without any. */
char *event_message(const struct service_change *change);
char *event_members(const struct service_change *change);
