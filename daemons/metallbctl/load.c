/* SPDX-License-Identifier: MIT */
#include "metallbctl/load.h"

#include <stdio.h>

#include "sources/manifests.h"

int load(const char *const *paths, size_t count, struct loaded *loaded)
{
    *loaded = (struct loaded){0};
    object_set_init(&loaded->objects);
    if (manifests_load(paths, count, &loaded->objects, &loaded->problems) != 0) {
        load_clear(loaded);
        return out_of_memory();
    }
    loaded->broken = problem_list_has_errors(&loaded->problems);
    return EXIT_GOOD;
}

static void print_problem(const struct problem *problem)
{
    if (problem->file[0] != '\0')
        fprintf(stderr, "%s:", problem->file);
    if (problem->line != 0)
        fprintf(stderr, "%u:", problem->line);
    if (problem->file[0] != '\0' || problem->line != 0)
        fputc(' ', stderr);
    if (problem->severity == PROBLEM_WARNING)
        fputs("warning: ", stderr);
    if (problem->severity == PROBLEM_NOTICE)
        fputs("note: ", stderr);
    if (problem->object[0] != '\0')
        fprintf(stderr, "%s: ", problem->object);
    if (problem->field[0] != '\0')
        fprintf(stderr, "%s: ", problem->field);
    fprintf(stderr, "%s\n", problem->message);
}

void load_report(const struct loaded *loaded)
{
    for (size_t i = 0; i < loaded->problems.count; i++)
        print_problem(&loaded->problems.items[i]);
}

void load_clear(struct loaded *loaded)
{
    object_set_clear(&loaded->objects);
    problem_list_clear(&loaded->problems);
}
