/* SPDX-License-Identifier: MIT */
/* The lives of nodes: a core each, driven as its header says. */
#include "simulator/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/memory.h"

/* A node owns nothing before it has asked the group, or for this long. */
#define READY_AFTER   (3 * SIM_SECOND)

#define LEAVE_TIMEOUT (5 * SIM_SECOND)

void sim_name(uint32_t node, char name[SIM_NAME_SIZE])
{
    snprintf(name, SIM_NAME_SIZE, "node-%04u", node % 1000000);
}

uint32_t sim_number(const char *name)
{
    uint32_t number = 0;

    if (strncmp(name, "node-", 5) != 0 || !name[5])
        return UINT32_MAX;
    for (const char *digit = name + 5; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || number > 1000000)
            return UINT32_MAX;
        number = number * 10 + (uint32_t)(*digit - '0');
    }
    return number;
}

static int fill(void *context, uint8_t *bytes, size_t length)
{
    struct random *random = context;

    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)random_next(random);
    return 0;
}

void sim_pump(struct sim *sim, uint32_t number)
{
    struct node *node = &sim->nodes[number];
    struct membership_endpoint target;
    struct membership_action action;
    uint64_t deadline;
    size_t length;

    while ((length = membership_output(node->core, sim->now, sim->buffer, sizeof(sim->buffer),
                                       &target)) > 0)
        network_send(sim, number, &target, sim->buffer, length);
    while (membership_next_action(node->core, &action) == 1)
        streams_act(sim, number, &action);
    while (membership_next_event(node->core, &sim->event) == 1)
        news_take(sim, number, &sim->event);
    if (sim->histories)
        news_look(sim, number);
    deadline = membership_deadline(node->core);
    if (deadline != node->deadline.time)
        deadline_heap_set(&sim->deadlines, &node->deadline, deadline);
}

static void reset(struct sim *sim, struct node *node)
{
    node->state = NODE_RUNNING;
    node->has_left = node->refuses = node->is_doubtful = 0;
    node->is_ready = 0;
    node->ready_at = sim->now + READY_AFTER;
    node->life++;
    node->gone_at = SIM_NEVER;
    node->first_verdict = SIM_NEVER;
    node->last_accepted = UINT64_MAX;
    node->entropy.state = random_next(&sim->random);
}

static struct membership *new_core(struct sim *sim, uint32_t number)
{
    struct node *node = &sim->nodes[number];
    const uint8_t life[4] = {(uint8_t)(node->life >> 24), (uint8_t)(node->life >> 16),
                             (uint8_t)(node->life >> 8), (uint8_t)node->life};
    const struct membership_options options = {
        .name = node->name,
        .label = sim->options.label,
        .keys = sim->options.key,
        .key_count = sim->options.key ? 1 : 0,
        .meta = sim->options.flags & SIM_LIVES ? life : NULL,
        .meta_length = sim->options.flags & SIM_LIVES ? sizeof(life) : 0,
        .timing = sim->options.timing,
        .advertise = sim_endpoint(number),
        .flags = sim->options.core_flags,
        .members_max = sim->node_count + 64,
        .seed = random_next(&sim->random),
        .facts_version = sim->now,
        .entropy = fill,
        .entropy_context = &node->entropy,
    };
    struct membership *core = NULL;
    const int32_t result = membership_new(&options, sim->now, &core);

    if (result != MLB_OK) {
        fprintf(stderr, "simulator: membership_new: %s\n", mlb_strerror(result));
        exit(1);
    }
    return core;
}

void sim_start(struct sim *sim, uint32_t number, const uint32_t *seeds, size_t seed_count)
{
    struct node *node = &sim->nodes[number];

    if (node->state != NODE_DOWN)
        return;
    reset(sim, node);
    node->core = new_core(sim, number);
    views_forget(sim, number);
    views_set(sim, number, number, VIEW_ALIVE);
    if (!seed_count)
        node->is_ready = 1;
    sim_disturb(sim, number);
    sim_set_seeds(sim, number, seeds, seed_count);
}

void sim_set_seeds(struct sim *sim, uint32_t node, const uint32_t *seeds, size_t seed_count)
{
    struct membership_endpoint *endpoints = need(seed_count, sizeof(*endpoints));

    for (size_t i = 0; i < seed_count; i++)
        endpoints[i] = sim_endpoint(seeds[i]);
    membership_set_seeds(sim->nodes[node].core, sim->now, endpoints, seed_count);
    free(endpoints);
    sim_pump(sim, node);
}

