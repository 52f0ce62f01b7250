/* SPDX-License-Identifier: MIT */
/*
 * What the programs that run in the background have in common: the options that each knows, and
 * what each does before its own part begins.
 */
#pragma once

#include "common/log.h"
#include "common/options.h"

/* Stands first in the options of a program, so that the rows below fit all of them. */
struct common_options {
    struct option_values manifests;
    const char *control;
    const char *metrics; /* NULL: none are served */
    const char *load_balancer_class;
    const char *log_level_text;
    enum log_level log_level;
    unsigned log_format; /* enum log_format */
};

/* Rows for the table of a program, each where its help shall stand. */
#define COMMON_OPTION_MANIFESTS                                                         \
    {                                                                                   \
        .name = "manifests", .argument = "PATH",                                        \
        .help = "file or directory of manifests; may be repeated", .type = OPTION_LIST, \
        .offset = offsetof(struct common_options, manifests), .required = true          \
    }

#define COMMON_OPTION_CONTROL(default_path)                                              \
    {                                                                                    \
        .name = "control", .argument = "PATH",                                           \
        .help = "socket for metallbctl (default " default_path ")", .type = OPTION_TEXT, \
        .offset = offsetof(struct common_options, control)                               \
    }

#define COMMON_OPTION_METRICS                                                                     \
    {                                                                                             \
        .name = "metrics", .argument = "ADDR:PORT",                                               \
        .help = "serve /metrics, /healthz and /readyz there (default: not)", .type = OPTION_TEXT, \
        .offset = offsetof(struct common_options, metrics)                                        \
    }

#define COMMON_OPTION_CLASS                                                            \
    {                                                                                  \
        .name = "lb-class", .argument = "CLASS",                                       \
        .help = "serve the services of this load balancer class", .type = OPTION_TEXT, \
        .offset = offsetof(struct common_options, load_balancer_class)                 \
    }

#define COMMON_OPTION_LOG_LEVEL                                                         \
    {                                                                                   \
        .name = "log-level", .argument = "LEVEL",                                       \
        .help = "all, debug, info (default), warn, error or none", .type = OPTION_TEXT, \
        .offset = offsetof(struct common_options, log_level_text)                       \
    }

#define COMMON_OPTION_LOG_FORMAT                                                        \
    {                                                                                   \
        .name = "log-format", .argument = "FORMAT", .help = "logfmt (default) or json", \
        .type = OPTION_CHOICE, .choices = common_log_formats,                           \
        .offset = offsetof(struct common_options, log_format)                           \
    }

extern const char *const common_log_formats[];

struct common_options common_options_defaults(const char *control);

/* Reads what options_parse() took as a text; false with error filled where that is wrong. */
bool common_options_check(struct common_options *options, char *error, size_t error_size);

/* Prints what was asked for instead of running, or what is wrong; returns the exit status. The
 * text that help makes is freed; NULL: there is no memory for it. */
int program_answer(const char *name, enum option_outcome outcome, char *(*help)(void),
                   const char *error);

/* To the standard error; loss is kept by the caller for as long as the log is. */
struct log program_log(const struct common_options *options, struct log_loss *loss);
