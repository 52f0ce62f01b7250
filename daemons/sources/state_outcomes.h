/* SPDX-License-Identifier: MIT */
/*
 * Which outcomes can be recorded: those whose names can be paths, and whose record is not one that
 * could not be read, which stays until somebody has looked at it.
 */
#pragma once

#include "sources/state_directory.h"

struct state_outcomes {
    char **unreadable; /* "namespace/name" */
    size_t unreadable_count;
    struct problem_list problems; /* names that can be no paths, at present */
};

int state_outcomes_init(struct state_outcomes *outcomes, const struct state_records *records);
void state_outcomes_clear(struct state_outcomes *outcomes);

/*
 * Selects what can be recorded and notes problems of the rest.
 *
 * @param fit  receives it, partly borrowed from all; the caller frees it with state_outcomes_free()
 * @return     0 or -ENOMEM
 */
int state_outcomes_select(struct state_outcomes *outcomes, const struct outcomes *all,
                          struct outcomes *fit);
void state_outcomes_free(const struct outcomes *all, struct outcomes *fit);
