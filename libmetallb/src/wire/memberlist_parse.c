/* SPDX-License-Identifier: MIT */
#include <metallb/error.h>
#include <stddef.h>

#include "wire/memberlist.h"

enum kind {
    KIND_BYTES,  /* struct span, also of texts */
    KIND_NUMBER, /* uint32_t */
    KIND_PORT,   /* uint16_t */
    KIND_BOOL,   /* int */
};

/* Where the value of a key goes. */
struct field {
    const char *key;
    enum kind kind;
    size_t offset;
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct field ping_fields[] = {
    {"Node", KIND_BYTES, offsetof(struct memberlist_ping, node)},
    {"SeqNo", KIND_NUMBER, offsetof(struct memberlist_ping, sequence)},
    {"SourceAddr", KIND_BYTES, offsetof(struct memberlist_ping, source_address)},
    {"SourceNode", KIND_BYTES, offsetof(struct memberlist_ping, source_node)},
    {"SourcePort", KIND_PORT, offsetof(struct memberlist_ping, source_port)},
};

static const struct field indirect_ping_fields[] = {
    {"Nack", KIND_BOOL, offsetof(struct memberlist_indirect_ping, nack)},
    {"Node", KIND_BYTES, offsetof(struct memberlist_indirect_ping, node)},
    {"Port", KIND_PORT, offsetof(struct memberlist_indirect_ping, port)},
    {"SeqNo", KIND_NUMBER, offsetof(struct memberlist_indirect_ping, sequence)},
    {"SourceAddr", KIND_BYTES, offsetof(struct memberlist_indirect_ping, source_address)},
    {"SourceNode", KIND_BYTES, offsetof(struct memberlist_indirect_ping, source_node)},
    {"SourcePort", KIND_PORT, offsetof(struct memberlist_indirect_ping, source_port)},
    {"Target", KIND_BYTES, offsetof(struct memberlist_indirect_ping, target)},
};

static const struct field ack_fields[] = {
    {"Payload", KIND_BYTES, offsetof(struct memberlist_ack, payload)},
    {"SeqNo", KIND_NUMBER, offsetof(struct memberlist_ack, sequence)},
};

static const struct field nack_fields[] = {
    {"SeqNo", KIND_NUMBER, offsetof(struct memberlist_nack, sequence)},
};

static const struct field verdict_fields[] = {
    {"From", KIND_BYTES, offsetof(struct memberlist_verdict, from)},
    {"Incarnation", KIND_NUMBER, offsetof(struct memberlist_verdict, incarnation)},
    {"Node", KIND_BYTES, offsetof(struct memberlist_verdict, node)},
};

static const struct field alive_fields[] = {
    {"Addr", KIND_BYTES, offsetof(struct memberlist_node, address)},
    {"Incarnation", KIND_NUMBER, offsetof(struct memberlist_node, incarnation)},
    {"Meta", KIND_BYTES, offsetof(struct memberlist_node, meta)},
    {"Node", KIND_BYTES, offsetof(struct memberlist_node, name)},
    {"Port", KIND_PORT, offsetof(struct memberlist_node, port)},
    {"Vsn", KIND_BYTES, offsetof(struct memberlist_node, versions)},
};

static const struct field node_fields[] = {
    {"Addr", KIND_BYTES, offsetof(struct memberlist_node, address)},
    {"Incarnation", KIND_NUMBER, offsetof(struct memberlist_node, incarnation)},
    {"Meta", KIND_BYTES, offsetof(struct memberlist_node, meta)},
    {"Name", KIND_BYTES, offsetof(struct memberlist_node, name)},
    {"Port", KIND_PORT, offsetof(struct memberlist_node, port)},
    {"State", KIND_NUMBER, offsetof(struct memberlist_node, state)},
    {"Vsn", KIND_BYTES, offsetof(struct memberlist_node, versions)},
};

static const struct field push_pull_fields[] = {
    {"Join", KIND_BOOL, offsetof(struct memberlist_push_pull, join)},
    {"Nodes", KIND_NUMBER, offsetof(struct memberlist_push_pull, nodes)},
    {"UserStateLen", KIND_NUMBER, offsetof(struct memberlist_push_pull, user_state_length)},
};

static const struct field user_fields[] = {{"UserMsgLen", KIND_NUMBER, 0}};

static const struct field error_fields[] = {{"Error", KIND_BYTES, 0}};

static const struct field *find_field(const struct field *fields, size_t count, struct span key)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(fields[i].key) == key.length && key.length > 0 &&
            memcmp(fields[i].key, key.bytes, key.length) == 0)
            return &fields[i];
    return NULL;
}

static void read_field(struct reader *reader, const struct field *field, void *message)
{
    void *target = (uint8_t *)message + field->offset;

    switch (field->kind) {
    case KIND_BYTES:
        *(struct span *)target = msgpack_read_bytes(reader);
        break;
    case KIND_NUMBER:
        *(uint32_t *)target = (uint32_t)msgpack_read_unsigned(reader, UINT32_MAX);
        break;
    case KIND_PORT:
        *(uint16_t *)target = (uint16_t)msgpack_read_unsigned(reader, UINT16_MAX);
        break;
    case KIND_BOOL:
        *(int *)target = msgpack_read_bool(reader);
        break;
    }
}

