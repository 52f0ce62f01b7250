/* SPDX-License-Identifier: MIT */
#include "speaker/watchers.h"

#include <signal.h>
#include <string.h>

#include "common/clock.h"
#include "common/memory.h"
#include "speaker/deciding.h"
#include "speaker/ownership/rivalry.h"
#include "speaker/reporting/event_log.h"
#include "speaker/transitions.h"

/* A descriptor whose work failed is left alone for so long, so that a failure that stays does not
 * keep the processor busy. */
#define RETRY_SECONDS 0.2

/* Between poll(2) and a descriptor's turn no more time passes but where the process stood still. */
#define LATE_SECONDS 0.1

/* What the events of one turn cause is taken in the same turn, but not without end. */
#define EVENT_ROUNDS 8

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Does what is due everywhere; returns when more is. */
static uint64_t tick(struct speaker *speaker, uint64_t now)
{
    bool outdated = false;
    uint64_t next = transitions_tick(speaker, now);

    next = earliest(next, group_tick(&speaker->group, now));
    next = earliest(next, deciding_tick(speaker, now));
    next = earliest(next, ownership_tick(&speaker->ownership, now, &outdated));
    if (outdated)
        deciding_update(speaker, now);
    return earliest(next, reports_expire(&speaker->reports, now));
}

static void schedule(struct speaker *speaker)
{
    uint64_t now = clock_now();
    uint64_t next = tick(speaker, now);

    if (transitions_are_over(speaker, now))
        ev_break(speaker->loop, EVBREAK_ALL);
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
    watchers_settle(timer->data);
}

void watchers_take_objects(struct speaker *speaker)
{
    deciding_take_objects(speaker, clock_now());
    memory_tidy_later(speaker->loop, &speaker->tidy);
    watchers_settle(speaker);
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
    if (group_is_used(&speaker->group))
        ev_io_start(loop, &speaker->group_io);
    if (!lifecycle_ends(&speaker->lifecycle))
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
        watchers_settle(speaker);
    }
}

/* Takes the events of the announcer that wait; tells whether there were any. */
static bool take_events(struct speaker *speaker, uint64_t now)
{
    struct mlb_announcer_event event = {.struct_size = sizeof(event)};
    bool interfaces_changed = false;
    bool any = false;

    while (mlb_announcer_next_event(speaker->announcer, &event, NULL) == 1) {
        any = true;
        interfaces_changed |= event.kind == MLB_ANNOUNCER_INTERFACE_UP ||
                              event.kind == MLB_ANNOUNCER_INTERFACE_DOWN ||
                              event.kind == MLB_ANNOUNCER_INTERFACE_CHANGED;
        if (event.kind == MLB_ANNOUNCER_CONFLICT)
            rivalry_take(speaker, &event, now);
        else
            event_log_write(&speaker->reports, &event, now);
    }
    if (interfaces_changed)
        deciding_take_interfaces(speaker, now);
    return any;
}

/* What is decided has the announcer work, which may tell something in turn. */
void watchers_settle(struct speaker *speaker)
{
    schedule(speaker);
    for (int i = 0; i < EVENT_ROUNDS && take_events(speaker, clock_now()); i++)
        schedule(speaker);
}

static void take_group(struct speaker *speaker)
{
    uint64_t now = clock_now();
    int bits = group_dispatch(&speaker->group, now);

    if (bits < 0)
        pause_watcher(speaker, &speaker->group_io);
    else
        transitions_take_group(speaker, (unsigned)bits, now);
    watchers_settle(speaker);
}

static void on_group(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    take_group(io->data);
}

/* Membership comes first. So it does where this process stood still between poll and here, and what
 * is queued at the announcer is old: then the membership has to find that out before. */
static bool stood_still(const struct speaker *speaker)
{
    return ev_time() - ev_now(speaker->loop) > LATE_SECONDS;
}

static void on_announcer(struct ev_loop *loop, ev_io *io, int events)
{
    struct speaker *speaker = io->data;
    struct mlb_diagnostic diagnostic;

    (void)loop;
    (void)events;
    if (group_is_used(&speaker->group) && stood_still(speaker))
        take_group(speaker);
    mlb_diagnostic_init(&diagnostic);
    if (mlb_announcer_dispatch(speaker->announcer, &diagnostic) != MLB_OK) {
        reports_count(&speaker->reports, "dispatch", LOG_LEVEL_ERROR, clock_now(),
                      "announcing is disturbed: %s", diagnostic.message);
        pause_watcher(speaker, io);
        schedule(speaker);
    }
    if (take_events(speaker, clock_now()))
        watchers_settle(speaker);
}

static void end(struct speaker *speaker)
{
    uint64_t now = clock_now();

    notify_send("STOPPING=1");
    if (lifecycle_ends(&speaker->lifecycle)) {
        log_info(speaker->log, NULL, "ending at once");
        local_delivery_hurry(&speaker->ownership.host.delivery, now);
        speaker->depart_by = now;
    }
    transitions_take(speaker, LIFECYCLE_TERMINATE, now);
    watchers_settle(speaker);
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
    if (!lifecycle_ends(&speaker->lifecycle))
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
    memory_tidy_init(&speaker->tidy);
    speaker->timer.data = speaker;
    speaker->retry.data = speaker;
}

static void init_descriptors(struct speaker *speaker)
{
    ev_init(&speaker->source_io, on_source);
    ev_init(&speaker->announcer_io, on_announcer);
    ev_init(&speaker->group_io, on_group);
    /* A storm of requests must not look like a dead node, and one that stood still learns so before
     * it answers what queued up meanwhile. */
    ev_set_priority(&speaker->group_io, EV_MAXPRI);
    speaker->group_io.data = speaker;
    speaker->source_io.data = speaker;
    speaker->announcer_io.data = speaker;
}

void watchers_start(struct speaker *speaker)
{
    ev_io_set(&speaker->source_io, source_fd(speaker->source), EV_READ);
    ev_io_set(&speaker->announcer_io, mlb_announcer_fd(speaker->announcer), EV_READ);
    ev_io_start(speaker->loop, &speaker->source_io);
    ev_io_start(speaker->loop, &speaker->announcer_io);
    if (!group_is_used(&speaker->group))
        return;
    ev_io_set(&speaker->group_io, mlb_membership_fd(speaker->group.membership), EV_READ);
    ev_io_start(speaker->loop, &speaker->group_io);
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
