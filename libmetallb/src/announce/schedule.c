/* SPDX-License-Identifier: MIT */
#include "announce/schedule.h"

static void set_state(struct schedule *schedule, enum schedule_state state, uint64_t deadline)
{
    schedule->state = state;
    schedule->deadline = deadline;
}

/* When the set after one due at `due` is due. */
static uint64_t following(const struct schedule *schedule, const struct schedule_timing *timing,
                          uint64_t now, uint64_t due)
{
    if (due < schedule->until && schedule->until - due > timing->interval)
        return due + timing->interval;
    return timing->refresh > 0 ? now + timing->refresh : SCHEDULE_NEVER;
}

/* Lets the set that is due wait for its turn: at most until the next is due or repeats are over. */
static void await_turn(struct schedule *schedule, const struct schedule_timing *timing,
                       uint64_t now)
{
    uint64_t due = schedule->next;
    uint64_t limit = SCHEDULE_NEVER;

    schedule->next = following(schedule, timing, now, due);
    limit = schedule->next;
    if (due < schedule->until && limit > schedule->until)
        limit = schedule->until;
    set_state(schedule, SCHEDULE_REPEAT, limit);
}

static void rest(struct schedule *schedule)
{
    set_state(schedule, schedule->next == SCHEDULE_NEVER ? SCHEDULE_QUIET : SCHEDULE_WAITING,
              schedule->next);
}

static int begin(struct schedule *schedule, const struct schedule_timing *timing, uint64_t now)
{
    schedule->until = now + timing->duration;
    schedule->next = following(schedule, timing, now, now);
    set_state(schedule, SCHEDULE_FIRST, schedule->next);
    return 0;
}

static int stop(struct schedule *schedule, const struct schedule_timing *timing, uint64_t now)
{
    (void)timing;
    (void)now;
    schedule_init(schedule);
    return 0;
}

static int ignore(struct schedule *schedule, const struct schedule_timing *timing, uint64_t now)
{
    (void)schedule;
    (void)timing;
    (void)now;
    return 0;
}

static int sent(struct schedule *schedule, const struct schedule_timing *timing, uint64_t now)
{
    (void)timing;
    (void)now;
    rest(schedule);
    return 0;
}

static int due_while_waiting(struct schedule *schedule, const struct schedule_timing *timing,
                             uint64_t now)
{
    await_turn(schedule, timing, now);
    return 0;
}

/* The first set takes the place of the repeat that is due. */
static int due_before_first(struct schedule *schedule, const struct schedule_timing *timing,
                            uint64_t now)
{
    schedule->next = following(schedule, timing, now, schedule->next);
    set_state(schedule, SCHEDULE_FIRST, schedule->next);
    return 1;
}

static int due_before_repeat(struct schedule *schedule, const struct schedule_timing *timing,
                             uint64_t now)
{
    if (now >= schedule->next)
        await_turn(schedule, timing, now);
    else
        rest(schedule);
    return 1;
}

typedef int step(struct schedule *schedule, const struct schedule_timing *timing, uint64_t now);

static step *const steps[SCHEDULE_STATES][SCHEDULE_INPUTS] = {
    [SCHEDULE_QUIET] = {[SCHEDULE_CAUSE] = begin,
                        [SCHEDULE_DUE] = ignore,
                        [SCHEDULE_SENT] = ignore,
                        [SCHEDULE_STOP] = stop},
    [SCHEDULE_FIRST] = {[SCHEDULE_CAUSE] = begin,
                        [SCHEDULE_DUE] = due_before_first,
                        [SCHEDULE_SENT] = sent,
                        [SCHEDULE_STOP] = stop},
    [SCHEDULE_WAITING] = {[SCHEDULE_CAUSE] = begin,
                          [SCHEDULE_DUE] = due_while_waiting,
                          [SCHEDULE_SENT] = ignore,
                          [SCHEDULE_STOP] = stop},
    [SCHEDULE_REPEAT] = {[SCHEDULE_CAUSE] = begin,
                         [SCHEDULE_DUE] = due_before_repeat,
                         [SCHEDULE_SENT] = sent,
                         [SCHEDULE_STOP] = stop},
};

void schedule_init(struct schedule *schedule)
{
    schedule->next = SCHEDULE_NEVER;
    schedule->until = 0;
    set_state(schedule, SCHEDULE_QUIET, SCHEDULE_NEVER);
}

int schedule_step(struct schedule *schedule, const struct schedule_timing *timing, uint64_t now,
                  enum schedule_input input)
{
    return steps[schedule->state][input](schedule, timing, now);
}
