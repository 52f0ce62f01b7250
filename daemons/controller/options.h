/* SPDX-License-Identifier: MIT */
/* The command line of the controller. */
#pragma once

#include "common/log.h"
#include "common/options.h"

struct controller_options {
    struct option_values manifests;
    const char *state;
    const char *control;
    const char *metrics; /* NULL: none are served */
    const char *load_balancer_class;
    const char *log_level_text;
    enum log_level log_level;
    unsigned log_format; /* enum log_format */
};

/* As options_parse(). */
enum option_outcome controller_options_parse(int count, char *const *arguments,
                                             struct controller_options *options, char *error,
                                             size_t error_size);

void controller_options_clear(struct controller_options *options);

/* The caller frees it; NULL without memory. */
char *controller_options_help(void);
