/* SPDX-License-Identifier: MIT */
#include "controller/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTROL "/run/metallb/controller.sock"

_Static_assert(offsetof(struct controller_options, common) == 0, "where the common rows write");

#define AT(member) .offset = offsetof(struct controller_options, member)

static const struct option table[] = {
    COMMON_OPTION_MANIFESTS,
    {.name = "state",
     .argument = "DIR",
     .help = "directory for what is decided, a directory of manifests for\nspeakers",
     .type = OPTION_TEXT,
     AT(state),
     .required = true},
    COMMON_OPTION_CONTROL(CONTROL),
    COMMON_OPTION_METRICS,
    COMMON_OPTION_CLASS,
    COMMON_OPTION_LOG_LEVEL,
    COMMON_OPTION_LOG_FORMAT,
};

#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

/* The records are no manifests for the controller itself: it is their truth, not a reader. */
static const char *reads_its_own_state(const struct controller_options *options)
{
    char *state = realpath(options->state, NULL);
    const char *found = NULL;

    for (size_t i = 0; state != NULL && i < options->common.manifests.count; i++) {
        char *path = realpath(options->common.manifests.items[i], NULL);

        if (path != NULL && strcmp(path, state) == 0)
            found = options->common.manifests.items[i];
        free(path);
    }
    free(state);
    return found;
}

enum option_outcome controller_options_parse(int count, char *const *arguments,
                                             struct controller_options *options, char *error,
                                             size_t error_size)
{
    enum option_outcome outcome;

    *options = (struct controller_options){
        .common = common_options_defaults(CONTROL),
    };
    outcome = options_parse(table, TABLE_COUNT, count, arguments, options, error, error_size);
    if (outcome != OPTIONS_RUN)
        return outcome;
    if (!common_options_check(&options->common, error, error_size))
        return OPTIONS_WRONG;
    if (options->state[0] == '\0') {
        snprintf(error, error_size, "--state: needs a directory");
        return OPTIONS_WRONG;
    }
    if (reads_its_own_state(options) != NULL) {
        snprintf(error, error_size,
                 "--state: %s is also among --manifests; give the two different directories",
                 options->state);
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}

void controller_options_clear(struct controller_options *options)
{
    options_clear(table, TABLE_COUNT, options);
}

char *controller_options_help(void)
{
    return options_help(table, TABLE_COUNT,
                        "metallb-controller --manifests PATH --state DIR [options]",
                        "Gives load balancer services their addresses.");
}
