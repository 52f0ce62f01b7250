/* SPDX-License-Identifier: MIT */
#include "vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <metallb/error.h>
#include <stdlib.h>
#include <string.h>

#include "../case_file.h"
#include "../hex.h"
#include "wire/memberlist.h"

static cJSON *root;

const cJSON *vectors_load(const char *name)
{
    if (!root)
        root = case_file_load("memberlist_vectors.json");
    assert_non_null(root);
    assert_non_null(vector_member(root, name));
    return vector_member(root, name);
}

void vectors_unload(void)
{
    cJSON_Delete(root);
    root = NULL;
}

const cJSON *vector_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *vector_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(vector_member(object, name));
}

struct span vector_bytes(const char *hex)
{
    size_t length = strlen(hex) / 2;
    uint8_t *bytes = malloc(length ? length : 1);

    assert_non_null(bytes);
    hex_decode(hex, bytes);
    return (struct span){.bytes = bytes, .length = length};
}

void vector_free(struct span bytes)
{
    free((void *)bytes.bytes);
}

void vector_assert_bytes(const char *hex, struct span bytes)
{
    struct span expected = vector_bytes(hex);

    assert_int_equal(bytes.length, expected.length);
    assert_memory_equal(bytes.bytes, expected.bytes, expected.length);
    vector_free(expected);
}

int vector_key(const cJSON *row, struct mlb_membership_key *key)
{
    const char *hex = vector_text(row, "key_hex");
    struct span bytes;

    if (!hex)
        return 0;
    bytes = vector_bytes(hex);
    assert_in_range(bytes.length, 16, sizeof(key->bytes));
    *key = (struct mlb_membership_key){.length = (uint32_t)bytes.length};
    memcpy(key->bytes, bytes.bytes, bytes.length);
    vector_free(bytes);
    return 1;
}

/* The fields that a row tells of a message; each must be asked for. */
struct fields {
    const cJSON *object;
    int asked;
};

static const cJSON *ask(struct fields *fields, const char *name)
{
    const cJSON *field = vector_member(fields->object, name);

    fields->asked += field != NULL;
    return field;
}

static void assert_all_asked(const struct fields *fields)
{
    assert_int_equal(fields->asked, cJSON_GetArraySize(fields->object));
}

static void assert_span(struct span actual, const void *bytes, size_t length)
{
    assert_int_equal(actual.length, length);
    if (length > 0)
        assert_memory_equal(actual.bytes, bytes, length);
}

/* "ip:" and an address, which has a colon only if it is one of 16 bytes. */
static void assert_address(const char *text, struct span actual)
{
    uint8_t bytes[16];
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;

    assert_int_equal(inet_pton(family, text, bytes), 1);
    assert_span(actual, bytes, family == AF_INET6 ? 16 : 4);
}

static void assert_field(struct fields *fields, const char *name, struct span actual)
{
    const cJSON *field = ask(fields, name);
    const char *text = cJSON_GetStringValue(field);

    if (!text) {
        /* null, or not there at all */
        assert_true(!field || cJSON_IsNull(field));
        assert_null(actual.bytes);
        assert_int_equal(actual.length, 0);
    } else if (strncmp(text, "ip:", 3) == 0) {
        assert_address(text + 3, actual);
    } else if (strncmp(text, "hex:", 4) == 0) {
        assert_non_null(actual.bytes);
        vector_assert_bytes(text + 4, actual);
    } else {
        assert_span(actual, text, strlen(text));
    }
}

static void assert_number(struct fields *fields, const char *name, uint32_t actual)
{
    const cJSON *field = ask(fields, name);

    assert_int_equal(field ? (uint32_t)cJSON_GetNumberValue(field) : 0, actual);
}

static void assert_bool(struct fields *fields, const char *name, int actual)
{
    const cJSON *field = ask(fields, name);

    assert_true(cJSON_IsBool(field));
    assert_int_equal(cJSON_IsTrue(field), actual);
}

static void assert_versions(struct fields *fields, struct span actual)
{
    const cJSON *versions = ask(fields, "Vsn");

    assert_int_equal(cJSON_GetArraySize(versions), actual.length);
    for (size_t i = 0; i < actual.length; i++)
        assert_int_equal(cJSON_GetNumberValue(cJSON_GetArrayItem(versions, (int)i)),
                         actual.bytes[i]);
}

