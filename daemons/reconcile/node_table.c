/* SPDX-License-Identifier: MIT */
#include "reconcile/node_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Position in sorted at which the name stands or belongs. */
static size_t position(const struct node_table *table, const char *name, bool *found)
{
    size_t low = 0;
    size_t high = table->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(table->names[table->sorted[middle]], name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t node_table_find(const struct node_table *table, const char *name)
{
    bool found = false;
    size_t at = position(table, name, &found);
    return found ? table->sorted[at] : NODE_UNKNOWN;
}

static int grow(struct node_table *table)
{
    size_t capacity = table->capacity == 0 ? 16 : table->capacity * 2;
    char **names = reallocarray(table->names, capacity, sizeof(*names));
    if (names == NULL)
        return -ENOMEM;
    table->names = names;
    uint32_t *sorted = reallocarray(table->sorted, capacity, sizeof(*sorted));
    if (sorted == NULL)
        return -ENOMEM;
    table->sorted = sorted;
    table->capacity = capacity;
    return 0;
}

int node_table_add(struct node_table *table, const char *name)
{
    bool found = false;
    size_t at = position(table, name, &found);
    if (found)
        return 0;
    if (table->count == table->capacity && grow(table) != 0)
        return -ENOMEM;
    char *copy = strdup(name);
    if (copy == NULL)
        return -ENOMEM;
    memmove(&table->sorted[at + 1], &table->sorted[at],
            (table->count - at) * sizeof(*table->sorted));
    table->sorted[at] = (uint32_t)table->count;
    table->names[table->count++] = copy;
    return 0;
}

void node_table_clear(struct node_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->names[i]);
    free(table->names);
    free(table->sorted);
    memset(table, 0, sizeof(*table));
}

bool node_set_is_empty(const node_word *set, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        if (set[i] != 0)
            return false;
    }
    return true;
}

void node_set_unite(node_word *set, const node_word *other, size_t words)
{
    for (size_t i = 0; i < words; i++)
        set[i] |= other[i];
}

void node_set_intersect(node_word *set, const node_word *other, size_t words)
{
    for (size_t i = 0; i < words; i++)
        set[i] &= other[i];
}

size_t node_set_count(const node_word *set, size_t words)
{
    size_t count = 0;
    for (size_t i = 0; i < words; i++)
        count += (size_t)__builtin_popcountll(set[i]);
    return count;
}
