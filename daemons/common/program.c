/* SPDX-License-Identifier: MIT */
#include "common/program.h"

#include <metallb/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EXIT_USAGE 2

/* In the order of enum log_format. */
const char *const common_log_formats[] = {"logfmt", "json", NULL};

struct common_options common_options_defaults(const char *control)
{
    return (struct common_options){
        .control = control,
        .log_level_text = "info",
        .log_format = LOG_FORMAT_LOGFMT,
    };
}

bool common_options_check(struct common_options *options, char *error, size_t error_size)
{
    if (log_level_parse(options->log_level_text, &options->log_level))
        return true;
    snprintf(error, error_size,
             "--log-level: '%s' is not valid, expected all, debug, info, warn, error, none",
             options->log_level_text);
    return false;
}

static int show_help(char *(*help)(void))
{
    char *text = help();

    if (text == NULL)
        return EXIT_FAILURE;
    fputs(text, stdout);
    free(text);
    return EXIT_SUCCESS;
}

int program_answer(const char *name, enum option_outcome outcome, char *(*help)(void),
                   const char *error)
{
    if (outcome == OPTIONS_HELP)
        return show_help(help);
    if (outcome == OPTIONS_VERSION) {
        printf("%s %s\n", name, mlb_version_text());
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "%s: %s\nTry %s --help.\n", name, error, name);
    return EXIT_USAGE;
}

struct log program_log(const struct common_options *options, struct log_loss *loss)
{
    return (struct log){
        .fd = STDERR_FILENO,
        .level = options->log_level,
        .format = (enum log_format)options->log_format,
        .loss = loss,
    };
}
