/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metallbctl/command.h"

enum option_value {
    OPTION_WRITE = 256,
    OPTION_ALIVE,
    OPTION_ELECTION,
    OPTION_CLASS,
    OPTION_IGNORE,
    OPTION_CONTROL,
    OPTION_FOLLOW,
};

static const struct option long_options[] = {
    {"file", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {"write", required_argument, NULL, OPTION_WRITE},
    {"alive", required_argument, NULL, OPTION_ALIVE},
    {"election", required_argument, NULL, OPTION_ELECTION},
    {"lb-class", required_argument, NULL, OPTION_CLASS},
    {"ignore-exclude-lb", no_argument, NULL, OPTION_IGNORE},
    {"control", required_argument, NULL, OPTION_CONTROL},
    {"follow", no_argument, NULL, OPTION_FOLLOW},
    {NULL, 0, NULL, 0},
};

int out_of_memory(void)
{
    fputs("metallbctl: out of memory\n", stderr);
    return EXIT_BAD;
}

int finish_output(int status)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    fprintf(stderr, "metallbctl: standard output: %s\n", strerror(errno));
    return EXIT_BAD;
}

static int complain(const struct command *command, const char *what, const char *text)
{
    fprintf(stderr, "metallbctl %s: %s%s\nTry metallbctl %s --help.\n", command->name, what, text,
            command->name);
    return EXIT_USAGE;
}

static unsigned group_of(int option)
{
    switch (option) {
    case 'f':
        return ACCEPT_FILES;
    case OPTION_WRITE:
        return ACCEPT_WRITE;
    case OPTION_ALIVE:
    case OPTION_ELECTION:
    case OPTION_IGNORE:
        return ACCEPT_ELECTION;
    case OPTION_CLASS:
        return ACCEPT_CLASS;
    case OPTION_CONTROL:
        return ACCEPT_CONTROL;
    case OPTION_FOLLOW:
        return ACCEPT_FOLLOW;
    default:
        return 0;
    }
}

static const char *name_of(int option)
{
    for (size_t i = 0; long_options[i].name != NULL; i++) {
        if (long_options[i].val == option)
            return long_options[i].name;
    }
    return "";
}

static int take(const struct command *command, int option, struct arguments *arguments)
{
    if ((group_of(option) & ~command->accepted) != 0)
        return complain(command, "does not know the option --", name_of(option));
    switch (option) {
    case 'f':
        arguments->paths[arguments->path_count++] = optarg;
        return EXIT_GOOD;
    case 'o':
        arguments->json = strcmp(optarg, "json") == 0;
        if (!arguments->json && strcmp(optarg, "table") != 0)
            return complain(command, "-o is \"json\" or \"table\", not ", optarg);
        return EXIT_GOOD;
    case 'h':
        arguments->help = true;
        return EXIT_GOOD;
    case OPTION_WRITE:
        arguments->write = optarg;
        return EXIT_GOOD;
    case OPTION_ALIVE:
        arguments->alive = optarg;
        return EXIT_GOOD;
    case OPTION_ELECTION:
        arguments->election = optarg;
        return EXIT_GOOD;
    case OPTION_CLASS:
        arguments->load_balancer_class = optarg;
        return EXIT_GOOD;
    case OPTION_IGNORE:
        arguments->ignore_exclude_label = true;
        return EXIT_GOOD;
    case OPTION_CONTROL:
        arguments->control = optarg;
        return EXIT_GOOD;
    case OPTION_FOLLOW:
        arguments->follow = true;
        return EXIT_GOOD;
    default:
        break;
    }
    return EXIT_USAGE;
}

/* getopt has printed what is wrong with the option itself. */
static int read_options(const struct command *command, int count, char **texts,
                        struct arguments *arguments)
{
    int status = EXIT_GOOD;
    int option = 0;
    optind = 1;
    while (status == EXIT_GOOD &&
           (option = getopt_long(count, texts, "f:o:h", long_options, NULL)) != -1) {
        if (option == '?')
            return complain(command, "wrong arguments", "");
        status = take(command, option, arguments);
    }
    return status;
}

int arguments_parse(const struct command *command, int count, char **texts,
                    struct arguments *arguments)
{
    memset(arguments, 0, sizeof(*arguments));
    arguments->paths = (const char **)calloc((size_t)count + 2, sizeof(*arguments->paths));
    if (arguments->paths == NULL)
        return out_of_memory();
    int status = read_options(command, count, texts, arguments);
    if (status != EXIT_GOOD || arguments->help)
        return status;
    if ((command->accepted & ACCEPT_SUBJECT) != 0) {
        if (optind == count)
            return complain(command, "NAMESPACE/NAME is missing: the service to explain", "");
        arguments->subject = texts[optind++];
    }
    if (optind < count)
        return complain(command, "unexpected argument ", texts[optind]);
    if ((command->accepted & (ACCEPT_FILES | ACCEPT_SUBJECT)) == ACCEPT_FILES &&
        arguments->path_count == 0)
        return complain(command, "-f PATH is missing: the manifests to read", "");
    return EXIT_GOOD;
}

void arguments_clear(struct arguments *arguments)
{
    free((void *)arguments->paths);
    arguments->paths = NULL;
    arguments->path_count = 0;
}
