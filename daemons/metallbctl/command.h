/* SPDX-License-Identifier: MIT */
/* What the commands of metallbctl have in common: their arguments and their exit codes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define EXIT_GOOD  0
#define EXIT_BAD   1 /* invalid objects, or the command failed */
#define EXIT_USAGE 2 /* the command line makes no sense */

/* Options of all commands; each command accepts some of them. */
struct arguments {
    const char **paths; /* -f, in order */
    size_t path_count;
    bool json;                       /* -o json */
    const char *write;               /* --write */
    const char *alive;               /* --alive */
    const char *election;            /* --election */
    const char *load_balancer_class; /* --lb-class */
    const char *control;             /* --control */
    bool ignore_exclude_label;       /* --ignore-exclude-lb */
    bool follow;                     /* --follow */
    const char *subject;             /* NAMESPACE/NAME */
    bool help;
};

enum accepted_option {
    ACCEPT_FILES = 1,
    ACCEPT_WRITE = 2,
    ACCEPT_ELECTION = 4,
    ACCEPT_CLASS = 8,
    ACCEPT_CONTROL = 16,
    ACCEPT_FOLLOW = 32,
    ACCEPT_SUBJECT = 64, /* one argument that is no option; files are optional then */
};

struct command {
    const char *name;
    const char *summary; /* for the list of commands */
    const char *help;    /* what --help of the command prints */
    unsigned accepted;   /* of enum accepted_option */
    int (*run)(const struct arguments *arguments);
};

extern const struct command validate_command;
extern const struct command allocate_command;
extern const struct command elect_command;
extern const struct command status_command;
extern const struct command members_command;
extern const struct command drain_command;
extern const struct command undrain_command;
extern const struct command events_command;
extern const struct command why_not_command;

/*
 * Reads the arguments behind the name of a command. Says on standard error what is wrong.
 *
 * Returns EXIT_GOOD, EXIT_USAGE, or EXIT_BAD without memory; the caller clears arguments then too.
 */
int arguments_parse(const struct command *command, int count, char **texts,
                    struct arguments *arguments);

void arguments_clear(struct arguments *arguments);

/* Says on standard error that the memory does not suffice; returns EXIT_BAD. */
int out_of_memory(void);

/* Ends the output; returns status, or EXIT_BAD where standard output could not take it. */
int finish_output(int status);
