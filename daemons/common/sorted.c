/* SPDX-License-Identifier: MIT */
#include "common/sorted.h"

#include <stdlib.h>

size_t sorted_position(const void *key, const void *items, size_t count, size_t size,
                       sorted_comparison *compare)
{
    const char *bytes = items;
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(key, bytes + middle * size) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void *sorted_find(const void *key, const void *items, size_t count, size_t size,
                  sorted_comparison *compare)
{
    return count == 0 ? NULL : bsearch(key, items, count, size, compare);
}
