/* SPDX-License-Identifier: MIT */
/* A table for people: columns as wide as their widest cell. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 8

/* Begins with the column count; all else zero. */
struct table {
    size_t columns;
    char **cells; /* row by row */
    size_t cell_count;
    size_t capacity;
    bool failed; /* a cell was lost for lack of memory */
};

/* Appends the next cell, copied; NULL and "" are shown as "-". */
void table_add(struct table *table, const char *text);

/* Appends a cell made as by printf. */
__attribute__((format(printf, 2, 3))) void table_add_format(struct table *table, const char *format,
                                                            ...);

/* Appends the texts of a list as one cell, with commas between them. */
void table_add_list(struct table *table, const char *const *texts, size_t count);

/* Prints and clears; returns false without memory. */
bool table_print(struct table *table, FILE *stream);
