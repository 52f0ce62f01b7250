/* SPDX-License-Identifier: MIT */
/* What the speaker thinks, announces and has counted, as the JSON document of metallbctl status. */
#pragma once

#include <metallb/announcer.h>
#include <stddef.h>

#include "objects/problem.h"
#include "reconcile/announcements.h"
#include "speaker/group/group.h"
#include "speaker/reporting/reports.h"

struct status_view {
    const char *node_name;
    const char *state;
    const struct group *group;
    const struct announcements *decisions;
    const struct announcement_reconciler *reconciler;
    const struct mlb_announcer *announcer;
    const struct problem_list *problems; /* of the source */
    const struct reports *reports;
};

/* Returns the document with a newline behind it, or NULL without memory; the caller frees it. */
char *status_document(const struct status_view *view, size_t *length);
