/* SPDX-License-Identifier: MIT */
#include "common/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_send(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path == NULL ? 0 : strlen(path);
    int descriptor;

    if (length < 2 || length >= sizeof(address.sun_path))
        return;
    memcpy(address.sun_path, path, length);
    /* A name in the abstract space is written with an "@". */
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    /* What is lost here is told again, or missed by the manager, which then does its duty. */
    (void)!sendto(descriptor, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                  (const struct sockaddr *)&address,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    close(descriptor);
}

static void on_watchdog(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
    notify_send("WATCHDOG=1");
}

void notify_watchdog_start(struct notify_watchdog *watchdog, struct ev_loop *loop)
{
    const char *text = getenv("WATCHDOG_USEC");
    const char *process = getenv("WATCHDOG_PID");
    double pace = text == NULL ? 0. : strtod(text, NULL) / 2e6;

    ev_init(&watchdog->timer, on_watchdog);
    if (pace <= 0. || (process != NULL && strtol(process, NULL, 10) != (long)getpid()))
        return;
    ev_timer_set(&watchdog->timer, pace, pace);
    ev_timer_start(loop, &watchdog->timer);
}

void notify_watchdog_stop(struct notify_watchdog *watchdog, struct ev_loop *loop)
{
    ev_timer_stop(loop, &watchdog->timer);
}
