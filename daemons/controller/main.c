/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "common/memory.h"
#include "controller/controller.h"

static int serve(const struct controller_options *options)
{
    struct log_loss loss = {0};
    struct log log = program_log(&options->common, &loss);
    struct controller *controller;
    int status;

    memory_prepare();
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
    enum option_outcome outcome =
        controller_options_parse(count - 1, arguments + 1, &options, error, sizeof(error));
    int status = outcome == OPTIONS_RUN ? serve(&options)
                                        : program_answer("metallb-controller", outcome,
                                                         controller_options_help, error);

    controller_options_clear(&options);
    return status;
}