/* Freed by the caller. */
static uint32_t *all_nodes(const struct sim *sim)
{
    uint32_t *nodes = need(sim->node_count, sizeof(*nodes));

    for (uint32_t i = 0; i < sim->node_count; i++)
        nodes[i] = i;
    return nodes;
}

void sim_start_with_all(struct sim *sim, uint32_t node)
{
    uint32_t *seeds = all_nodes(sim);

    sim_start(sim, node, seeds, sim->node_count);
    free(seeds);
}

void sim_seed_with_all(struct sim *sim, uint32_t node)
{
    uint32_t *seeds = all_nodes(sim);

    sim_set_seeds(sim, node, seeds, sim->node_count);
    free(seeds);
}

static void end_life(struct sim *sim, uint32_t number, int refuses)
{
    struct node *node = &sim->nodes[number];

    if (node->state == NODE_DOWN)
        return;
    if (news_own_incarnation(sim, number) > node->peak_incarnation)
        node->peak_incarnation = news_own_incarnation(sim, number);
    node->state = NODE_DOWN;
    node->refuses = refuses;
    if (!node->has_left && node->gone_at == SIM_NEVER)
        node->gone_at = sim->now;
    deadline_heap_set(&sim->deadlines, &node->deadline, DEADLINE_NEVER);
    network_free_waiting(sim, node);
    streams_drop(sim, number, refuses);
    membership_free(node->core);
    node->core = NULL;
    sim_disturb(sim, number);
}

void sim_crash(struct sim *sim, uint32_t node)
{
    end_life(sim, node, 0);
}

void sim_kill(struct sim *sim, uint32_t node)
{
    end_life(sim, node, 1);
}

void sim_stall(struct sim *sim, uint32_t number)
{
    struct node *node = &sim->nodes[number];

    if (node->state != NODE_RUNNING)
        return;
    node->state = NODE_STALLED;
    if (!node->has_left)
        node->gone_at = sim->now;
    node->first_verdict = SIM_NEVER;
    deadline_heap_set(&sim->deadlines, &node->deadline, DEADLINE_NEVER);
    sim_disturb(sim, number);
}

/* What waited comes at once; the timers, which are late, come before it. */
void sim_continue(struct sim *sim, uint32_t number)
{
    struct node *node = &sim->nodes[number];
    struct event *event = node->waiting;

    if (node->state != NODE_STALLED)
        return;
    node->state = NODE_RUNNING;
    if (!node->has_left)
        node->gone_at = SIM_NEVER;
    node->waiting = NULL;
    node->waiting_packets = 0;
    sim_disturb(sim, number);
    membership_tick(node->core, sim->now);
    sim_pump(sim, number);
    while (event) {
        struct event *next = event->next;

        if (event->kind == EVENT_PACKET)
            network_deliver(sim, (struct packet *)event);
        else
            streams_event(sim, event);
        event = next;
    }
    streams_tell(sim, number);
}

void sim_leave(struct sim *sim, uint32_t number)
{
    struct node *node = &sim->nodes[number];

    if (node->state != NODE_RUNNING || node->has_left)
        return;
    node->has_left = 1;
    node->gone_at = sim->now;
    node->first_verdict = SIM_NEVER;
    sim_disturb(sim, number);
    membership_leave(node->core, sim->now, LEAVE_TIMEOUT);
    sim_pump(sim, number);
}

void sim_return(struct sim *sim, uint32_t number)
{
    struct node *node = &sim->nodes[number];

    if (node->state != NODE_RUNNING || !node->has_left)
        return;
    node->has_left = 0;
    node->gone_at = SIM_NEVER;
    sim_disturb(sim, number);
    membership_return(node->core, sim->now);
    sim_pump(sim, number);
}

void sim_set_facts(struct sim *sim, uint32_t node, const uint8_t *facts, size_t length)
{
    membership_set_facts(sim->nodes[node].core, sim->now, facts, length);
    sim_pump(sim, node);
}

int sim_is_running(const struct sim *sim, uint32_t node)
{
    return sim->nodes[node].state == NODE_RUNNING;
}

struct membership *sim_core(struct sim *sim, uint32_t node)
{
    return sim->nodes[node].core;
}
