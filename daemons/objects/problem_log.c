/* SPDX-License-Identifier: MIT */
#include "objects/problem_log.h"

#include <stdio.h>
#include <string.h>

static bool same(const struct problem *a, const struct problem *b)
{
    return a->severity == b->severity && a->line == b->line && strcmp(a->file, b->file) == 0 &&
           strcmp(a->object, b->object) == 0 && strcmp(a->field, b->field) == 0 &&
           strcmp(a->message, b->message) == 0;
}

static bool contains(const struct problem_list *list, const struct problem *problem)
{
    for (size_t i = 0; i < list->count; i++)
        if (same(&list->items[i], problem))
            return true;
    return false;
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

void problem_log_update(struct problem_log *problems, const struct log *log,
                        const struct problem_list *present)
{
    if (problem_list_equal(&problems->last, present))
        return;
    for (size_t i = 0; i < problems->last.count; i++)
        if (!contains(present, &problems->last.items[i]))
            write_problem(log, LOG_LEVEL_INFO, "over: ", &problems->last.items[i]);
    for (size_t i = 0; i < present->count; i++)
        if (!contains(&problems->last, &present->items[i]))
            write_problem(log, level_of(&present->items[i]), "", &present->items[i]);
    problem_list_clear(&problems->last);
    problem_list_append(&problems->last, present);
}

void problem_log_clear(struct problem_log *problems)
{
    problem_list_clear(&problems->last);
}
