/* SPDX-License-Identifier: MIT */
/*
 * Announces one address with poll(2) until it is interrupted; needs CAP_NET_RAW.
 *
 *     announce-address 192.0.2.10 [INTERFACE...]
 */
#include <errno.h>
#include <metallb/announcer.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int complain(const struct mlb_diagnostic *diagnostic)
{
    fprintf(stderr, "announce-address: %s\n", diagnostic->message);
    return 1;
}

static void print_event(const struct mlb_announcer_event *event)
{
    const uint8_t *hardware = event->hardware_address;

    switch (event->kind) {
    case MLB_ANNOUNCER_INTERFACE_UP:
        printf("%s can be used\n", event->interface_name);
        break;
    case MLB_ANNOUNCER_INTERFACE_DOWN:
        printf("%s is no longer used: %s\n", event->interface_name, event->detail);
        break;
    case MLB_ANNOUNCER_CONFLICT:
        printf("%02x:%02x:%02x:%02x:%02x:%02x claims the address too, on %s\n", hardware[0],
               hardware[1], hardware[2], hardware[3], hardware[4], hardware[5],
               event->interface_name);
        break;
    default:
        printf("event %u on %s: %s\n", event->kind, event->interface_name, event->detail);
        break;
    }
    fflush(stdout);
}

/* Serves the announcer until a signal arrives. */
static int serve(struct mlb_announcer *announcer, int signals)
{
    struct mlb_announcer_event event = {.struct_size = sizeof(event)};
    struct mlb_diagnostic diagnostic;
    struct pollfd descriptors[] = {
        {.fd = mlb_announcer_fd(announcer), .events = POLLIN},
        {.fd = signals, .events = POLLIN},
    };

    mlb_diagnostic_init(&diagnostic);
    while (!descriptors[1].revents) {
        if (poll(descriptors, 2, -1) < 0 && errno != EINTR)
            return 1;
        if (mlb_announcer_dispatch(announcer, &diagnostic))
            return complain(&diagnostic);
        while (mlb_announcer_next_event(announcer, &event, NULL) == 1)
            print_event(&event);
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
    const char *const *interfaces = argc > 2 ? (const char *const *)argv + 2 : NULL;
    size_t interface_count = argc > 2 ? (size_t)argc - 2 : 0;
    struct mlb_announcer *announcer = NULL;
    struct mlb_diagnostic diagnostic;
    struct mlb_address address;
    int signals;
    int status = 1;

    if (argc < 2) {
        fprintf(stderr, "usage: %s ADDRESS [INTERFACE...]\n", argv[0]);
        return 2;
    }
    mlb_diagnostic_init(&diagnostic);
    signals = open_signals();
    if (mlb_address_parse(argv[1], &address, &diagnostic) ||
        mlb_announcer_new(NULL, &announcer, &diagnostic) ||
        mlb_announcer_announce(announcer, &address, interfaces, interface_count, &diagnostic))
        complain(&diagnostic);
    else
        status = serve(announcer, signals);
    mlb_announcer_free(announcer);
    close(signals);
    return status;
}