static void assert_ping(struct fields *fields, struct span body, struct writer *writer)
{
    struct memberlist_ping ping;

    assert_int_equal(memberlist_parse_ping(body.bytes, body.length, &ping), MLB_OK);
    assert_field(fields, "Node", ping.node);
    assert_number(fields, "SeqNo", ping.sequence);
    assert_field(fields, "SourceAddr", ping.source_address);
    assert_field(fields, "SourceNode", ping.source_node);
    assert_number(fields, "SourcePort", ping.source_port);
    memberlist_build_ping(writer, &ping);
}

static void assert_indirect_ping(struct fields *fields, struct span body, struct writer *writer)
{
    struct memberlist_indirect_ping ping;

    assert_int_equal(memberlist_parse_indirect_ping(body.bytes, body.length, &ping), MLB_OK);
    assert_bool(fields, "Nack", ping.nack);
    assert_field(fields, "Node", ping.node);
    assert_number(fields, "Port", ping.port);
    assert_number(fields, "SeqNo", ping.sequence);
    assert_field(fields, "SourceAddr", ping.source_address);
    assert_field(fields, "SourceNode", ping.source_node);
    assert_number(fields, "SourcePort", ping.source_port);
    assert_field(fields, "Target", ping.target);
    memberlist_build_indirect_ping(writer, &ping);
}

static void assert_ack(struct fields *fields, struct span body, struct writer *writer)
{
    struct memberlist_ack ack;

    assert_int_equal(memberlist_parse_ack(body.bytes, body.length, &ack), MLB_OK);
    assert_field(fields, "Payload", ack.payload);
    assert_number(fields, "SeqNo", ack.sequence);
    memberlist_build_ack(writer, &ack);
}

static void assert_nack(struct fields *fields, struct span body, struct writer *writer)
{
    struct memberlist_nack nack;

    assert_int_equal(memberlist_parse_nack(body.bytes, body.length, &nack), MLB_OK);
    assert_number(fields, "SeqNo", nack.sequence);
    memberlist_build_nack(writer, &nack);
}

static void assert_verdict(struct fields *fields, enum memberlist_type type, struct span body,
                           struct writer *writer)
{
    struct memberlist_verdict verdict;

    assert_int_equal(memberlist_parse_verdict(body.bytes, body.length, &verdict), MLB_OK);
    assert_field(fields, "From", verdict.from);
    assert_number(fields, "Incarnation", verdict.incarnation);
    assert_field(fields, "Node", verdict.node);
    memberlist_build_verdict(writer, type, &verdict);
}

static void assert_alive(struct fields *fields, struct span body, struct writer *writer)
{
    struct memberlist_node node;

    assert_int_equal(memberlist_parse_alive(body.bytes, body.length, &node), MLB_OK);
    assert_field(fields, "Addr", node.address);
    assert_number(fields, "Incarnation", node.incarnation);
    assert_field(fields, "Meta", node.meta);
    assert_field(fields, "Node", node.name);
    assert_number(fields, "Port", node.port);
    assert_versions(fields, node.versions);
    memberlist_build_alive(writer, &node);
}

static void assert_error(struct fields *fields, struct span body, struct writer *writer)
{
    struct span text;
    char copy[256] = {0};

    assert_int_equal(memberlist_parse_error(body.bytes, body.length, &text), MLB_OK);
    assert_field(fields, "Error", text);
    assert_in_range(text.length, 1, sizeof(copy) - 1);
    memcpy(copy, text.bytes, text.length);
    memberlist_build_error(writer, copy);
}

void vector_assert_node(const cJSON *expected, struct reader *reader)
{
    struct fields fields = {.object = expected};
    const uint8_t *start = reader->at;
    uint8_t built[VECTOR_SIZE];
    struct writer writer = writer_to(built, sizeof(built));
    struct memberlist_node node;

    assert_int_equal(memberlist_read_node(reader, &node), MLB_OK);
    assert_field(&fields, "Addr", node.address);
    assert_number(&fields, "Incarnation", node.incarnation);
    assert_field(&fields, "Meta", node.meta);
    assert_field(&fields, "Name", node.name);
    assert_number(&fields, "Port", node.port);
    assert_number(&fields, "State", node.state);
    assert_versions(&fields, node.versions);
    assert_all_asked(&fields);
    memberlist_build_node(&writer, &node);
    assert_false(writer.failed);
    assert_span((struct span){start, (size_t)(reader->at - start)}, built, writer.used);
}

