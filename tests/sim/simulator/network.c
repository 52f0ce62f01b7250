/* SPDX-License-Identifier: MIT */
/* The network: who reaches whom, what is lost, how long it takes. */
#include "simulator/internal.h"

/* 10.0.0.0 plus the number plus 1; a port for all. */
#define NETWORK_PORT MLB_MEMBERSHIP_PORT

struct membership_endpoint sim_endpoint(uint32_t number)
{
    const uint32_t host = number + 1;
    struct membership_endpoint endpoint = {.address = {.family = MLB_FAMILY_IPV4},
                                           .port = NETWORK_PORT};

    endpoint.address.bytes[0] = 10;
    endpoint.address.bytes[1] = (uint8_t)(host >> 16);
    endpoint.address.bytes[2] = (uint8_t)(host >> 8);
    endpoint.address.bytes[3] = (uint8_t)host;
    return endpoint;
}

uint32_t network_number(const struct membership_endpoint *endpoint)
{
    const uint8_t *bytes = endpoint->address.bytes;

    if (endpoint->address.family != MLB_FAMILY_IPV4 || bytes[0] != 10 ||
        endpoint->port != NETWORK_PORT)
        return UINT32_MAX;
    return (((uint32_t)bytes[1] << 16) | ((uint32_t)bytes[2] << 8) | bytes[3]) - 1;
}

uint64_t network_delay(struct sim *sim)
{
    const uint64_t span = sim->options.delay_max - sim->options.delay_min;
    uint64_t delay = sim->options.delay_min + random_below(&sim->random, span + 1);

    if (random_hits(&sim->random, sim->late))
        delay += random_below(&sim->random, sim->options.late_max + 1);
    return delay;
}

static int link_loses(struct sim *sim, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < sim->link_count; i++) {
        const struct link *link = &sim->links[i];

        if (link->from == from && link->to == to)
            return random_hits(&sim->random, link->loss);
    }
    return 0;
}

int network_passes(struct sim *sim, uint32_t from, uint32_t to)
{
    const struct node *a = &sim->nodes[from];
    const struct node *b = &sim->nodes[to];

    return a->side == b->side && !random_hits(&sim->random, sim->loss) &&
           !random_hits(&sim->random, a->loss_out) && !random_hits(&sim->random, b->loss_in) &&
           !link_loses(sim, from, to);
}

static void enqueue(struct sim *sim, uint32_t from, uint32_t to, const uint8_t *bytes,
                    size_t length, uint64_t delay)
{
    struct packet *packet = packet_new(&sim->packets, bytes, length);

    packet->from = from;
    packet->to = to;
    event_queue_add(&sim->events, sim->now + delay, &packet->event);
}

void network_send(struct sim *sim, uint32_t from, const struct membership_endpoint *target,
                  const uint8_t *bytes, size_t length)
{
    struct sim_traffic *traffic = &sim->nodes[from].traffic;
    const uint32_t to = network_number(target);

    traffic->packets++;
    traffic->packet_bytes += length;
    if (sim->tap)
        sim->tap(sim->tap_context, from, to, bytes, length);
    if (to >= sim->node_count || !network_passes(sim, from, to))
        return;
    enqueue(sim, from, to, bytes, length, network_delay(sim));
    if (random_hits(&sim->random, sim->doubles))
        enqueue(sim, from, to, bytes, length, network_delay(sim));
}

void sim_inject(struct sim *sim, uint32_t from, uint32_t to, const uint8_t *bytes, size_t length,
                uint64_t delay)
{
    enqueue(sim, from, to, bytes, length, delay);
}

void network_queue_waiting(struct node *node, struct event *event)
{
    event->next = NULL;
    if (!node->waiting)
        node->waiting_end = &node->waiting;
    *node->waiting_end = event;
    node->waiting_end = &event->next;
}

/* A full socket drops what comes last. */
static void wait_in_socket(struct sim *sim, struct node *node, struct packet *packet)
{
    if (node->waiting_packets == SOCKET_PACKETS) {
        packet_free(&sim->packets, packet);
        return;
    }
    node->waiting_packets++;
    network_queue_waiting(node, &packet->event);
}

void network_deliver(struct sim *sim, struct packet *packet)
{
    struct node *node = &sim->nodes[packet->to];

    if (node->state == NODE_STALLED) {
        wait_in_socket(sim, node, packet);
        return;
    }
    if (node->state == NODE_RUNNING && !membership_drops_input(node->core)) {
        const struct membership_endpoint source = sim_endpoint(packet->from);

        membership_input(node->core, sim->now, &source, packet->bytes, packet->length);
        sim_pump(sim, packet->to);
    }
    packet_free(&sim->packets, packet);
}

void network_free_waiting(struct sim *sim, struct node *node)
{
    while (node->waiting) {
        struct event *event = node->waiting;

        node->waiting = event->next;
        if (event->kind == EVENT_PACKET)
            packet_free(&sim->packets, (struct packet *)event);
        else
            streams_event(sim, event);
    }
    node->waiting_packets = 0;
}

void sim_set_side(struct sim *sim, uint32_t node, uint32_t side)
{
    sim->nodes[node].side = side % SIDES_MAX;
    sim_disturb(sim, node);
}

void sim_heal(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->node_count; i++) {
        sim->nodes[i].side = 0;
        sim_disturb(sim, i);
    }
}

void sim_set_loss(struct sim *sim, double loss)
{
    sim->loss = random_threshold(loss);
    sim->disturbed_at = sim->now;
}

void sim_set_loss_out(struct sim *sim, uint32_t node, double loss)
{
    sim->nodes[node].loss_out = random_threshold(loss);
    sim->disturbed_at = sim->now;
}

void sim_set_loss_in(struct sim *sim, uint32_t node, double loss)
{
    sim->nodes[node].loss_in = random_threshold(loss);
    sim->disturbed_at = sim->now;
}

void sim_set_loss_link(struct sim *sim, uint32_t from, uint32_t to, double loss)
{
    size_t place = 0;

    while (place < sim->link_count &&
           (sim->links[place].from != from || sim->links[place].to != to))
        place++;
    if (place == SIM_LINKS_MAX)
        return;
    sim->links[place] = (struct link){.from = from, .to = to, .loss = random_threshold(loss)};
    if (place == sim->link_count)
        sim->link_count++;
    sim->disturbed_at = sim->now;
}

void sim_set_disorder(struct sim *sim, double doubles, double late, uint64_t late_max)
{
    sim->doubles = random_threshold(doubles);
    sim->late = random_threshold(late);
    sim->options.late_max = late_max;
}

void sim_set_tap(struct sim *sim, sim_tap tap, void *context)
{
    sim->tap = tap;
    sim->tap_context = context;
}
