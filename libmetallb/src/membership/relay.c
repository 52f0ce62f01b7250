/* SPDX-License-Identifier: MIT */
/* Probes in the place of others (7.8, indirectPing). */
#include <stdlib.h>

#include "membership/core.h"

/* A little less than the timeout, as the asker began to wait one timeout before us: the nack is to
 * be there before its time, two timeouts with memberlist's values, is over. */
static uint64_t patience(const struct membership *core)
{
    return milliseconds(core->timing.probe_timeout) * 4 / 5;
}

struct membership_endpoint answer_endpoint(struct span address, uint16_t port,
                                           const struct membership_endpoint *source)
{
    if (port == 0 || !address_is_valid(address))
        return *source;
    return (struct membership_endpoint){address_of_span(address), port};
}

static void relay_free(struct membership *core, struct relay *relay)
{
    timer_free(core, &relay->timer);
    list_remove(&relay->link);
    core->relay_count--;
    free(relay);
}

void relays_free(struct membership *core)
{
    while (!list_is_empty(&core->relays))
        relay_free(core, list_entry(core->relays.next, struct relay, link));
}

void relay_begin(struct membership *core, const struct membership_endpoint *source,
                 const struct memberlist_indirect_ping *message)
{
    const struct membership_endpoint target = {
        .address = address_of_span(message->target),
        .port = message->port > 0 ? message->port : core->self->port,
    };
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));
    struct relay *relay = NULL;

    if (core->relay_count >= RELAYS_MAX)
        return;
    relay = calloc(1, sizeof(*relay));
    if (!relay || timer_new(core, &relay->timer, TIMER_RELAY) != MLB_OK) {
        free(relay);
        return;
    }
    relay->asker = answer_endpoint(message->source_address, message->source_port, source);
    relay->asker_sequence = message->sequence;
    relay->sequence = ++core->sequence;
    relay->nack = message->nack != 0;
    list_append(&core->relays, &relay->link);
    core->relay_count++;
    timer_set(core, &relay->timer, core->now + patience(core));
    probe_build_ping(core, &writer, message->node, relay->sequence);
    packet_push(core, &target, &writer, NULL, 0, PIGGYBACK_NEWS);
}

int relay_ack(struct membership *core, uint32_t sequence)
{
    for (struct list *link = core->relays.next; link != &core->relays; link = link->next) {
        struct relay *relay = list_entry(link, struct relay, link);
        const struct memberlist_ack ack = {.sequence = relay->asker_sequence};
        uint8_t buffer[MESSAGE_MAX];
        struct writer writer = writer_to(buffer, sizeof(buffer));

        if (relay->sequence != sequence)
            continue;
        memberlist_build_ack(&writer, &ack);
        packet_push(core, &relay->asker, &writer, NULL, 0, PIGGYBACK_NEWS);
        relay_free(core, relay);
        return 1;
    }
    return 0;
}

/* After the nack an acknowledgement is still waited for and passed on: both count (7.8). */
void relay_timeout(struct membership *core, struct relay *relay)
{
    const struct memberlist_nack nack = {.sequence = relay->asker_sequence};
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    if (!relay->nack) {
        relay_free(core, relay);
        return;
    }
    memberlist_build_nack(&writer, &nack);
    packet_push(core, &relay->asker, &writer, NULL, 0, PIGGYBACK_NEWS);
    relay->nack = 0;
    timer_set(core, &relay->timer, core->now + milliseconds(core->timing.probe_interval));
}
