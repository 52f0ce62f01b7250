/* SPDX-License-Identifier: MIT */
/*
 * Go sorts the keys by their bytes. It writes a text always, bytes that it never set as nil, and
 * leaves out what is marked "omit when empty": the source of pings, in its three fields.
 */
#include "wire/memberlist.h"

static void build_bytes(struct writer *writer, const char *key, struct span span)
{
    msgpack_write_key(writer, key);
    if (span.bytes)
        msgpack_write_raw(writer, span.bytes, span.length);
    else
        msgpack_write_nil(writer);
}

static void build_text(struct writer *writer, const char *key, struct span span)
{
    msgpack_write_key(writer, key);
    msgpack_write_raw(writer, span.bytes, span.length);
}

static void build_unsigned(struct writer *writer, const char *key, uint32_t value)
{
    msgpack_write_key(writer, key);
    msgpack_write_unsigned(writer, value);
}

static void build_signed(struct writer *writer, const char *key, uint32_t value)
{
    msgpack_write_key(writer, key);
    msgpack_write_signed(writer, value);
}

static void build_bool(struct writer *writer, const char *key, int value)
{
    msgpack_write_key(writer, key);
    msgpack_write_bool(writer, value);
}

static uint32_t count_source(struct span address, struct span node, uint16_t port)
{
    return (uint32_t)(address.length > 0) + (node.length > 0) + (port > 0);
}

static void build_source(struct writer *writer, struct span address, struct span node,
                         uint16_t port)
{
    if (address.length > 0)
        build_bytes(writer, "SourceAddr", address);
    if (node.length > 0)
        build_text(writer, "SourceNode", node);
    if (port > 0)
        build_unsigned(writer, "SourcePort", port);
}

void memberlist_build_ping(struct writer *writer, const struct memberlist_ping *message)
{
    write_u8(writer, MEMBERLIST_PING);
    msgpack_write_map(writer, 2 + count_source(message->source_address, message->source_node,
                                               message->source_port));
    build_text(writer, "Node", message->node);
    build_unsigned(writer, "SeqNo", message->sequence);
    build_source(writer, message->source_address, message->source_node, message->source_port);
}

void memberlist_build_indirect_ping(struct writer *writer,
                                    const struct memberlist_indirect_ping *message)
{
    write_u8(writer, MEMBERLIST_INDIRECT_PING);
    msgpack_write_map(writer, 5 + count_source(message->source_address, message->source_node,
                                               message->source_port));
    build_bool(writer, "Nack", message->nack);
    build_text(writer, "Node", message->node);
    build_unsigned(writer, "Port", message->port);
    build_unsigned(writer, "SeqNo", message->sequence);
    build_source(writer, message->source_address, message->source_node, message->source_port);
    build_bytes(writer, "Target", message->target);
}

void memberlist_build_ack(struct writer *writer, const struct memberlist_ack *message)
{
    write_u8(writer, MEMBERLIST_ACK);
    msgpack_write_map(writer, 2);
    build_bytes(writer, "Payload", message->payload);
    build_unsigned(writer, "SeqNo", message->sequence);
}

void memberlist_build_nack(struct writer *writer, const struct memberlist_nack *message)
{
    write_u8(writer, MEMBERLIST_NACK);
    msgpack_write_map(writer, 1);
    build_unsigned(writer, "SeqNo", message->sequence);
}

void memberlist_build_verdict(struct writer *writer, enum memberlist_type type,
                              const struct memberlist_verdict *message)
{
    write_u8(writer, (uint8_t)type);
    msgpack_write_map(writer, 3);
    build_text(writer, "From", message->from);
    build_unsigned(writer, "Incarnation", message->incarnation);
    build_text(writer, "Node", message->node);
}

void memberlist_build_alive(struct writer *writer, const struct memberlist_node *message)
{
    write_u8(writer, MEMBERLIST_ALIVE);
    msgpack_write_map(writer, 6);
    build_bytes(writer, "Addr", message->address);
    build_unsigned(writer, "Incarnation", message->incarnation);
    build_bytes(writer, "Meta", message->meta);
    build_text(writer, "Node", message->name);
    build_unsigned(writer, "Port", message->port);
    build_bytes(writer, "Vsn", message->versions);
}

void memberlist_build_error(struct writer *writer, const char *text)
{
    write_u8(writer, MEMBERLIST_ERROR);
    msgpack_write_map(writer, 1);
    msgpack_write_key(writer, "Error");
    msgpack_write_key(writer, text);
}

void memberlist_build_push_pull(struct writer *writer, const struct memberlist_push_pull *head)
{
    write_u8(writer, MEMBERLIST_PUSH_PULL);
    msgpack_write_map(writer, 3);
    build_bool(writer, "Join", head->join);
    build_signed(writer, "Nodes", head->nodes);
    build_signed(writer, "UserStateLen", head->user_state_length);
}

void memberlist_build_node(struct writer *writer, const struct memberlist_node *node)
{
    msgpack_write_map(writer, 7);
    build_bytes(writer, "Addr", node->address);
    build_unsigned(writer, "Incarnation", node->incarnation);
    build_bytes(writer, "Meta", node->meta);
    build_text(writer, "Name", node->name);
    build_unsigned(writer, "Port", node->port);
    build_signed(writer, "State", node->state);
    build_bytes(writer, "Vsn", node->versions);
}

void memberlist_build_user_length(struct writer *writer, uint32_t length)
{
    write_u8(writer, MEMBERLIST_USER);
    msgpack_write_map(writer, 1);
    build_signed(writer, "UserMsgLen", length);
}
