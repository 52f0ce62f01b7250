/* SPDX-License-Identifier: MIT */
/*
 * A message, its type byte first. What a parser takes is built anew, and that again: both must be
 * the same bytes. Each body also goes through the parsers of all other types.
 */
#include <metallb/error.h>
#include <stdlib.h>

#include "wire/memberlist.h"

#define SIZE 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A parser and its builder: 1 when the body was a message, which then stands in writer. */
typedef int (*rebuilder)(const uint8_t *body, size_t size, struct writer *writer);

static void require(int condition)
{
    if (!condition)
        abort();
}

static int rebuild_ping(const uint8_t *body, size_t size, struct writer *writer)
{
    struct memberlist_ping message;

    if (memberlist_parse_ping(body, size, &message) != MLB_OK)
        return 0;
    memberlist_build_ping(writer, &message);
    return 1;
}

static int rebuild_indirect_ping(const uint8_t *body, size_t size, struct writer *writer)
{
    struct memberlist_indirect_ping message;

    if (memberlist_parse_indirect_ping(body, size, &message) != MLB_OK)
        return 0;
    memberlist_build_indirect_ping(writer, &message);
    return 1;
}

static int rebuild_ack(const uint8_t *body, size_t size, struct writer *writer)
{
    struct memberlist_ack message;

    if (memberlist_parse_ack(body, size, &message) != MLB_OK)
        return 0;
    memberlist_build_ack(writer, &message);
    return 1;
}

static int rebuild_nack(const uint8_t *body, size_t size, struct writer *writer)
{
    struct memberlist_nack message;

    if (memberlist_parse_nack(body, size, &message) != MLB_OK)
        return 0;
    memberlist_build_nack(writer, &message);
    return 1;
}

static int rebuild_verdict(const uint8_t *body, size_t size, struct writer *writer)
{
    struct memberlist_verdict message;

    if (memberlist_parse_verdict(body, size, &message) != MLB_OK)
        return 0;
    memberlist_build_verdict(writer, MEMBERLIST_DEAD, &message);
    return 1;
}

static int rebuild_alive(const uint8_t *body, size_t size, struct writer *writer)
{
    struct memberlist_node message;

    if (memberlist_parse_alive(body, size, &message) != MLB_OK)
        return 0;
    memberlist_build_alive(writer, &message);
    return 1;
}

static int rebuild_error(const uint8_t *body, size_t size, struct writer *writer)
{
    struct span text;
    char *copy;

    if (memberlist_parse_error(body, size, &text) != MLB_OK)
        return 0;
    copy = calloc(1, text.length + 1);
    if (!copy)
        return 0;
    if (text.length > 0)
        memcpy(copy, text.bytes, text.length);
    memberlist_build_error(writer, copy);
    free(copy);
    return 1;
}

static int rebuild_push_pull(const uint8_t *body, size_t size, struct writer *writer)
{
    struct reader reader = reader_of(body, size);
    struct memberlist_push_pull head;
    struct memberlist_node node;

    if (memberlist_read_push_pull(&reader, &head) != MLB_OK)
        return 0;
    memberlist_build_push_pull(writer, &head);
    for (uint32_t i = 0; i < head.nodes; i++) {
        if (memberlist_read_node(&reader, &node) != MLB_OK)
            return 0;
        memberlist_build_node(writer, &node);
    }
    return 1;
}

static int rebuild_user_length(const uint8_t *body, size_t size, struct writer *writer)
{
    struct reader reader = reader_of(body, size);
    uint32_t length;

    if (memberlist_read_user_length(&reader, &length) != MLB_OK)
        return 0;
    memberlist_build_user_length(writer, length);
    return 1;
}

static void check(rebuilder rebuild, const uint8_t *body, size_t size)
{
    static uint8_t once[SIZE];
    static uint8_t twice[SIZE];
    struct writer first = writer_to(once, sizeof(once));
    struct writer second = writer_to(twice, sizeof(twice));

    if (!rebuild(body, size, &first) || first.failed)
        return;
    require(rebuild(once + 1, first.used - 1, &second));
    require(first.used == second.used && memcmp(once, twice, first.used) == 0);
}

static void check_compound(const uint8_t *body, size_t size)
{
    struct memberlist_compound compound;
    const uint8_t *at = body;
    struct span message;

    if (memberlist_compound_open(body, size, &compound) != MLB_OK)
        return;
    while (memberlist_compound_next(&compound, &message)) {
        require(message.bytes >= at && message.bytes + message.length <= body + size);
        at = message.bytes + message.length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const rebuilder rebuilders[] = {
        rebuild_ping,  rebuild_indirect_ping, rebuild_ack,
        rebuild_nack,  rebuild_verdict,       rebuild_alive,
        rebuild_error, rebuild_push_pull,     rebuild_user_length,
    };

    if (size == 0 || size > SIZE / 4)
        return 0;
    for (size_t i = 0; i < sizeof(rebuilders) / sizeof(rebuilders[0]); i++)
        check(rebuilders[i], data + 1, size - 1);
    check_compound(data + 1, size - 1);
    return 0;
}
