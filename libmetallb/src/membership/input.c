/* SPDX-License-Identifier: MIT */
/* Packets that come in: each message goes to the rule that it is for. */
#include <string.h>

#include "address/value.h"
#include "membership/core.h"

/* Questions of one packet that are answered. Each member puts one into a packet; without a limit
 * one small packet, compressed, would send thousands to whomever it names. */
#define QUESTIONS_MAX 8

struct source {
    struct membership *core;
    const struct membership_endpoint *endpoint;
    size_t questions;
};

typedef int32_t (*message_handler)(const struct source *source, const uint8_t *body, size_t length);

static int32_t take_ping(const struct source *source, const uint8_t *body, size_t length)
{
    struct membership *core = source->core;
    struct memberlist_ping ping;
    struct membership_endpoint target;
    struct memberlist_ack ack = {0};
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    if (memberlist_parse_ping(body, length, &ping) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    if (ping.node.length > 0 && !name_is_own(core, ping.node))
        return MLB_OK;
    target = answer_endpoint(ping.source_address, ping.source_port, source->endpoint);
    ack.sequence = ping.sequence;
    memberlist_build_ack(&writer, &ack);
    packet_push(core, &target, &writer, NULL, 0, PIGGYBACK_NEWS);
    return MLB_OK;
}

static int32_t take_indirect_ping(const struct source *source, const uint8_t *body, size_t length)
{
    struct memberlist_indirect_ping message;

    if (memberlist_parse_indirect_ping(body, length, &message) != MLB_OK ||
        !address_is_valid(message.target) || !name_is_valid(message.node))
        return MLB_ERROR_MALFORMED;
    relay_begin(source->core, source->endpoint, &message);
    return MLB_OK;
}

static int32_t take_ack(const struct source *source, const uint8_t *body, size_t length)
{
    struct memberlist_ack ack;

    if (memberlist_parse_ack(body, length, &ack) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    if (!relay_ack(source->core, ack.sequence))
        probe_ack(source->core, ack.sequence);
    return MLB_OK;
}

static int32_t take_nack(const struct source *source, const uint8_t *body, size_t length)
{
    struct memberlist_nack nack;

    if (memberlist_parse_nack(body, length, &nack) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    probe_nack(source->core, nack.sequence);
    return MLB_OK;
}

/* What could not be refuted is not believed. */
static int32_t parse_verdict(const uint8_t *body, size_t length, struct memberlist_verdict *verdict)
{
    if (memberlist_parse_verdict(body, length, verdict) != MLB_OK ||
        verdict->incarnation > INCARNATION_MAX || !name_is_valid(verdict->node) ||
        !name_is_valid(verdict->from))
        return MLB_ERROR_MALFORMED;
    return MLB_OK;
}

static int32_t take_suspect(const struct source *source, const uint8_t *body, size_t length)
{
    struct memberlist_verdict verdict;

    if (parse_verdict(body, length, &verdict) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    verdict_suspect(source->core, &verdict);
    return MLB_OK;
}

static int32_t take_dead(const struct source *source, const uint8_t *body, size_t length)
{
    struct memberlist_verdict verdict;

    if (parse_verdict(body, length, &verdict) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    verdict_dead(source->core, &verdict);
    return MLB_OK;
}

static int32_t take_alive(const struct source *source, const uint8_t *body, size_t length)
{
    struct memberlist_node node;

    if (memberlist_parse_alive(body, length, &node) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    if (node.port == 0)
        node.port = source->core->self->port;
    verdict_alive(source->core, &node);
    return MLB_OK;
}

static int32_t take_user(const struct source *source, const uint8_t *body, size_t length)
{
    input_user_message(source->core, (struct span){body, length});
    return MLB_OK;
}

static const message_handler handlers[] = {
    [MEMBERLIST_PING] = take_ping,   [MEMBERLIST_INDIRECT_PING] = take_indirect_ping,
    [MEMBERLIST_ACK] = take_ack,     [MEMBERLIST_SUSPECT] = take_suspect,
    [MEMBERLIST_ALIVE] = take_alive, [MEMBERLIST_DEAD] = take_dead,
    [MEMBERLIST_USER] = take_user,   [MEMBERLIST_NACK] = take_nack,
};

static int is_question(uint8_t type)
{
    return type == MEMBERLIST_PING || type == MEMBERLIST_INDIRECT_PING;
}

static void take_message(void *context, const uint8_t *message, size_t length)
{
    struct source *source = context;
    const size_t count = sizeof(handlers) / sizeof(handlers[0]);

    if (message[0] >= count || !handlers[message[0]] ||
        (is_question(message[0]) && source->questions++ >= QUESTIONS_MAX) ||
        handlers[message[0]](source, message + 1, length - 1) != MLB_OK)
        source->core->statistics.messages_refused++;
}

void membership_input(struct membership *core, uint64_t now,
                      const struct membership_endpoint *source, const uint8_t *bytes, size_t length)
{
    const struct membership_endpoint endpoint = {address_normalise(&source->address), source->port};
    struct source context = {.core = core, .endpoint = &endpoint};

    core->statistics.packets_received++;
    core->statistics.bytes_received += length;
    if (stall_check(core, now) || core->deaf)
        return;
    if (seal_open_packet(core->seal, bytes, length, take_message, &context) != MLB_OK)
        core->statistics.packets_refused++;
    membership_settle(core);
}
