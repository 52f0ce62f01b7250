/* SPDX-License-Identifier: MIT */
#include "controller/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order of enum log_format. */
static const char *const format_names[] = {"logfmt", "json", NULL};

#define AT(member) .offset = offsetof(struct controller_options, member)

static const struct option table[] = {
    {.name = "manifests",
     .argument = "PATH",
     .help = "file or directory of manifests; may be repeated",
     .type = OPTION_LIST,
     AT(manifests),
     .required = true},
    {.name = "state",
     .argument = "DIR",
     .help = "directory for what is decided, a directory of manifests for\nspeakers",
     .type = OPTION_TEXT,
     AT(state),
     .required = true},
    {.name = "control",
     .argument = "PATH",
     .help = "socket for metallbctl (default /run/metallb/controller.sock)",
     .type = OPTION_TEXT,
     AT(control)},
    {.name = "metrics",
     .argument = "ADDR:PORT",
     .help = "serve /metrics, /healthz and /readyz there (default: not)",
     .type = OPTION_TEXT,
     AT(metrics)},
    {.name = "lb-class",
     .argument = "CLASS",
     .help = "serve the services of this load balancer class",
     .type = OPTION_TEXT,
     AT(load_balancer_class)},
    {.name = "log-level",
     .argument = "LEVEL",
     .help = "all, debug, info (default), warn, error or none",
     .type = OPTION_TEXT,
     AT(log_level_text)},
    {.name = "log-format",
     .argument = "FORMAT",
     .help = "logfmt (default) or json",
     .type = OPTION_CHOICE,
     .choices = format_names,
     AT(log_format)},
};

#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

/* The records are no manifests for the controller itself: it is their truth, not a reader. */
static const char *reads_its_own_state(const struct controller_options *options)
{
    char *state = realpath(options->state, NULL);
    const char *found = NULL;

    for (size_t i = 0; state != NULL && i < options->manifests.count; i++) {
        char *path = realpath(options->manifests.items[i], NULL);

        if (path != NULL && strcmp(path, state) == 0)
            found = options->manifests.items[i];
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
        .control = "/run/metallb/controller.sock",
        .log_level_text = "info",
        .log_format = LOG_FORMAT_LOGFMT,
    };
    outcome = options_parse(table, TABLE_COUNT, count, arguments, options, error, error_size);
    if (outcome != OPTIONS_RUN)
        return outcome;
    if (!log_level_parse(options->log_level_text, &options->log_level)) {
        snprintf(error, error_size,
                 "--log-level: '%s' is not valid, expected all, debug, info, warn, error, none",
                 options->log_level_text);
        return OPTIONS_WRONG;
    }
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
