/* SPDX-License-Identifier: MIT */
/* The command line of the controller. */
#pragma once

#include "common/program.h"

struct controller_options {
    struct common_options common;
    const char *state;
};

/* As options_parse(). */
enum option_outcome controller_options_parse(int count, char *const *arguments,
                                             struct controller_options *options, char *error,
                                             size_t error_size);

void controller_options_clear(struct controller_options *options);

/* The caller frees it; NULL without memory. */
char *controller_options_help(void);
