/* SPDX-License-Identifier: MIT */
#include "simulator/figures.h"

#include <stdlib.h>

#include "simulator/memory.h"

void figures_add(struct figures *figures, uint64_t value)
{
    if (figures->count == figures->capacity) {
        figures->capacity = figures->capacity ? figures->capacity * 2 : 64;
        figures->values = need_array(figures->values, figures->capacity, sizeof(uint64_t));
    }
    figures->values[figures->count++] = value;
}

static int compare(const void *a, const void *b)
{
    const uint64_t first = *(const uint64_t *)a;
    const uint64_t second = *(const uint64_t *)b;

    return (first > second) - (first < second);
}

uint64_t figures_percentile(struct figures *figures, unsigned int percent)
{
    size_t place = (figures->count * percent + 99) / 100;

    if (!figures->count)
        return 0;
    qsort(figures->values, figures->count, sizeof(uint64_t), compare);
    return figures->values[place ? place - 1 : 0];
}

void figures_free(struct figures *figures)
{
    free(figures->values);
    *figures = (struct figures){0};
}
