/* SPDX-License-Identifier: MIT */
/*
 * The linker turns the allocations of a program to these (--wrap), so that a test decides which of
 * them fail. They are seen from outside, since shared libraries call what they stand for, too.
 */
#pragma once

#include <stddef.h>

/* The test's own: asked before each allocation; 0 lets it fail. */
int may_allocate(void);

#pragma GCC visibility push(default)
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);
char *__wrap_strdup(const char *text);
#pragma GCC visibility pop
