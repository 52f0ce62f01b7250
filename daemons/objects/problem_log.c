/* SPDX-License-Identifier: MIT */
#include "objects/problem_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lists are compared in an order of their own, so that thousands of problems cost no squares. */
static int compare(const struct problem *a, const struct problem *b)
{
    int order = strcmp(a->file, b->file);

    if (order == 0 && a->line != b->line)
        order = a->line < b->line ? -1 : 1;
    if (order == 0)
        order = strcmp(a->object, b->object);
    if (order == 0)
        order = strcmp(a->field, b->field);
    if (order == 0)
        order = strcmp(a->message, b->message);
    return order != 0 ? order : (int)a->severity - (int)b->severity;
}

static int compare_items(const void *a, const void *b)
{
    return compare(*(const struct problem *const *)a, *(const struct problem *const *)b);
}

/* Pointers to the problems of a list, sorted; NULL without memory. */
static const struct problem **sorted(const struct problem_list *list)
{
    const struct problem **items = calloc(list->count + 1, sizeof(*items));

    for (size_t i = 0; items != NULL && i < list->count; i++)
        items[i] = &list->items[i];
    if (items != NULL && list->count > 1)
        qsort(items, list->count, sizeof(*items), compare_items);
    return items;
}

static bool contains(const struct problem **items, size_t count, const struct problem *problem)
{
    return count > 0 && bsearch(&problem, items, count, sizeof(*items), compare_items) != NULL;
}

static const char *unless_empty(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void write_problem(const struct log *log, enum log_level level, const char *prefix,
                          const struct problem *problem)
{
    char line[16];

    snprintf(line, sizeof(line), "%u", problem->line);
    log_write(log, level,
              LOG_FIELDS({"file", unless_empty(problem->file)},
                         {"line", problem->line != 0 ? line : NULL},
                         {"object", unless_empty(problem->object)},
                         {"field", unless_empty(problem->field)}),
              "%s%s", prefix, problem->message);
}

static enum log_level level_of(const struct problem *problem)
{
    switch (problem->severity) {
    case PROBLEM_ERROR:
        return LOG_LEVEL_ERROR;
    case PROBLEM_WARNING:
        return LOG_LEVEL_WARN;
    case PROBLEM_NOTICE:
        break;
    }
    return LOG_LEVEL_INFO;
}

static void write_difference(const struct problem_log *problems, const struct log *log,
                             const struct problem_list *present, const struct problem **before,
                             const struct problem **now)
{
    for (size_t i = 0; i < problems->last.count; i++)
        if (!contains(now, present->count, &problems->last.items[i]))
            write_problem(log, LOG_LEVEL_INFO, "over: ", &problems->last.items[i]);
    for (size_t i = 0; i < present->count; i++)
        if (!contains(before, problems->last.count, &present->items[i]))
            write_problem(log, level_of(&present->items[i]), "", &present->items[i]);
}

void problem_log_update(struct problem_log *problems, const struct log *log,
                        const struct problem_list *present)
{
    const struct problem **before;
    const struct problem **now;

    if (problem_list_equal(&problems->last, present))
        return;
    before = sorted(&problems->last);
    now = sorted(present);
    /* Without memory it is told at the next change. */
    if (before != NULL && now != NULL) {
        write_difference(problems, log, present, before, now);
        problem_list_clear(&problems->last);
        problem_list_append(&problems->last, present);
    }
    free((void *)before);
    free((void *)now);
}

void problem_log_clear(struct problem_log *problems)
{
    problem_list_clear(&problems->last);
}