/* go-msgpack before version 2 wrote signed integers of 128 and more as unsigned ones. */
static void assert_built_head(struct span actual, struct writer *writer)
{
    static const uint8_t older = 0xcd;
    static const uint8_t newer = 0xd1;

    assert_false(writer->failed);
    assert_int_equal(actual.length, writer->used);
    for (size_t i = 0; i < actual.length; i++)
        if (actual.bytes[i] != older || writer->start[i] != newer)
            assert_int_equal(actual.bytes[i], writer->start[i]);
}

static void assert_push_pull(const cJSON *expected, struct span message)
{
    struct fields fields = {.object = vector_member(expected, "header")};
    struct reader reader = reader_of(message.bytes + 1, message.length - 1);
    uint8_t built[64];
    struct writer writer = writer_to(built, sizeof(built));
    struct memberlist_push_pull head;
    const cJSON *node;

    assert_int_equal(memberlist_read_push_pull(&reader, &head), MLB_OK);
    assert_bool(&fields, "Join", head.join);
    assert_number(&fields, "Nodes", head.nodes);
    assert_number(&fields, "UserStateLen", head.user_state_length);
    assert_all_asked(&fields);
    memberlist_build_push_pull(&writer, &head);
    assert_built_head((struct span){message.bytes, message.length - reader.left}, &writer);
    cJSON_ArrayForEach(node, vector_member(expected, "nodes")) vector_assert_node(node, &reader);
    if (!vector_member(expected, "nodes")) {
        assert_int_equal(reader.left, 0);
        return;
    }
    assert_int_equal(cJSON_GetArraySize(vector_member(expected, "nodes")), head.nodes);
    assert_int_equal(reader.left, head.user_state_length);
    vector_assert_bytes(vector_text(expected, "userStateHex"),
                        (struct span){reader.at, reader.left});
}

static void assert_user(const cJSON *expected, struct span message)
{
    struct fields fields = {.object = vector_member(expected, "header")};
    struct reader reader = reader_of(message.bytes + 1, message.length - 1);
    uint8_t built[64];
    struct writer writer = writer_to(built, sizeof(built));
    uint32_t length = 0;

    if (!fields.object) {
        vector_assert_bytes(vector_text(expected, "payloadHex"),
                            (struct span){message.bytes + 1, message.length - 1});
        return;
    }
    assert_int_equal(memberlist_read_user_length(&reader, &length), MLB_OK);
    assert_number(&fields, "UserMsgLen", length);
    assert_all_asked(&fields);
    memberlist_build_user_length(&writer, length);
    assert_span(message, built, writer.used);
}

static void assert_fields(const cJSON *expected, struct span message)
{
    struct fields fields = {.object = vector_member(expected, "fields")};
    struct span body = {message.bytes + 1, message.length - 1};
    uint8_t built[VECTOR_SIZE];
    struct writer writer = writer_to(built, sizeof(built));
    const enum memberlist_type type = message.bytes[0];

    switch (type) {
    case MEMBERLIST_PING:
        assert_ping(&fields, body, &writer);
        break;
    case MEMBERLIST_INDIRECT_PING:
        assert_indirect_ping(&fields, body, &writer);
        break;
    case MEMBERLIST_ACK:
        assert_ack(&fields, body, &writer);
        break;
    case MEMBERLIST_NACK:
        assert_nack(&fields, body, &writer);
        break;
    case MEMBERLIST_SUSPECT:
    case MEMBERLIST_DEAD:
        assert_verdict(&fields, type, body, &writer);
        break;
    case MEMBERLIST_ALIVE:
        assert_alive(&fields, body, &writer);
        break;
    case MEMBERLIST_ERROR:
        assert_error(&fields, body, &writer);
        break;
    default:
        fail_msg("type %d", type);
    }
    assert_all_asked(&fields);
    assert_false(writer.failed);
    assert_span(message, built, writer.used);
}

static int type_of(const char *name)
{
    static const char *const names[] = {
        "ping",     "indirectPing", "ackResp",  "suspect", "alive",    "dead",   "pushPull",
        "compound", "user",         "compress", "encrypt", "nackResp", "hasCrc", "err"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

void vector_assert_message(const cJSON *expected, struct span message)
{
    assert_true(message.length > 0);
    assert_int_equal(type_of(vector_text(expected, "type")), message.bytes[0]);
    if (message.bytes[0] == MEMBERLIST_PUSH_PULL)
        assert_push_pull(expected, message);
    else if (message.bytes[0] == MEMBERLIST_USER)
        assert_user(expected, message);
    else
        assert_fields(expected, message);
}
