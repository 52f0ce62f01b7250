/* SPDX-License-Identifier: MIT */
/*
 * Long options of a daemon from a table, with environment variables behind them: --node-name,
 * else METALLB_NODE_NAME. The help text comes from the same table.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum option_type {
    OPTION_FLAG,   /* bool */
    OPTION_TEXT,   /* const char * */
    OPTION_LIST,   /* struct option_values; may be repeated, separated by ':' in the environment */
    OPTION_NUMBER, /* unsigned, up to maximum */
    OPTION_CHOICE, /* unsigned, the position in choices */
};

#define OPTION_VALUES_MAX 64

/* Bytes that hold an option or its variable as a text. */
#define OPTION_NAME_SIZE 64

/* Values of a repeated option; they point into the arguments or are kept in memory. */
struct option_values {
    const char *items[OPTION_VALUES_MAX];
    size_t count;
    char *memory; /* copy of the environment variable that the items point into */
};

struct option {
    const char *name;           /* "node-name" */
    const char *environment;    /* the same for the variable; NULL: name */
    const char *argument;       /* what the help calls the value, NULL for a flag */
    const char *help;           /* lines are separated by '\n' */
    const char *const *choices; /* for OPTION_CHOICE, ends with NULL */
    size_t offset;              /* of the value in the caller's struct */
    enum option_type type;
    unsigned maximum; /* for OPTION_NUMBER */
    bool required;
};

enum option_outcome {
    OPTIONS_RUN,     /* all values are set */
    OPTIONS_HELP,    /* --help was given */
    OPTIONS_VERSION, /* --version was given */
    OPTIONS_WRONG,   /* error says what is wrong and names the option */
};

/*
 * Reads the arguments (without the program name) and then, for options not given, the environment.
 * Values that the caller put into target before are the defaults. An empty environment variable
 * counts as not given.
 */
enum option_outcome options_parse(const struct option *options, size_t count, int argument_count,
                                  char *const *arguments, void *target, char *error,
                                  size_t error_size);

/* Frees what options_parse() allocated in target. */
void options_clear(const struct option *options, size_t count, void *target);

/* Writes the name of the variable: METALLB_NODE_NAME. */
void options_environment_name(const struct option *option, char *buffer, size_t size);

/* Writes the help text; NULL without memory, the caller frees it. */
char *options_help(const struct option *options, size_t count, const char *usage,
                   const char *summary);
