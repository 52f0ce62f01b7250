/* SPDX-License-Identifier: MIT */
/* Memory that is given back all at once: what one run of a reconciler needs. */
#pragma once

#include <stddef.h>

struct arena_block;

/* Zero-initialized: empty. */
struct arena {
    struct arena_block *blocks;
    size_t used; /* bytes of the first block */
};

/* Returns zeroed memory that suits any type, or NULL. */
void *arena_allocate(struct arena *arena, size_t count, size_t size);

/* Returns a copy of a text, or NULL. */
char *arena_copy(struct arena *arena, const char *text);

/* Returns a text made as by printf, or NULL. */
__attribute__((format(printf, 2, 3))) char *arena_format(struct arena *arena, const char *format,
                                                         ...);

/* Gives everything back. */
void arena_clear(struct arena *arena);
