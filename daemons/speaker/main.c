/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "common/memory.h"
#include "speaker/speaker.h"

static int serve(const struct speaker_options *options)
{
    struct log_loss loss = {0};
    struct log log = program_log(&options->common, &loss);
    struct speaker *speaker;
    int status;

    memory_prepare();
    speaker = speaker_new(options, &log);
    if (speaker == NULL)
        return EXIT_FAILURE;
    status = speaker_run(speaker);
    speaker_free(speaker);
    return status;
}

int main(int count, char **arguments)
{
    struct speaker_options options;
    char error[512];
    enum option_outcome outcome =
        speaker_options_parse(count - 1, arguments + 1, &options, error, sizeof(error));
    int status = outcome == OPTIONS_RUN
                     ? serve(&options)
                     : program_answer("metallb-speaker", outcome, speaker_options_help, error);

    speaker_options_clear(&options);
    return status;
}
