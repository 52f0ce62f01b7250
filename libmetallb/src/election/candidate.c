/* SPDX-License-Identifier: MIT */
#include "election/candidate.h"

#include <string.h>

#include "base/diagnostic.h"

int32_t candidate_check_name(const struct mlb_candidate *candidates, size_t index, size_t count,
                             struct mlb_diagnostic *diagnostic)
{
    const char *name = candidates[index].name;

    if (!name || name[0] == '\0')
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "name", NULL,
                              "candidate %zu of %zu has no name", index + 1, count);
    if (strnlen(name, MLB_NODE_NAME_MAX + 1) > MLB_NODE_NAME_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, name, NULL,
                              "the name of candidate %zu of %zu is longer than %d bytes", index + 1,
                              count, MLB_NODE_NAME_MAX);
    return MLB_OK;
}

int32_t candidate_refuse_twice(const char *name, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, name, NULL,
                          "two candidates have the name %s; give each node its own", name);
}
