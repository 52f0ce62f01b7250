/* SPDX-License-Identifier: MIT */
/*
 * Announces one address on all interfaces with libev until it is interrupted; needs CAP_NET_RAW.
 * announce_address.c does the same with poll(2).
 *
 *     announce-libev 192.0.2.10
 */
#include <ev.h>
#include <metallb/announcer.h>
#include <signal.h>
#include <stdio.h>

static int complain(const struct mlb_diagnostic *diagnostic)
{
    fprintf(stderr, "announce-libev: %s\n", diagnostic->message);
    return 1;
}

static void print_event(const struct mlb_announcer_event *event)
{
    if (event->kind == MLB_ANNOUNCER_INTERFACE_UP)
        printf("%s can be used\n", event->interface_name);
    else
        printf("event %u on %s: %s\n", event->kind, event->interface_name, event->detail);
    fflush(stdout);
}

/* The one descriptor is readable: frames, interfaces or timers have work. */
static void on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct mlb_announcer *announcer = watcher->data;
    struct mlb_announcer_event event = {.struct_size = sizeof(event)};
    struct mlb_diagnostic diagnostic;

    (void)events;
    mlb_diagnostic_init(&diagnostic);
    if (mlb_announcer_dispatch(announcer, &diagnostic)) {
        complain(&diagnostic);
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    while (mlb_announcer_next_event(announcer, &event, NULL) == 1)
        print_event(&event);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
    int *interrupted = watcher->data;

    (void)events;
    *interrupted = 1;
    ev_break(loop, EVBREAK_ALL);
}

/* Runs the loop; 0 when a signal ended it. */
static int serve(struct mlb_announcer *announcer, struct ev_loop *loop)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    ev_signal signals[2];
    ev_io readable;
    int interrupted = 0;

    for (int i = 0; i < 2; i++) {
        ev_signal_init(&signals[i], on_signal, numbers[i]);
        signals[i].data = &interrupted;
        ev_signal_start(loop, &signals[i]);
    }
    ev_io_init(&readable, on_readable, mlb_announcer_fd(announcer), EV_READ);
    readable.data = announcer;
    ev_io_start(loop, &readable);
    ev_run(loop, 0);
    ev_io_stop(loop, &readable);
    for (int i = 0; i < 2; i++)
        ev_signal_stop(loop, &signals[i]);
    return !interrupted;
}

int main(int argc, char **argv)
{
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct mlb_announcer *announcer = NULL;
    struct mlb_diagnostic diagnostic;
    struct mlb_address address;
    int status = 1;

    if (argc != 2 || !loop) {
        fprintf(stderr, "usage: %s ADDRESS\n", argv[0]);
        return 2;
    }
    mlb_diagnostic_init(&diagnostic);
    if (mlb_address_parse(argv[1], &address, &diagnostic) ||
        mlb_announcer_new(NULL, &announcer, &diagnostic) ||
        mlb_announcer_announce(announcer, &address, NULL, 0, &diagnostic))
        complain(&diagnostic);
    else
        status = serve(announcer, loop);
    /* Nothing is sent: whoever takes the address over tells the LAN. */
    mlb_announcer_free(announcer);
    ev_loop_destroy(loop);
    return status;
}
