/* SPDX-License-Identifier: MIT */
/* Logs each problem once when it appears and once when it is gone. */
#pragma once

#include "common/log.h"
#include "objects/problem.h"

struct problem_log {
    struct problem_list last; /* the problems at the last update, copied */
};

void problem_log_update(struct problem_log *problems, const struct log *log,
                        const struct problem_list *present);

void problem_log_clear(struct problem_log *problems);
