/* SPDX-License-Identifier: MIT */
/*
 * A member of a group, on the public interface alone, driven by a test: it takes commands on
 * standard input (commands.h) and prints events and answers as lines of JSON. It ends with "quit"
 * or with its input.
 */
#include "commands.h"
#include "options.h"
#include "print.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A command with facts has two digits for each byte. */
#define LINE_MAX_BYTES 16384

struct input {
    char text[LINE_MAX_BYTES];
    size_t length;
};

static int complain(const struct mlb_diagnostic *diagnostic)
{
    fprintf(stderr, "member: %s\n", diagnostic->message);
    return 1;
}

/* Carries out the commands that are complete; 0 when there are no more to come. */
static int take_commands(struct input *input, struct mlb_membership *membership)
{
    ssize_t got =
        read(STDIN_FILENO, input->text + input->length, sizeof(input->text) - input->length);
    char *line = input->text;
    char *end;

    if (got <= 0)
        return got < 0 && errno == EINTR;
    input->length += (size_t)got;
    while ((end = memchr(line, '\n', input->length - (size_t)(line - input->text)))) {
        *end = '\0';
        if (!strcmp(line, "quit"))
            return 0;
        command_run(membership, line);
        line = end + 1;
    }
    input->length -= (size_t)(line - input->text);
    memmove(input->text, line, input->length);
    return 1;
}

static int serve(struct mlb_membership *membership)
{
    struct input input = {.length = 0};
    struct mlb_membership_event event = {.struct_size = sizeof(event)};
    struct mlb_diagnostic diagnostic;
    struct pollfd descriptors[] = {
        {.fd = mlb_membership_fd(membership), .events = POLLIN},
        {.fd = STDIN_FILENO, .events = POLLIN},
    };

    mlb_diagnostic_init(&diagnostic);
    for (;;) {
        if (poll(descriptors, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return 1;
        }
        if (mlb_membership_dispatch(membership, &diagnostic))
            return complain(&diagnostic);
        while (mlb_membership_next_event(membership, &event, NULL) == 1)
            print_event(&event);
        if (descriptors[1].revents && !take_commands(&input, membership))
            return 0;
    }
}

int main(int argc, char **argv)
{
    struct mlb_membership *membership = NULL;
    struct mlb_diagnostic diagnostic;
    struct options options;
    int status;

    mlb_diagnostic_init(&diagnostic);
    if (!options_read(argc, argv, &options))
        return 2;
    if (mlb_membership_new(&options.membership, &membership, &diagnostic))
        return complain(&diagnostic);
    puts("{\"answer\":\"ready\"}");
    fflush(stdout);
    status = serve(membership);
    mlb_membership_free(membership);
    return status;
}
