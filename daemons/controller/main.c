/* SPDX-License-Identifier: MIT */
#include <malloc.h>
#include <metallb/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "controller/controller.h"

#define EXIT_USAGE 2

/* Reading manifests and deciding take blocks of this size for a moment. */
#define MAPPED_BLOCK (64 * 1024)

static int show_help(void)
{
    char *help = controller_options_help();

    if (help == NULL)
        return EXIT_FAILURE;
    fputs(help, stdout);
    free(help);
    return EXIT_SUCCESS;
}

static int serve(const struct controller_options *options)
{
    struct log_loss loss = {0};
    struct log log = {
        .fd = STDERR_FILENO,
        .level = options->log_level,
        .format = (enum log_format)options->log_format,
        .loss = &loss,
    };
    struct controller *controller;
    int status;

    /* Large blocks get mappings of their own, which go back to the system at once, so that what
     * stays does not lie strewn among them. By default the C library learns not to do so. */
    mallopt(M_MMAP_THRESHOLD, MAPPED_BLOCK);
    controller = controller_new(options, &log);
    if (controller == NULL)
        return EXIT_FAILURE;
    status = controller_run(controller);
    controller_free(controller);
    return status;
}

int main(int count, char **arguments)
{
    struct controller_options options;
    char error[512];
    int status = EXIT_USAGE;

    switch (controller_options_parse(count - 1, arguments + 1, &options, error, sizeof(error))) {
    case OPTIONS_RUN:
        status = serve(&options);
        break;
    case OPTIONS_HELP:
        status = show_help();
        break;
    case OPTIONS_VERSION:
        printf("metallb-controller %s\n", mlb_version_text());
        status = EXIT_SUCCESS;
        break;
    case OPTIONS_WRONG:
        fprintf(stderr, "metallb-controller: %s\nTry metallb-controller --help.\n", error);
        break;
    }
    controller_options_clear(&options);
    return status;
}
