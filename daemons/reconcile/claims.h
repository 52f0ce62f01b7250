/* SPDX-License-Identifier: MIT */
/* Which addresses each Service stands for: those of its status, else those that it requests. */
#pragma once

#include "reconcile/standing.h"

struct claims {
    struct standing *items; /* by namespace and name of the service, each with addresses */
    size_t count;
    struct announcement_warning *notes; /* requests that cannot be granted */
    size_t note_count;
};

/* Returns 0 or -ENOMEM. */
int claims_collect(const struct standing_context *context, struct claims *claims);
