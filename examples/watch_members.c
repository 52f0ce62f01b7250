/* SPDX-License-Identifier: MIT */
/*
 * Joins a group and prints what happens to its members, with poll(2), until it is interrupted.
 *
 *     watch-members NAME ADDRESS [SEED...]
 */
#include <errno.h>
#include <metallb/membership.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* How long the others are told that this node goes. */
#define LEAVE_MS 2000

static const char *const kinds[] = {
    [MLB_MEMBERSHIP_JOINED] = "joined",
    [MLB_MEMBERSHIP_UPDATED] = "updated",
    [MLB_MEMBERSHIP_SUSPECTED] = "suspected",
    [MLB_MEMBERSHIP_FAILED] = "failed",
    [MLB_MEMBERSHIP_LEFT] = "left",
    [MLB_MEMBERSHIP_FACTS] = "facts",
    [MLB_MEMBERSHIP_CONFLICT] = "conflict",
    [MLB_MEMBERSHIP_TRUSTED] = "trusted",
    [MLB_MEMBERSHIP_SYNCHRONIZED] = "synchronized",
    [MLB_MEMBERSHIP_SEEDS_SILENT] = "seeds-silent",
    [MLB_MEMBERSHIP_STALLED] = "stalled",
    [MLB_MEMBERSHIP_RECOVERED] = "recovered",
    [MLB_MEMBERSHIP_DEPARTED] = "departed",
    [MLB_MEMBERSHIP_ERROR] = "error",
};

static int complain(const struct mlb_diagnostic *diagnostic)
{
    fprintf(stderr, "watch-members: %s\n", diagnostic->message);
    return 1;
}

static void print_event(const struct mlb_membership *membership,
                        const struct mlb_membership_event *event)
{
    static const char *const states[] = {"alive", "suspect", "failed", "left"};
    struct mlb_member member = {.struct_size = sizeof(member)};
    const char *kind = "event";

    if (event->kind < sizeof(kinds) / sizeof(kinds[0]) && kinds[event->kind])
        kind = kinds[event->kind];
    printf("%s %s", kind, event->name[0] ? event->name : "-");
    if (event->name[0] && mlb_membership_find(membership, event->name, &member, NULL) == MLB_OK)
        printf(" %s facts=%u", states[member.state & 3], member.facts_length);
    printf("%s%s\n", event->detail[0] ? " " : "", event->detail);
    fflush(stdout);
}

/* Prints what there is; 1 once this node has left. */
static int print_events(struct mlb_membership *membership)
{
    struct mlb_membership_event event = {.struct_size = sizeof(event)};
    int departed = 0;

    while (mlb_membership_next_event(membership, &event, NULL) == 1) {
        print_event(membership, &event);
        departed |= event.kind == MLB_MEMBERSHIP_DEPARTED;
    }
    return departed;
}

/* Serves the membership until a signal arrives, and then until it has left. */
static int serve(struct mlb_membership *membership, int signals)
{
    struct mlb_diagnostic diagnostic;
    struct pollfd descriptors[] = {
        {.fd = mlb_membership_fd(membership), .events = POLLIN},
        {.fd = signals, .events = POLLIN},
    };

    mlb_diagnostic_init(&diagnostic);
    while (!print_events(membership)) {
        if (poll(descriptors, 2, -1) < 0 && errno != EINTR)
            return 1;
        if (descriptors[1].revents) {
            /* poll(2) passes over what is negative: a second signal changes nothing. */
            descriptors[1].fd = -1;
            if (mlb_membership_leave(membership, LEAVE_MS, &diagnostic))
                return complain(&diagnostic);
        }
        if (mlb_membership_dispatch(membership, &diagnostic))
            return complain(&diagnostic);
    }
    return 0;
}

/* Signals become readable, so that one poll(2) waits for all there is. */
static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
    struct mlb_membership_options options = {.struct_size = sizeof(options)};
    struct mlb_membership *membership = NULL;
    struct mlb_diagnostic diagnostic;
    int signals;
    int status = 1;

    if (argc < 3) {
        fprintf(stderr, "usage: %s NAME ADDRESS [SEED...]\n", argv[0]);
        return 2;
    }
    mlb_diagnostic_init(&diagnostic);
    options.name = argv[1];
    signals = open_signals();
    if (mlb_address_parse(argv[2], &options.bind_address, &diagnostic) ||
        mlb_membership_new(&options, &membership, &diagnostic) ||
        mlb_membership_join(membership, (const char *const *)argv + 3, (size_t)argc - 3,
                            &diagnostic))
        complain(&diagnostic);
    else
        status = serve(membership, signals);
    mlb_membership_free(membership);
    close(signals);
    return status;
}
