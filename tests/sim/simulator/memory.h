/* SPDX-License-Identifier: MIT */
/* Memory of the simulator: a run that has none left ends with a message. */
#pragma once

#include <stddef.h>

/* Zeroed. */
void *need(size_t count, size_t size);

/* As realloc(). */
void *need_array(void *array, size_t count, size_t size);