/* Reads a map into a message that is all zeros before. */
static void read_fields(struct reader *reader, const struct field *fields, size_t count,
                        void *message)
{
    for (uint32_t pairs = msgpack_read_map(reader); pairs > 0 && !reader->failed; pairs--) {
        struct span key = msgpack_read_bytes(reader);
        const struct field *field = find_field(fields, count, key);

        if (field)
            read_field(reader, field, message);
        else
            msgpack_skip(reader);
    }
}

static int32_t parse_fields(const uint8_t *body, size_t length, const struct field *fields,
                            size_t count, void *message)
{
    struct reader reader = reader_of(body, length);

    read_fields(&reader, fields, count, message);
    return reader.failed ? MLB_ERROR_MALFORMED : MLB_OK;
}

static int32_t read_part(struct reader *reader, const struct field *fields, size_t count,
                         void *part)
{
    struct reader next = *reader;

    read_fields(&next, fields, count, part);
    if (next.failed)
        reader->failed = next.failed;
    else
        *reader = next;
    if (next.failed == MSGPACK_REFUSED)
        return MLB_ERROR_MALFORMED;
    return next.failed ? MLB_ERROR_BUFFER_TOO_SMALL : MLB_OK;
}

static int is_address(struct span span)
{
    return span.length == 4 || span.length == 16;
}

static int is_optional_address(struct span span)
{
    return span.length == 0 || is_address(span);
}

int32_t memberlist_parse_ping(const uint8_t *body, size_t length, struct memberlist_ping *message)
{
    struct memberlist_ping parsed = {0};

    if (parse_fields(body, length, ping_fields, COUNT_OF(ping_fields), &parsed) ||
        !is_optional_address(parsed.source_address))
        return MLB_ERROR_MALFORMED;
    *message = parsed;
    return MLB_OK;
}

int32_t memberlist_parse_indirect_ping(const uint8_t *body, size_t length,
                                       struct memberlist_indirect_ping *message)
{
    struct memberlist_indirect_ping parsed = {0};

    if (parse_fields(body, length, indirect_ping_fields, COUNT_OF(indirect_ping_fields), &parsed) ||
        !is_optional_address(parsed.source_address) || !is_address(parsed.target))
        return MLB_ERROR_MALFORMED;
    *message = parsed;
    return MLB_OK;
}

int32_t memberlist_parse_ack(const uint8_t *body, size_t length, struct memberlist_ack *message)
{
    struct memberlist_ack parsed = {0};

    if (parse_fields(body, length, ack_fields, COUNT_OF(ack_fields), &parsed))
        return MLB_ERROR_MALFORMED;
    *message = parsed;
    return MLB_OK;
}

int32_t memberlist_parse_nack(const uint8_t *body, size_t length, struct memberlist_nack *message)
{
    struct memberlist_nack parsed = {0};

    if (parse_fields(body, length, nack_fields, COUNT_OF(nack_fields), &parsed))
        return MLB_ERROR_MALFORMED;
    *message = parsed;
    return MLB_OK;
}

int32_t memberlist_parse_verdict(const uint8_t *body, size_t length,
                                 struct memberlist_verdict *message)
{
    struct memberlist_verdict parsed = {0};

    if (parse_fields(body, length, verdict_fields, COUNT_OF(verdict_fields), &parsed))
        return MLB_ERROR_MALFORMED;
    *message = parsed;
    return MLB_OK;
}

int32_t memberlist_parse_alive(const uint8_t *body, size_t length, struct memberlist_node *message)
{
    struct memberlist_node parsed = {0};

    if (parse_fields(body, length, alive_fields, COUNT_OF(alive_fields), &parsed) ||
        !is_address(parsed.address) || parsed.versions.length > MEMBERLIST_VERSIONS)
        return MLB_ERROR_MALFORMED;
    *message = parsed;
    return MLB_OK;
}

int32_t memberlist_parse_error(const uint8_t *body, size_t length, struct span *text)
{
    struct span parsed = {0};

    if (parse_fields(body, length, error_fields, COUNT_OF(error_fields), &parsed))
        return MLB_ERROR_MALFORMED;
    *text = parsed;
    return MLB_OK;
}

int32_t memberlist_read_push_pull(struct reader *reader, struct memberlist_push_pull *head)
{
    struct memberlist_push_pull parsed = {0};
    int32_t result = read_part(reader, push_pull_fields, COUNT_OF(push_pull_fields), &parsed);

    if (result == MLB_OK)
        *head = parsed;
    return result;
}

int32_t memberlist_read_node(struct reader *reader, struct memberlist_node *node)
{
    struct memberlist_node parsed = {0};
    int32_t result = read_part(reader, node_fields, COUNT_OF(node_fields), &parsed);

    if (result != MLB_OK)
        return result;
    /* One odd entry that a peer let in must not cost the whole exchange. */
    if (!is_address(parsed.address))
        parsed.address = (struct span){0};
    if (parsed.versions.length > MEMBERLIST_VERSIONS)
        parsed.versions = (struct span){0};
    *node = parsed;
    return MLB_OK;
}

int32_t memberlist_read_user_length(struct reader *reader, uint32_t *length)
{
    uint32_t parsed = 0;
    int32_t result = read_part(reader, user_fields, COUNT_OF(user_fields), &parsed);

    if (result == MLB_OK)
        *length = parsed;
    return result;
}
