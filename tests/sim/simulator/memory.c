/* SPDX-License-Identifier: MIT */
#include "simulator/memory.h"

#include <stdio.h>
#include <stdlib.h>

static void *checked(void *memory)
{
    if (memory)
        return memory;
    fprintf(stderr, "simulator: no memory left\n");
    exit(1);
}

void *need(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size));
}

void *need_array(void *array, size_t count, size_t size)
{
    return checked(reallocarray(array, count, size));
}
