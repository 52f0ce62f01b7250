/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/election.h>

/* What is refused about the candidates of a call; each fills the diagnostic. */

/* MLB_OK for a name of 1 to MLB_NODE_NAME_MAX bytes, else MLB_ERROR_INVALID_ARGUMENT. */
int32_t candidate_check_name(const struct mlb_candidate *candidates, size_t index, size_t count,
                             struct mlb_diagnostic *diagnostic);

/* MLB_ERROR_INVALID_ARGUMENT for a name that stands twice. */
int32_t candidate_refuse_twice(const char *name, struct mlb_diagnostic *diagnostic);
