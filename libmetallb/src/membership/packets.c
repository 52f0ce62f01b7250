/* SPDX-License-Identifier: MIT */
/* Packets that wait to be sent. What they carry beside their own message is chosen as they go. */
#include <stdlib.h>
#include <string.h>

#include "membership/core.h"

/* Messages of one packet: its own, and what is gossiped with them. */
struct filling {
    struct span messages[MEMBERLIST_COMPOUND_MAX];
    size_t count;
    struct broadcast *nodes[MEMBERLIST_COMPOUND_MAX];
    size_t node_count;
    struct broadcast *users[MEMBERLIST_COMPOUND_MAX];
    size_t user_count;
};

void packet_push(struct membership *core, const struct membership_endpoint *target,
                 const struct writer *first, const struct writer *second, int checksum,
                 enum piggyback piggyback)
{
    const size_t lengths[2] = {first ? first->used : 0, second ? second->used : 0};
    struct packet *packet = NULL;

    if ((first && first->failed) || (second && second->failed) || core->packet_count >= PACKETS_MAX)
        return;
    packet = malloc(sizeof(*packet) + lengths[0] + lengths[1]);
    if (!packet)
        return;
    *packet = (struct packet){
        .target = *target,
        .checksum = checksum != 0,
        .piggyback = (uint8_t)piggyback,
        .lengths = {(uint16_t)lengths[0], (uint16_t)lengths[1]},
    };
    if (first)
        memcpy(packet->bytes, first->start, lengths[0]);
    if (second)
        memcpy(packet->bytes + lengths[0], second->start, lengths[1]);
    list_append(&core->packets, &packet->link);
    core->packet_count++;
}

void packet_push_gossip(struct membership *core, const struct member *member)
{
    const struct membership_endpoint target = member_endpoint(member);

    packet_push(core, &target, NULL, NULL, member_understands(member, 5), member_piggyback(member));
}

/* The packet that waits longest, taken out for the caller to free; NULL for none. */
static struct packet *take_first(struct membership *core)
{
    struct list *first = core->packets.next;

    if (list_is_empty(&core->packets))
        return NULL;
    list_remove(first);
    core->packet_count--;
    return list_entry(first, struct packet, link);
}

void packets_free(struct membership *core)
{
    struct list *link = core->packets.next;

    while (link != &core->packets) {
        struct packet *packet = list_entry(link, struct packet, link);

        link = link->next;
        free(packet);
    }
    list_init(&core->packets);
    core->packet_count = 0;
}

static void add_own(struct filling *filling, const struct packet *packet)
{
    const uint8_t *bytes = packet->bytes;

    for (size_t i = 0; i < 2; i++) {
        if (packet->lengths[i] > 0)
            filling->messages[filling->count++] = (struct span){bytes, packet->lengths[i]};
        bytes += packet->lengths[i];
    }
}

/* Bytes for gossip: 1400 less the compound's head, the own message, label and encryption. */
static size_t room_for_gossip(const struct membership *core, const struct packet *packet)
{
    const size_t taken = MEMBERLIST_COMPOUND_HEAD + packet->lengths[0] + packet->lengths[1] +
                         seal_overhead(core->seal);

    return taken < SEAL_PACKET_BUDGET ? SEAL_PACKET_BUDGET - taken : 0;
}

static void add_from(struct broadcast_queue *queue, struct filling *filling, size_t limit,
                     size_t *room, struct broadcast **picked, size_t *picked_count)
{
    const size_t count = broadcast_queue_pick(queue, limit, picked + *picked_count,
                                              MEMBERLIST_COMPOUND_MAX - filling->count);

    for (size_t i = 0; i < count; i++) {
        const struct broadcast *broadcast = picked[*picked_count + i];

        filling->messages[filling->count++] = (struct span){broadcast->bytes, broadcast->length};
        *room -= broadcast->length + BROADCAST_OVERHEAD;
    }
    *picked_count += count;
}

/* News of members come first, as facts of unknown members are dropped, but a third of the room is
 * kept for user messages while there are any. */
static void add_gossip(struct membership *core, struct filling *filling, size_t room,
                       int with_users)
{
    const size_t users = with_users ? broadcast_queue_count(&core->user_broadcasts) : 0;
    const size_t kept = users > 0 ? room / 3 : 0;

    add_from(&core->broadcasts, filling, room - kept, &room, filling->nodes, &filling->node_count);
    if (users == 0)
        return;
    add_from(&core->user_broadcasts, filling, room, &room, filling->users, &filling->user_count);
    add_from(&core->broadcasts, filling, room, &room, filling->nodes, &filling->node_count);
}

static size_t close_packet(struct membership *core, const struct packet *packet, uint8_t *buffer,
                           size_t capacity)
{
    const uint32_t limit = gossip_limit(core->timing.retransmit_multiplier, core->members.count);
    struct filling filling;
    size_t length = 0;

    filling.count = filling.node_count = filling.user_count = 0;
    add_own(&filling, packet);
    if (packet->piggyback != PIGGYBACK_NOTHING)
        add_gossip(core, &filling, room_for_gossip(core, packet),
                   packet->piggyback == PIGGYBACK_ALL);
    if (filling.count > 0)
        length = seal_close_packet(core->seal, filling.messages, filling.count, packet->checksum,
                                   buffer, capacity);
    if (filling.count > 0 && length == 0)
        event_plain(core, MLB_MEMBERSHIP_ERROR, MLB_ERROR_SYSTEM, "a packet could not be sealed");
    broadcast_queue_sent(&core->broadcasts, filling.nodes, filling.node_count, limit);
    broadcast_queue_sent(&core->user_broadcasts, filling.users, filling.user_count, limit);
    return length;
}

size_t membership_output(struct membership *core, uint64_t now, uint8_t *buffer, size_t capacity,
                         struct membership_endpoint *target)
{
    struct packet *packet = NULL;
    size_t length = 0;

    (void)now;
    if (capacity < SEAL_PACKET_MAX)
        return 0;
    while (length == 0 && (packet = take_first(core))) {
        length = close_packet(core, packet, buffer, capacity);
        *target = packet->target;
        free(packet);
    }
    leave_settle(core);
    if (length > 0) {
        core->statistics.packets_sent++;
        core->statistics.bytes_sent += length;
    }
    return length;
}
