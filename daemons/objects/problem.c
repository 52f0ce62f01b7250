/* SPDX-License-Identifier: MIT */
#include "objects/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void problem_free(struct problem *problem)
{
    free(problem->file);
    free(problem->object);
    free(problem->field);
    free(problem->message);
}

static char *copy_text(const char *text)
{
    return strdup(text == NULL ? "" : text);
}

/* Takes over the message. */
static void add_with_message(struct problem_list *list, const struct problem *source, char *message)
{
    struct problem problem = {
        .severity = source->severity,
        .file = copy_text(source->file),
        .line = source->line,
        .object = copy_text(source->object),
        .field = copy_text(source->field),
        .message = message,
    };

    if (problem.file == NULL || problem.object == NULL || problem.field == NULL ||
        problem.message == NULL) {
        problem_free(&problem);
        return;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        struct problem *items = reallocarray(list->items, capacity, sizeof(*items));

        if (items == NULL) {
            problem_free(&problem);
            return;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = problem;
}

void problem_add(struct problem_list *list, enum problem_severity severity, const char *file,
                 unsigned line, const char *object, const char *field, const char *format, ...)
{
    struct problem problem = {
        .severity = severity,
        .file = (char *)file,
        .line = line,
        .object = (char *)object,
        .field = (char *)field,
    };
    char *message = NULL;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (length >= 0)
        add_with_message(list, &problem, message);
}

void problem_list_append(struct problem_list *list, const struct problem_list *other)
{
    for (size_t i = 0; i < other->count; i++)
        add_with_message(list, &other->items[i], strdup(other->items[i].message));
}

static bool problem_equal(const struct problem *a, const struct problem *b)
{
    return a->severity == b->severity && a->line == b->line && strcmp(a->file, b->file) == 0 &&
           strcmp(a->object, b->object) == 0 && strcmp(a->field, b->field) == 0 &&
           strcmp(a->message, b->message) == 0;
}

bool problem_list_equal(const struct problem_list *a, const struct problem_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!problem_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

bool problem_list_has_errors(const struct problem_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].severity == PROBLEM_ERROR)
            return true;
    return false;
}

void problem_list_clear(struct problem_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        problem_free(&list->items[i]);
    free(list->items);
    memset(list, 0, sizeof(*list));
}
