/* SPDX-License-Identifier: MIT */
#include "speaker/speaker.h"

#include <ev.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/control.h"
#include "sources/manifests.h"
#include "speaker/event_log.h"
#include "speaker/exclude_interfaces.h"
#include "speaker/ownership.h"
#include "speaker/privileges.h"
#include "speaker/status.h"

/* A descriptor whose work failed is left alone for so long, so that a failure that stays does not
 * keep the processor busy. */
#define RETRY_SECONDS 0.2

/* Memory goes back to the system so long after work that needed much. */
#define TIDY_SECONDS 1.

enum speaker_state {
    SPEAKER_RUNNING,
    SPEAKER_DRAINING, /* answers no more, delivers still */
};

struct speaker {
    const struct speaker_options *options;
    const struct log *log;
    enum speaker_state state;
    struct reports reports;
    struct problem_log problems;
    struct source *source;
    struct mlb_announcer *announcer;
    struct ownership ownership;
    struct control *control;
    struct ev_loop *loop;
    ev_io source_io;
    ev_io announcer_io;
    ev_timer timer;
    ev_timer retry;
    ev_timer tidy;
    ev_signal terminate;
    ev_signal interrupt;
    ev_signal hangup;
};

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
static void tidy_later(struct speaker *speaker)
{
    if (ev_is_active(&speaker->tidy))
        return;
    ev_timer_set(&speaker->tidy, TIDY_SECONDS, 0.);
    ev_timer_start(speaker->loop, &speaker->tidy);
}

static void take_objects(struct speaker *speaker)
{
    problem_log_update(&speaker->problems, speaker->log, source_problems(speaker->source));
    ownership_update(&speaker->ownership, source_objects(speaker->source), clock_now());
    tidy_later(speaker);
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
        take_objects(speaker);
    if (result < 0) {
        reports_count(&speaker->reports, "source", LOG_LEVEL_ERROR, clock_now(),
                      "manifests cannot be followed: %s", strerror(-result));
        pause_watcher(speaker, io);
        schedule(speaker);
    }
}

static void drain_events(struct speaker *speaker)
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
    drain_events(speaker);
}

static void end(struct speaker *speaker)
{
    uint64_t now = clock_now();

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

static char *answer(void *context, const char *line, size_t *length)
{
    struct speaker *speaker = context;
    struct status_view view = {
        .node_name = speaker->options->node_name,
        .decisions = &speaker->ownership.decisions,
        .reconciler = speaker->ownership.reconciler,
        .announcer = speaker->announcer,
        .problems = source_problems(speaker->source),
        .reports = &speaker->reports,
    };

    tidy_later(speaker);
    return status_answer(&view, line, length);
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

static void start_watchers(struct speaker *speaker)
{
    ev_io_set(&speaker->source_io, source_fd(speaker->source), EV_READ);
    ev_io_set(&speaker->announcer_io, mlb_announcer_fd(speaker->announcer), EV_READ);
    ev_io_start(speaker->loop, &speaker->source_io);
    ev_io_start(speaker->loop, &speaker->announcer_io);
    ev_signal_start(speaker->loop, &speaker->terminate);
    ev_signal_start(speaker->loop, &speaker->interrupt);
    ev_signal_start(speaker->loop, &speaker->hangup);
}

static int open_announcer(struct speaker *speaker)
{
    struct exclude_interfaces exclude = {0};
    struct mlb_announcer_options options = {
        .struct_size = sizeof(options),
        .refresh_seconds = speaker->options->refresh_seconds,
    };
    struct mlb_diagnostic diagnostic;
    char error[1024];
    int32_t result;

    if (speaker->options->exclude_interfaces != NULL &&
        exclude_interfaces_read(speaker->options->exclude_interfaces, &exclude, error,
                                sizeof(error)) != 0) {
        log_error(speaker->log, NULL, "%s", error);
        return -1;
    }
    options.exclude = (const char *const *)exclude.patterns;
    options.exclude_count = (uint32_t)exclude.count;
    mlb_diagnostic_init(&diagnostic);
    result = mlb_announcer_new(&options, &speaker->announcer, &diagnostic);
    exclude_interfaces_clear(&exclude);
    if (result != MLB_OK)
        log_error(speaker->log, NULL, "cannot announce: %s", diagnostic.message);
    return result == MLB_OK ? 0 : -1;
}

static int open_source(struct speaker *speaker)
{
    const struct option_values *paths = &speaker->options->manifests;
    int result = source_manifests_new(paths->items, paths->count, NULL, &speaker->source);

    if (result != 0)
        log_error(speaker->log, NULL, "manifests cannot be followed: %s", strerror(-result));
    return result;
}

static int open_ownership(struct speaker *speaker)
{
    int result = ownership_init(&speaker->ownership, speaker->options, speaker->log,
                                &speaker->reports, speaker->announcer);

    if (result != 0)
        log_error(speaker->log, NULL, "local delivery cannot start: %s", strerror(-result));
    return result;
}

static int open_control(struct speaker *speaker)
{
    char error[512];

    speaker->control = control_new(speaker->loop, speaker->options->control, answer, speaker, error,
                                   sizeof(error));
    if (speaker->control == NULL)
        log_error(speaker->log, NULL, "%s", error);
    return speaker->control != NULL ? 0 : -1;
}

static int open_all(struct speaker *speaker)
{
    if (speaker->loop == NULL) {
        log_error(speaker->log, NULL, "no event loop can be made");
        return -1;
    }
    if (privileges_check(speaker->options, speaker->log) != 0 || open_announcer(speaker) != 0 ||
        open_control(speaker) != 0 || open_source(speaker) != 0 || open_ownership(speaker) != 0)
        return -1;
    return privileges_drop(speaker->options, speaker->log);
}

struct speaker *speaker_new(const struct speaker_options *options, const struct log *log)
{
    struct speaker *speaker = calloc(1, sizeof(*speaker));

    if (speaker == NULL) {
        log_error(log, NULL, "out of memory");
        return NULL;
    }
    speaker->options = options;
    speaker->log = log;
    reports_init(&speaker->reports, log);
    init_descriptors(speaker);
    init_timers(speaker);
    init_signals(speaker);
    signal(SIGPIPE, SIG_IGN);
    speaker->loop = ev_default_loop(EVFLAG_AUTO);
    if (open_all(speaker) != 0) {
        speaker_free(speaker);
        return NULL;
    }
    start_watchers(speaker);
    return speaker;
}

int speaker_run(struct speaker *speaker)
{
    const struct speaker_options *options = speaker->options;

    log_info(speaker->log, LOG_FIELDS({"node", options->node_name}),
             "metallb-speaker %s has started as node %s", mlb_version_text(), options->node_name);
    if (options->election != ELECTION_ENDPOINTS)
        log_warn(speaker->log, NULL,
                 "with this --election a node without an endpoint may own an address; unless a "
                 "service proxy runs there, it would swallow the traffic");
    take_objects(speaker);
    drain_events(speaker);
    ev_run(speaker->loop, 0);
    log_info(speaker->log, NULL, "metallb-speaker ends");
    return 0;
}

void speaker_free(struct speaker *speaker)
{
    if (speaker == NULL)
        return;
    control_free(speaker->control);
    ownership_clear(&speaker->ownership);
    mlb_announcer_free(speaker->announcer);
    source_free(speaker->source);
    problem_log_clear(&speaker->problems);
    reports_free(&speaker->reports);
    if (speaker->loop != NULL)
        ev_loop_destroy(speaker->loop);
    free(speaker);
}
