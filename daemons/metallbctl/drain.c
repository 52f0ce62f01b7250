/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "metallbctl/ask.h"
#include "metallbctl/command.h"
#include "metallbctl/document.h"

static int print(const cJSON *answer)
{
    const char *state = document_text(answer, "state");
    printf("%s\n", state == NULL ? "-" : state);
    return EXIT_GOOD;
}

static int run(const struct arguments *arguments, const char *command)
{
    const char *path = arguments->control == NULL ? SPEAKER_CONTROL_PATH : arguments->control;
    return document_ask(command, path, command, arguments->json, print);
}

static int run_drain(const struct arguments *arguments)
{
    return run(arguments, "drain");
}

static int run_undrain(const struct arguments *arguments)
{
    return run(arguments, "undrain");
}

const struct command drain_command = {
    .name = "drain",
    .summary = "have the other speakers take over the addresses of this one",
    .help =
        "Usage: metallbctl drain [--control PATH] [-o json]\n\n"
        "The speaker on this host gives its addresses to the others and owns from then on only\n"
        "what no other can, until undrain or until it starts anew. What it owned it delivers for\n"
        "its drain time. The state is shown: draining, and drained once the others have taken\n"
        "over (see metallbctl status).\n\n"
        "      --control PATH     the socket; default " SPEAKER_CONTROL_PATH "\n"
        "  -o, --output KIND      table (default) or json\n\n"
        "Exit status: 0 success, 1 no answer or no group, 2 wrong arguments.\n",
    .accepted = ACCEPT_CONTROL,
    .run = run_drain,
};

const struct command undrain_command = {
    .name = "undrain",
    .summary = "let this speaker own addresses again",
    .help = "Usage: metallbctl undrain [--control PATH] [-o json]\n\n"
            "Ends what metallbctl drain began. The state is shown.\n\n"
            "      --control PATH     the socket; default " SPEAKER_CONTROL_PATH "\n"
            "  -o, --output KIND      table (default) or json\n\n"
            "Exit status: 0 success, 1 no answer or no group, 2 wrong arguments.\n",
    .accepted = ACCEPT_CONTROL,
    .run = run_undrain,
};
