/* SPDX-License-Identifier: MIT */
#include "metallbctl/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Takes over the memory. */
static void add_cell(struct table *table, char *cell)
{
    if (table->cell_count == table->capacity) {
        size_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
        char **cells = reallocarray(table->cells, capacity, sizeof(*cells));
        if (cells == NULL) {
            free(cell);
            table->failed = true;
            return;
        }
        table->cells = cells;
        table->capacity = capacity;
    }
    if (cell == NULL)
        table->failed = true;
    else
        table->cells[table->cell_count++] = cell;
}

void table_add(struct table *table, const char *text)
{
    add_cell(table, strdup(text == NULL || text[0] == '\0' ? "-" : text));
}

void table_add_format(struct table *table, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    add_cell(table, length < 0 ? NULL : text);
}

void table_add_list(struct table *table, const char *const *texts, size_t count)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++)
        size += strlen(texts[i]) + 2;
    char *joined = malloc(size);
    if (joined == NULL || count == 0) {
        free(joined);
        table_add(table, NULL);
        return;
    }
    char *end = joined;
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, i > 0 ? ", " : "");
        end = stpcpy(end, texts[i]);
    }
    add_cell(table, joined);
}

static void print_row(const struct table *table, size_t first, const size_t *widths, FILE *stream)
{
    for (size_t column = 0; column < table->columns; column++) {
        const char *cell = table->cells[first + column];
        if (column + 1 < table->columns)
            fprintf(stream, "%-*s  ", (int)widths[column], cell);
        else
            fprintf(stream, "%s\n", cell);
    }
}

bool table_print(struct table *table, FILE *stream)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    for (size_t i = 0; !table->failed && i < table->cell_count; i++) {
        size_t width = strlen(table->cells[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    for (size_t i = 0; !table->failed && i + table->columns <= table->cell_count;
         i += table->columns)
        print_row(table, i, widths, stream);
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->cells);
    bool good = !table->failed;
    *table = (struct table){.columns = table->columns};
    return good;
}
