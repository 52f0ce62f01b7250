/* SPDX-License-Identifier: MIT */
/*
 * Search in arrays that ascend. The comparison is given the key first, as by bsearch(3); an array
 * that is empty may be NULL.
 */
#pragma once

#include <stddef.h>

typedef int sorted_comparison(const void *key, const void *item);

/* Index of the first item that is not before the key: where it stands, or would stand. */
size_t sorted_position(const void *key, const void *items, size_t count, size_t size,
                       sorted_comparison *compare);

/* The item of the key; NULL: there is none. */
void *sorted_find(const void *key, const void *items, size_t count, size_t size,
                  sorted_comparison *compare);
