/* SPDX-License-Identifier: MIT */
#include <metallb/version.h>
#include <stdio.h>
#include <string.h>

#include "metallbctl/command.h"

static const struct command *const commands[] = {
    &validate_command, &allocate_command, &elect_command,  &status_command,  &members_command,
    &drain_command,    &undrain_command,  &events_command, &why_not_command,
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *stream)
{
    fputs("Usage: metallbctl COMMAND [OPTION...]\n\n"
          "Shows and tests what MetalLB's manifests mean, and asks running daemons.\n\n"
          "Commands:\n",
          stream);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(stream, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nOptions:\n"
          "  -h, --help     this help; behind a command, that of the command\n"
          "      --version  the version\n\n"
          "Exit status: 0 success, 1 invalid objects or failure, 2 wrong arguments.\n",
          stream);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static int run_command(const struct command *command, int count, char **texts)
{
    struct arguments arguments;
    int status = arguments_parse(command, count, texts, &arguments);
    if (status == EXIT_GOOD) {
        if (arguments.help)
            fputs(command->help, stdout);
        else
            status = command->run(&arguments);
    }
    arguments_clear(&arguments);
    return finish_output(status);
}

int main(int count, char **texts)
{
    if (count < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(texts[1], "--help") == 0 || strcmp(texts[1], "-h") == 0) {
        print_help(stdout);
        return finish_output(EXIT_GOOD);
    }
    if (strcmp(texts[1], "--version") == 0) {
        printf("metallbctl %s\n", mlb_version_text());
        return finish_output(EXIT_GOOD);
    }
    const struct command *command = find_command(texts[1]);
    if (command == NULL) {
        fprintf(stderr, "metallbctl: there is no command \"%s\"\nTry metallbctl --help.\n",
                texts[1]);
        return EXIT_USAGE;
    }
    return run_command(command, count - 1, texts + 1);
}
