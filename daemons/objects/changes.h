/* SPDX-License-Identifier: MIT */
/* What one step of a source changed in the objects, so that a reconciler looks at no others. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "objects/objects.h"

/* Names one Service. */
struct service_key {
    const char *namespace_;
    const char *name;
};

struct object_changes {
    unsigned kinds; /* OBJECT_BIT() of the kinds of which objects came, went or changed */
    bool footing;   /* nothing is known from before, or incomplete, broken or statuses changed:
                       everything is to be judged anew */
    const struct service_key *services; /* by namespace and name, each once; with footing none */
    size_t service_count;
};

#define OBJECT_BIT(kind) (1u << (unsigned)(kind))
