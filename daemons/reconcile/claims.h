/* SPDX-License-Identifier: MIT */
/* Which addresses each Service stands for: those of its status, else those that it requests. That
 * follows from the objects alone. */
#pragma once

#include "reconcile/standing.h"

struct claims {
    struct standing *items; /* by namespace and name of the service, each with addresses */
    size_t count;
    struct announcement_warning *notes; /* requests that cannot be granted */
    size_t note_count;
};

/* Claims and what they point to are made in arena, but for the objects of the context, of which
 * nothing but these and the options are read. Returns 0 or -ENOMEM. */
int claims_collect(const struct standing_context *context, struct arena *arena,
                   struct claims *claims);
