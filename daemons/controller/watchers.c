/* SPDX-License-Identifier: MIT */
#include "controller/watchers.h"

#include <signal.h>
#include <string.h>

#include "common/memory.h"
#include "controller/deciding.h"

/* Many changes leave much memory behind. */
#define MANY_CHANGES 1000

void watchers_take_objects(struct controller *controller)
{
    problem_log_update(&controller->source_problems, controller->log,
                       source_problems(controller->source));
    deciding_run(controller, source_changes(controller->source));
    if (controller->results.change_count > MANY_CHANGES)
        memory_tidy_later(controller->loop, &controller->tidy);
}

static void on_source(struct ev_loop *loop, ev_io *io, int events)
{
    struct controller *controller = io->data;
    int result = source_dispatch(controller->source);

    (void)loop;
    (void)events;
    if (result > 0)
        watchers_take_objects(controller);
    if (result < 0)
        log_error(controller->log, NULL, "manifests cannot be followed: %s", strerror(-result));
}

static void on_sink(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    deciding_take_durable(io->data);
}

static void on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    deciding_retry(timer->data);
}

static void on_end(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)signal;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void on_hangup(struct ev_loop *loop, ev_signal *signal, int events)
{
    struct controller *controller = signal->data;

    log_info(controller->log, NULL, "SIGHUP: manifests are followed without it");
    on_source(loop, &controller->source_io, events);
}

void watchers_init(struct controller *controller)
{
    ev_init(&controller->source_io, on_source);
    ev_init(&controller->sink_io, on_sink);
    ev_init(&controller->retry, on_retry);
    memory_tidy_init(&controller->tidy);
    ev_signal_init(&controller->terminate, on_end, SIGTERM);
    ev_signal_init(&controller->interrupt, on_end, SIGINT);
    ev_signal_init(&controller->hangup, on_hangup, SIGHUP);
    controller->source_io.data = controller;
    controller->sink_io.data = controller;
    controller->retry.data = controller;
    controller->hangup.data = controller;
}

void watchers_start_signals(struct controller *controller)
{
    ev_signal_start(controller->loop, &controller->terminate);
    ev_signal_start(controller->loop, &controller->interrupt);
    ev_signal_start(controller->loop, &controller->hangup);
}

void watchers_start(struct controller *controller)
{
    ev_io_set(&controller->source_io, source_fd(controller->source), EV_READ);
    ev_io_set(&controller->sink_io, sink_fd(controller->sink), EV_READ);
    ev_io_start(controller->loop, &controller->source_io);
    ev_io_start(controller->loop, &controller->sink_io);
}
