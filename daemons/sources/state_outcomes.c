/* SPDX-License-Identifier: MIT */
#include "sources/state_outcomes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources/state_files.h"

int state_outcomes_init(struct state_outcomes *outcomes, const struct state_records *records)
{
    memset(outcomes, 0, sizeof(*outcomes));
    outcomes->unreadable = calloc(records->unreadable_count + 1, sizeof(char *));
    if (outcomes->unreadable == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < records->unreadable_count; i++) {
        outcomes->unreadable[i] = strdup(records->unreadable[i]);
        if (outcomes->unreadable[i] == NULL)
            return -ENOMEM;
        outcomes->unreadable_count++;
    }
    return 0;
}

void state_outcomes_clear(struct state_outcomes *outcomes)
{
    for (size_t i = 0; i < outcomes->unreadable_count; i++)
        free(outcomes->unreadable[i]);
    free(outcomes->unreadable);
    problem_list_clear(&outcomes->problems);
    memset(outcomes, 0, sizeof(*outcomes));
}

static bool is_unreadable(const struct state_outcomes *outcomes,
                          const struct service_outcome *outcome)
{
    size_t length = strlen(outcome->namespace_);

    for (size_t i = 0; i < outcomes->unreadable_count; i++)
        if (strncmp(outcomes->unreadable[i], outcome->namespace_, length) == 0 &&
            outcomes->unreadable[i][length] == '/' &&
            strcmp(outcomes->unreadable[i] + length + 1, outcome->name) == 0)
            return true;
    return false;
}

static bool is_fit(const struct state_outcomes *outcomes, const struct service_outcome *outcome)
{
    return state_files_check(outcome->namespace_, outcome->name) == NULL &&
           !is_unreadable(outcomes, outcome);
}

/* Sets or ends the problem of a name. */
static void note_name(struct state_outcomes *outcomes, const struct service_outcome *outcome)
{
    const char *wrong = state_files_check(outcome->namespace_, outcome->name);
    struct problem_list rest = {0};
    char object[1024];

    if (wrong == NULL)
        return;
    snprintf(object, sizeof(object), "Service/%s/%s", outcome->namespace_, outcome->name);
    for (size_t i = 0; i < outcomes->problems.count; i++)
        if (strcmp(outcomes->problems.items[i].object, object) != 0) {
            struct problem_list one = {.items = &outcomes->problems.items[i], .count = 1};

            problem_list_append(&rest, &one);
        }
    if (!outcome->remove)
        problem_add(&rest, PROBLEM_ERROR, "", 0, object, "metadata.name",
                    "its address cannot be recorded: %s", wrong);
    problem_list_clear(&outcomes->problems);
    outcomes->problems = rest;
}

int state_outcomes_select(struct state_outcomes *outcomes, const struct outcomes *all,
                          struct outcomes *fit)
{
    struct service_outcome *services;
    size_t count = 0;

    *fit = *all;
    for (size_t i = 0; i < all->service_count; i++)
        count += is_fit(outcomes, &all->services[i]);
    if (count == all->service_count)
        return 0;
    services = calloc(count + 1, sizeof(*services));
    if (services == NULL)
        return -ENOMEM;
    fit->services = services;
    fit->service_count = 0;
    for (size_t i = 0; i < all->service_count; i++) {
        note_name(outcomes, &all->services[i]);
        if (is_fit(outcomes, &all->services[i]))
            services[fit->service_count++] = all->services[i];
    }
    return 0;
}

void state_outcomes_free(const struct outcomes *all, struct outcomes *fit)
{
    if (fit->services != all->services)
        free((void *)(uintptr_t)fit->services);
}
