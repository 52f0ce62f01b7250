/* SPDX-License-Identifier: MIT */
/* Values of which the order counts: median, percentiles, the largest. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct figures {
    uint64_t *values;
    size_t count;
    size_t capacity;
};

void figures_add(struct figures *figures, uint64_t value);

/* The smallest value that at least so many percent of all do not exceed; 100: the largest; 0
 * without values. */
uint64_t figures_percentile(struct figures *figures, unsigned int percent);

void figures_free(struct figures *figures);
