/* SPDX-License-Identifier: MIT */
#include "speaker/watchers.h"

#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "common/clock.h"
#include "speaker/event_log.h"

/* A descriptor whose work failed is left alone for so long, so that a failure that stays does not
 * keep the processor busy. */
#define RETRY_SECONDS 0.2

/* Memory goes back to the system so long after work that needed much. */
#define TIDY_SECONDS 1.

static void schedule(struct speaker *speaker)
{
    uint64_t now = clock_now();
    uint64_t next = ownership_tick(&speaker->ownership, now);
    uint64_t expiry = reports_expire(&speaker->reports, now);

    if (speaker->state == SPEAKER_DRAINING && ownership_is_drained(&speaker->ownership))
        ev_break(speaker->loop, EVBREAK_ALL);
    if (expiry < next)
        next = expiry;
    ev_timer_stop(speaker->loop, &speaker->timer);
    if (next == CLOCK_NEVER)
        return;
    ev_now_update(speaker->loop);
    ev_timer_set(&speaker->timer, next > now ? (double)(next - now) / (double)NANOSECONDS : 0., 0.);
    ev_timer_start(speaker->loop, &speaker->timer);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    schedule(timer->data);
}

static void on_tidy(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
    malloc_trim(0);
}

/* Reading manifests and writing a status take many times the memory that is kept. */
void watchers_tidy_later(struct speaker *speaker)
{
    if (ev_is_active(&speaker->tidy))
        return;
    ev_timer_set(&speaker->tidy, TIDY_SECONDS, 0.);
    ev_timer_start(speaker->loop, &speaker->tidy);
}

void watchers_take_objects(struct speaker *speaker)
{
    problem_log_update(&speaker->problems, speaker->log, source_problems(speaker->source));
    ownership_update(&speaker->ownership, source_objects(speaker->source), clock_now());
    watchers_tidy_later(speaker);
    schedule(speaker);
}

static void pause_watcher(struct speaker *speaker, ev_io *io)
{
    ev_io_stop(speaker->loop, io);
    ev_timer_stop(speaker->loop, &speaker->retry);
    ev_timer_set(&speaker->retry, RETRY_SECONDS, 0.);
    ev_timer_start(speaker->loop, &speaker->retry);
}

static void on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct speaker *speaker = timer->data;

    (void)events;
    ev_io_start(loop, &speaker->announcer_io);
    if (speaker->state == SPEAKER_RUNNING)
        ev_io_start(loop, &speaker->source_io);
}

static void on_source(struct ev_loop *loop, ev_io *io, int events)
{
    struct speaker *speaker = io->data;
    int result = source_dispatch(speaker->source);

    (void)loop;
    (void)events;
    if (result > 0)
        watchers_take_objects(speaker);
    if (result < 0) {
        reports_count(&speaker->reports, "source", LOG_LEVEL_ERROR, clock_now(),
                      "manifests cannot be followed: %s", strerror(-result));
        pause_watcher(speaker, io);
        schedule(speaker);
    }
}

void watchers_take_events(struct speaker *speaker)
{
    struct mlb_announcer_event event = {.struct_size = sizeof(event)};
    bool interfaces_changed = false;
    bool any = false;

    while (mlb_announcer_next_event(speaker->announcer, &event) == 1) {
        any = true;
        interfaces_changed |= event.kind == MLB_ANNOUNCER_INTERFACE_UP ||
                              event.kind == MLB_ANNOUNCER_INTERFACE_DOWN ||
                              event.kind == MLB_ANNOUNCER_INTERFACE_CHANGED;
        event_log_write(&speaker->reports, &event, clock_now());
    }
    if (interfaces_changed)
        ownership_interfaces_changed(&speaker->ownership);
    if (any)
        schedule(speaker);
}

static void on_announcer(struct ev_loop *loop, ev_io *io, int events)
{
    struct speaker *speaker = io->data;
    struct mlb_diagnostic diagnostic;

    (void)loop;
    (void)events;
    mlb_diagnostic_init(&diagnostic);
    if (mlb_announcer_dispatch(speaker->announcer, &diagnostic) != MLB_OK) {
        reports_count(&speaker->reports, "dispatch", LOG_LEVEL_ERROR, clock_now(),
                      "announcing is disturbed: %s", diagnostic.message);
        pause_watcher(speaker, io);
        schedule(speaker);
    }
    watchers_take_events(speaker);
}

static void end(struct speaker *speaker)
{
    uint64_t now = clock_now();

    notify_send("STOPPING=1");
    if (speaker->state == SPEAKER_DRAINING) {
        log_info(speaker->log, NULL, "ending at once");
        local_delivery_hurry(&speaker->ownership.delivery, now);
    } else {
        speaker->state = SPEAKER_DRAINING;
        ev_io_stop(speaker->loop, &speaker->source_io);
        ownership_give_up(&speaker->ownership, now);
        if (!ownership_is_drained(&speaker->ownership))
            log_info(speaker->log, NULL, "answering has stopped, delivering for %u s more",
                     speaker->options->drain_seconds);
    }
    schedule(speaker);
}

static void on_end(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)loop;
    (void)events;
    end(signal->data);
}

static void on_hangup(struct ev_loop *loop, ev_signal *signal, int events)
{
    struct speaker *speaker = signal->data;

    log_info(speaker->log, NULL, "SIGHUP: manifests are followed without it");
    if (speaker->state == SPEAKER_RUNNING)
        on_source(loop, &speaker->source_io, events);
}

static void init_signals(struct speaker *speaker)
{
    ev_signal_init(&speaker->terminate, on_end, SIGTERM);
    ev_signal_init(&speaker->interrupt, on_end, SIGINT);
    ev_signal_init(&speaker->hangup, on_hangup, SIGHUP);
    speaker->terminate.data = speaker;
    speaker->interrupt.data = speaker;
    speaker->hangup.data = speaker;
}

static void init_timers(struct speaker *speaker)
{
    ev_init(&speaker->timer, on_timer);
    ev_init(&speaker->retry, on_retry);
    ev_init(&speaker->tidy, on_tidy);
    speaker->timer.data = speaker;
    speaker->retry.data = speaker;
}

static void init_descriptors(struct speaker *speaker)
{
    ev_init(&speaker->source_io, on_source);
    ev_init(&speaker->announcer_io, on_announcer);
    speaker->source_io.data = speaker;
    speaker->announcer_io.data = speaker;
}

void watchers_start(struct speaker *speaker)
{
    ev_io_set(&speaker->source_io, source_fd(speaker->source), EV_READ);
    ev_io_set(&speaker->announcer_io, mlb_announcer_fd(speaker->announcer), EV_READ);
    ev_io_start(speaker->loop, &speaker->source_io);
    ev_io_start(speaker->loop, &speaker->announcer_io);
}

void watchers_start_signals(struct speaker *speaker)
{
    ev_signal_start(speaker->loop, &speaker->terminate);
    ev_signal_start(speaker->loop, &speaker->interrupt);
    ev_signal_start(speaker->loop, &speaker->hangup);
}

void watchers_init(struct speaker *speaker)
{
    init_descriptors(speaker);
    init_timers(speaker);
    init_signals(speaker);
}
