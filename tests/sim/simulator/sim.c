/* SPDX-License-Identifier: MIT */
/* The simulation as a whole: its time, its counts, the order in which things happen. */
#include "simulator/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/memory.h"

/* Times and chances where none are given: a LAN. */
#define DELAY_MIN (SIM_MILLISECOND / 5)
#define DELAY_MAX (2 * SIM_MILLISECOND)

/* Any time but 0, which would hide what is not set. */
#define START (1000 * SIM_SECOND)

static void set_options(struct sim *sim, const struct sim_options *options)
{
    sim->options = *options;
    if (!options->delay_max) {
        sim->options.delay_min = DELAY_MIN;
        sim->options.delay_max = DELAY_MAX;
    }
    sim->loss = random_threshold(options->loss);
    sim->doubles = random_threshold(options->doubles);
    sim->late = random_threshold(options->late);
    sim->random.state = options->seed;
}

struct sim *sim_new(const struct sim_options *options)
{
    struct sim *sim = need(1, sizeof(*sim));

    set_options(sim, options);
    sim->now = sim->disturbed_at = START;
    sim->next_check = options->flags & SIM_WATCH ? START + CHECK_INTERVAL : SIM_NEVER;
    sim->node_count = options->node_count;
    sim->nodes = need(sim->node_count, sizeof(*sim->nodes));
    sim->event.struct_size = sizeof(sim->event);
    sim->member.struct_size = sizeof(sim->member);
    deadline_heap_init(&sim->deadlines);
    if (deadline_heap_reserve(&sim->deadlines, sim->node_count) != MLB_OK)
        abort();
    for (uint32_t i = 0; i < sim->node_count; i++) {
        deadline_init(&sim->nodes[i].deadline);
        sim_name(i, sim->nodes[i].name);
    }
    views_new(sim);
    if (options->addresses)
        owners_new(sim);
    return sim;
}

static void free_events(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->node_count; i++)
        streams_drop(sim, i, 0);
    for (uint32_t i = 0; i < sim->node_count; i++) {
        for (struct event *event = sim->nodes[i].waiting, *next; event; event = next) {
            next = event->next;
            if (event->kind == EVENT_STREAM)
                streams_release(sim, event);
        }
    }
    for (size_t i = 0; i < sim->events.count; i++) {
        if (sim->events.entries[i].event->kind == EVENT_STREAM)
            streams_release(sim, sim->events.entries[i].event);
    }
    streams_collect(sim);
    event_queue_free(&sim->events);
}

void sim_free(struct sim *sim)
{
    if (!sim)
        return;
    free_events(sim);
    for (uint32_t i = 0; i < sim->node_count; i++)
        membership_free(sim->nodes[i].core);
    owners_free(sim);
    views_free(sim);
    packet_pool_free(&sim->packets);
    deadline_heap_free(&sim->deadlines);
    free(sim->nodes);
    free(sim);
}

uint64_t sim_now(const struct sim *sim)
{
    return sim->now;
}

uint64_t sim_seed(const struct sim *sim)
{
    return sim->options.seed;
}

uint32_t sim_node_count(const struct sim *sim)
{
    return sim->node_count;
}

const char *sim_violation(const struct sim *sim)
{
    return sim->violation[0] ? sim->violation : NULL;
}

void sim_violate(struct sim *sim, const char *format, ...)
{
    va_list arguments;
    int length;

    if (sim->violation[0])
        return;
    length =
        snprintf(sim->violation, sizeof(sim->violation),
                 "seed %" PRIu64 ", %.6f s: ", sim->options.seed, (double)(sim->now - START) / 1e9);
    va_start(arguments, format);
    vsnprintf(sim->violation + length, sizeof(sim->violation) - (size_t)length, format, arguments);
    va_end(arguments);
}

void sim_disturb(struct sim *sim, uint32_t node)
{
    sim->disturbed_at = sim->now;
    sim->nodes[node].clean_since = sim->now;
    views_recount(sim, node);
    owners_recount(sim);
}

/* A timer of a node; one that does not move on would stop time. */
static void tick(struct sim *sim, struct node *node)
{
    const uint32_t number = (uint32_t)(node - sim->nodes);

    membership_tick(node->core, sim->now);
    sim_pump(sim, number);
    if (node->deadline.time <= sim->now) {
        sim_violate(sim, "%s: its deadline is not after its tick", node->name);
        deadline_heap_set(&sim->deadlines, &node->deadline, sim->now + SIM_MILLISECOND);
    }
}

static void happen(struct sim *sim, struct event *event)
{
    if (event->kind == EVENT_PACKET)
        network_deliver(sim, (struct packet *)event);
    else
        streams_event(sim, event);
    if (sim->streams_over)
        streams_collect(sim);
}

static void check(struct sim *sim)
{
    sim->next_check = sim->now + CHECK_INTERVAL;
    views_check(sim);
    owners_check(sim);
}

/* The next thing that happens by a time; 0 when nothing more does. */
static int step(struct sim *sim, uint64_t until)
{
    struct deadline *first = deadline_heap_first(&sim->deadlines);
    const uint64_t due = first ? first->time : SIM_NEVER;
    const uint64_t arrival = event_queue_time(&sim->events);
    const uint64_t next = due < arrival ? due : arrival;

    if (sim->next_check <= next && sim->next_check <= until) {
        sim->now = sim->next_check;
        check(sim);
        return 1;
    }
    if (next > until)
        return 0;
    if (next > sim->now)
        sim->now = next;
    if (due <= arrival)
        tick(sim, (struct node *)first);
    else
        happen(sim, event_queue_take(&sim->events).event);
    return 1;
}

void sim_run(struct sim *sim, uint64_t duration)
{
    const uint64_t until = sim->now + duration;

    while (step(sim, until)) {
    }
    sim->now = until;
}

int sim_run_until(struct sim *sim, int (*condition)(struct sim *sim, void *context), void *context,
                  uint64_t limit)
{
    const uint64_t until = sim->now + limit;

    sim->changed = 0;
    if (condition(sim, context))
        return 1;
    while (step(sim, until)) {
        if (!sim->changed)
            continue;
        sim->changed = 0;
        if (condition(sim, context))
            return 1;
    }
    sim->now = until;
    return 0;
}

void sim_traffic(const struct sim *sim, uint32_t node, struct sim_traffic *traffic)
{
    *traffic = sim->nodes[node].traffic;
}

void sim_traffic_total(const struct sim *sim, struct sim_traffic *traffic)
{
    *traffic = (struct sim_traffic){0};
    for (uint32_t i = 0; i < sim->node_count; i++) {
        const struct sim_traffic *one = &sim->nodes[i].traffic;

        traffic->packets += one->packets;
        traffic->packet_bytes += one->packet_bytes;
        traffic->stream_bytes += one->stream_bytes;
        traffic->streams += one->streams;
    }
}

void sim_counts(const struct sim *sim, struct sim_counts *counts)
{
    *counts = sim->counts;
}

uint64_t sim_first_verdict(const struct sim *sim, uint32_t subject)
{
    return sim->nodes[subject].first_verdict;
}

uint64_t sim_false_verdicts(const struct sim *sim, uint32_t subject)
{
    return sim->nodes[subject].false_verdicts;
}
