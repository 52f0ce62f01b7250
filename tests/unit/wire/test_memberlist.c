/* SPDX-License-Identifier: MIT */
/* Messages of extreme and of random values there and back, and what no message is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <stdlib.h>
#include <string.h>

#include "wire/memberlist.h"

#define SIZE   4096
#define ROUNDS 2000

static uint8_t bytes[SIZE];
static uint8_t pool[512];
static uint64_t random_state = 1;

static uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

/* Often an extreme, else of any width. */
static uint32_t random_number(uint32_t maximum)
{
    uint64_t random = next_random();

    if (random % 4 == 0)
        return random & 16 ? maximum : 0;
    return (uint32_t)(random >> 32) >> random % 32 & maximum;
}

static struct span random_span(size_t maximum)
{
    return (struct span){.bytes = pool, .length = next_random() % (maximum + 1)};
}

static struct span random_address(int is_optional)
{
    static const size_t lengths[] = {4, 16, 0};

    return (struct span){.bytes = pool, .length = lengths[next_random() % (is_optional ? 3 : 2)]};
}

static void assert_same_span(struct span a, struct span b)
{
    assert_int_equal(a.length, b.length);
    if (a.length > 0)
        assert_memory_equal(a.bytes, b.bytes, a.length);
}

static void test_ping(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct writer writer = writer_to(bytes, sizeof(bytes));
        struct memberlist_ping ping = {
            .node = random_span(300),
            .source_address = random_address(1),
            .source_node = random_span(300),
            .sequence = random_number(UINT32_MAX),
            .source_port = (uint16_t)random_number(UINT16_MAX),
        };
        struct memberlist_ping parsed;

        memberlist_build_ping(&writer, &ping);
        assert_int_equal(writer.failed, 0);
        assert_int_equal(bytes[0], MEMBERLIST_PING);
        assert_int_equal(memberlist_parse_ping(bytes + 1, writer.used - 1, &parsed), MLB_OK);
        assert_same_span(parsed.node, ping.node);
        assert_same_span(parsed.source_address, ping.source_address);
        assert_same_span(parsed.source_node, ping.source_node);
        assert_int_equal(parsed.sequence, ping.sequence);
        assert_int_equal(parsed.source_port, ping.source_port);
    }
}

static void test_indirect_ping(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct writer writer = writer_to(bytes, sizeof(bytes));
        struct memberlist_indirect_ping ping = {
            .node = random_span(300),
            .target = random_address(0),
            .source_address = random_address(1),
            .source_node = random_span(300),
            .sequence = random_number(UINT32_MAX),
            .port = (uint16_t)random_number(UINT16_MAX),
            .source_port = (uint16_t)random_number(UINT16_MAX),
            .nack = i & 1,
        };
        struct memberlist_indirect_ping parsed;

        memberlist_build_indirect_ping(&writer, &ping);
        assert_int_equal(writer.failed, 0);
        assert_int_equal(memberlist_parse_indirect_ping(bytes + 1, writer.used - 1, &parsed),
                         MLB_OK);
        assert_same_span(parsed.node, ping.node);
        assert_same_span(parsed.target, ping.target);
        assert_same_span(parsed.source_address, ping.source_address);
        assert_same_span(parsed.source_node, ping.source_node);
        assert_int_equal(parsed.sequence, ping.sequence);
        assert_int_equal(parsed.port, ping.port);
        assert_int_equal(parsed.source_port, ping.source_port);
        assert_int_equal(parsed.nack, ping.nack);
    }
}

static struct memberlist_node random_node(void)
{
    return (struct memberlist_node){
        .name = random_span(300),
        .address = random_address(0),
        .meta = random_span(512),
        .versions = random_span(MEMBERLIST_VERSIONS),
        .incarnation = random_number(UINT32_MAX),
        .port = (uint16_t)random_number(UINT16_MAX),
        .state = random_number(UINT32_MAX),
    };
}

static void assert_same_node(const struct memberlist_node *a, const struct memberlist_node *b)
{
    assert_same_span(a->name, b->name);
    assert_same_span(a->address, b->address);
    assert_same_span(a->meta, b->meta);
    assert_same_span(a->versions, b->versions);
    assert_int_equal(a->incarnation, b->incarnation);
    assert_int_equal(a->port, b->port);
}

static void test_nodes(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct writer alive = writer_to(bytes, sizeof(bytes) / 2);
        struct writer entry = writer_to(bytes + SIZE / 2, sizeof(bytes) / 2);
        struct memberlist_node node = random_node();
        struct memberlist_node parsed;
        struct reader reader;

        memberlist_build_alive(&alive, &node);
        assert_int_equal(memberlist_parse_alive(bytes + 1, alive.used - 1, &parsed), MLB_OK);
        assert_same_node(&parsed, &node);
        assert_int_equal(parsed.state, 0);
        memberlist_build_node(&entry, &node);
        reader = reader_of(entry.start, entry.used);
        assert_int_equal(memberlist_read_node(&reader, &parsed), MLB_OK);
        assert_int_equal(reader.left, 0);
        assert_same_node(&parsed, &node);
        assert_int_equal(parsed.state, node.state);
    }
}

static void test_small_messages(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct writer writer = writer_to(bytes, sizeof(bytes));
        struct memberlist_verdict verdict = {random_span(300), random_span(300),
                                             random_number(UINT32_MAX)};
        struct memberlist_ack ack = {random_span(500), random_number(UINT32_MAX)};
        struct memberlist_push_pull head = {i & 1, random_number(UINT32_MAX),
                                            random_number(UINT32_MAX)};
        struct memberlist_verdict parsed_verdict;
        struct memberlist_ack parsed_ack;
        struct memberlist_push_pull parsed_head;
        struct reader reader;

        memberlist_build_verdict(&writer, MEMBERLIST_DEAD, &verdict);
        assert_int_equal(memberlist_parse_verdict(bytes + 1, writer.used - 1, &parsed_verdict),
                         MLB_OK);
        assert_same_span(parsed_verdict.node, verdict.node);
        assert_same_span(parsed_verdict.from, verdict.from);
        assert_int_equal(parsed_verdict.incarnation, verdict.incarnation);
        writer = writer_to(bytes, sizeof(bytes));
        memberlist_build_ack(&writer, &ack);
        assert_int_equal(memberlist_parse_ack(bytes + 1, writer.used - 1, &parsed_ack), MLB_OK);
        assert_same_span(parsed_ack.payload, ack.payload);
        assert_int_equal(parsed_ack.sequence, ack.sequence);
        writer = writer_to(bytes, sizeof(bytes));
        memberlist_build_push_pull(&writer, &head);
        reader = reader_of(bytes + 1, writer.used - 1);
        assert_int_equal(memberlist_read_push_pull(&reader, &parsed_head), MLB_OK);
        assert_int_equal(parsed_head.join, head.join);
        assert_int_equal(parsed_head.nodes, head.nodes);
        assert_int_equal(parsed_head.user_state_length, head.user_state_length);
    }
}

/* Writes an alive with one field more or another one than usual. */
static size_t alive_with(struct span address, struct span versions)
{
    struct writer writer = writer_to(bytes, sizeof(bytes));
    struct memberlist_node node = {
        .name = {.bytes = pool, .length = 5}, .address = address, .versions = versions};

    memberlist_build_alive(&writer, &node);
    return writer.used;
}

static void test_lengths(void **state)
{
    struct memberlist_node node;
    struct memberlist_node untouched;
    const struct span versions = {pool, 6};

    (void)state;
    memset(&node, 0xa5, sizeof(node));
    untouched = node;
    for (size_t length = 0; length < 20; length++) {
        size_t size = alive_with((struct span){pool, length}, versions);
        int32_t expected = length == 4 || length == 16 ? MLB_OK : MLB_ERROR_MALFORMED;

        assert_int_equal(memberlist_parse_alive(bytes + 1, size - 1, &node), expected);
        if (expected != MLB_OK)
            assert_memory_equal(&node, &untouched, sizeof(node));
        memset(&node, 0xa5, sizeof(node));
    }
    for (size_t length = 0; length < 10; length++) {
        size_t size = alive_with((struct span){pool, 4}, (struct span){pool, length});

        assert_int_equal(memberlist_parse_alive(bytes + 1, size - 1, &node),
                         length <= 6 ? MLB_OK : MLB_ERROR_MALFORMED);
    }
}

static void test_ping_lengths(void **state)
{
    struct memberlist_ping ping = {0};
    struct memberlist_indirect_ping indirect = {0};

    (void)state;
    for (size_t length = 0; length < 20; length++) {
        const int is_address = length == 4 || length == 16;
        const struct span span = {pool, length};
        const struct memberlist_ping from = {.source_address = span};
        const struct memberlist_indirect_ping for_target = {.target = span};
        const struct memberlist_indirect_ping for_source = {.target = {pool, 4},
                                                            .source_address = span};
        struct writer writer = writer_to(bytes, sizeof(bytes));

        memberlist_build_ping(&writer, &from);
        assert_int_equal(memberlist_parse_ping(bytes + 1, writer.used - 1, &ping),
                         is_address || length == 0 ? MLB_OK : MLB_ERROR_MALFORMED);
        writer = writer_to(bytes, sizeof(bytes));
        memberlist_build_indirect_ping(&writer, &for_target);
        assert_int_equal(memberlist_parse_indirect_ping(bytes + 1, writer.used - 1, &indirect),
                         is_address ? MLB_OK : MLB_ERROR_MALFORMED);
        writer = writer_to(bytes, sizeof(bytes));
        memberlist_build_indirect_ping(&writer, &for_source);
        assert_int_equal(memberlist_parse_indirect_ping(bytes + 1, writer.used - 1, &indirect),
                         is_address || length == 0 ? MLB_OK : MLB_ERROR_MALFORMED);
    }
}

/* One entry that a peer let in does not make all the others unreadable. */
static void test_odd_entry(void **state)
{
    struct memberlist_node node = {
        .name = {.bytes = pool, .length = 5},
        .address = {.bytes = pool, .length = 5},
        .versions = {.bytes = pool, .length = 7},
    };
    struct writer writer = writer_to(bytes, sizeof(bytes));
    struct reader reader;
    struct memberlist_node parsed;

    (void)state;
    memberlist_build_node(&writer, &node);
    reader = reader_of(bytes, writer.used);
    assert_int_equal(memberlist_read_node(&reader, &parsed), MLB_OK);
    assert_int_equal(parsed.name.length, 5);
    assert_int_equal(parsed.address.length, 0);
    assert_int_equal(parsed.versions.length, 0);
}

/* A message cut short is none; of a stream more may come, and the reader stays where it was. */
static void test_truncations(void **state)
{
    size_t size = alive_with((struct span){pool, 4}, (struct span){pool, 6});
    struct writer writer = writer_to(bytes + SIZE / 2, SIZE / 2);
    struct memberlist_node node = random_node();

    (void)state;
    for (size_t length = 0; length < size - 1; length++)
        assert_int_equal(memberlist_parse_alive(bytes + 1, length, &node), MLB_ERROR_MALFORMED);
    memberlist_build_node(&writer, &node);
    for (size_t length = 0; length < writer.used; length++) {
        struct reader reader = reader_of(writer.start, length);

        assert_int_equal(memberlist_read_node(&reader, &node), MLB_ERROR_BUFFER_TOO_SMALL);
        assert_ptr_equal(reader.at, writer.start);
        assert_int_equal(reader.left, length);
    }
}

static int32_t parse_alive(const char *body, size_t length)
{
    struct memberlist_node node;

    return memberlist_parse_alive((const uint8_t *)body, length, &node);
}

#define ALIVE_OF(text) parse_alive(text, sizeof(text) - 1)

static void test_bad_fields(void **state)
{
    (void)state;
    assert_int_equal(ALIVE_OF("\x81\xa4"
                              "Addr\xa4"
                              "1234"),
                     MLB_OK);
    /* Unknown fields, of any kind, and trailing bytes are passed over. */
    assert_int_equal(ALIVE_OF("\x82\xa1x\x82\x01\xc0\x02\x91\xcb"
                              "12345678"
                              "\xa4"
                              "Addr\xa4"
                              "1234!"),
                     MLB_OK);
    /* Names are told apart by case and length. */
    assert_int_equal(ALIVE_OF("\x81\xa4"
                              "addr\xa4"
                              "1234"),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(ALIVE_OF("\x81\xa3"
                              "Add\xa4"
                              "1234"),
                     MLB_ERROR_MALFORMED);
    /* A port of 65536, an incarnation of 33 bits, a negative one, a name that is a number. */
    assert_int_equal(ALIVE_OF("\x82\xa4"
                              "Addr\xa4"
                              "1234\xa4"
                              "Port\xcd\xff\xff"),
                     MLB_OK);
    assert_int_equal(ALIVE_OF("\x82\xa4"
                              "Addr\xa4"
                              "1234\xa4"
                              "Port\xce\x00\x01\x00\x00"),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(ALIVE_OF("\x82\xa4"
                              "Addr\xa4"
                              "1234\xab"
                              "Incarnation\xcf\x00\x00\x00\x01\x00\x00\x00\x00"),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(ALIVE_OF("\x82\xa4"
                              "Addr\xa4"
                              "1234\xab"
                              "Incarnation\xff"),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(ALIVE_OF("\x82\xa4"
                              "Addr\xa4"
                              "1234\xa4"
                              "Node\x05"),
                     MLB_ERROR_MALFORMED);
    /* No map, and a key that is no text. */
    assert_int_equal(ALIVE_OF("\x91\x01"), MLB_ERROR_MALFORMED);
    assert_int_equal(ALIVE_OF("\x82\x05\x01\xa4"
                              "Addr\xa4"
                              "1234"),
                     MLB_ERROR_MALFORMED);
}

/* What is wrong in a stream is not taken for what is not there yet. */
static void test_stream_parts(void **state)
{
    static const uint8_t wrong[] = {0x81, 0xa5, 'N', 'o', 'd', 'e', 's', 0xc3};
    struct reader reader = reader_of(wrong, sizeof(wrong));
    struct memberlist_push_pull head = {.nodes = 77};
    uint32_t length = 77;

    (void)state;
    assert_int_equal(memberlist_read_push_pull(&reader, &head), MLB_ERROR_MALFORMED);
    assert_int_equal(head.nodes, 77);
    reader = reader_of(wrong, sizeof(wrong) - 1);
    assert_int_equal(memberlist_read_push_pull(&reader, &head), MLB_ERROR_BUFFER_TOO_SMALL);
    reader = reader_of(wrong + 7, 1);
    assert_int_equal(memberlist_read_user_length(&reader, &length), MLB_ERROR_MALFORMED);
    reader = reader_of(wrong, 0);
    assert_int_equal(memberlist_read_user_length(&reader, &length), MLB_ERROR_BUFFER_TOO_SMALL);
    assert_int_equal(length, 77);
}

static void test_room(void **state)
{
    struct memberlist_node node = random_node();
    struct writer writer = writer_to(bytes, sizeof(bytes));
    size_t size;

    (void)state;
    memberlist_build_alive(&writer, &node);
    size = writer.used;
    for (size_t capacity = 0; capacity < size; capacity++) {
        writer = writer_to(bytes, capacity);
        memberlist_build_alive(&writer, &node);
        assert_true(writer.failed);
        assert_true(writer.used <= capacity);
    }
}

static void test_compound(void **state)
{
    static const uint8_t long_first[] = {2, 0, 5, 0, 1, 'a'};
    static const uint8_t body[] = {3, 0, 1, 0, 0, 0, 2, 'a', 'b', 'c', 'd'};
    struct memberlist_compound compound;
    struct span message;

    (void)state;
    assert_int_equal(memberlist_compound_open(body, sizeof(body), &compound), MLB_OK);
    assert_true(memberlist_compound_next(&compound, &message));
    assert_same_span(message, (struct span){body + 7, 1});
    assert_true(memberlist_compound_next(&compound, &message));
    assert_int_equal(message.length, 0);
    assert_true(memberlist_compound_next(&compound, &message));
    assert_same_span(message, (struct span){body + 8, 2});
    assert_false(memberlist_compound_next(&compound, &message));
    /* The last body is cut short, then the table. */
    assert_int_equal(memberlist_compound_open(body, 9, &compound), MLB_OK);
    assert_true(memberlist_compound_next(&compound, &message));
    assert_true(memberlist_compound_next(&compound, &message));
    assert_false(memberlist_compound_next(&compound, &message));
    assert_false(memberlist_compound_next(&compound, &message));
    for (size_t length = 0; length < 7; length++)
        assert_int_equal(memberlist_compound_open(body, length, &compound), MLB_ERROR_MALFORMED);
    /* Behind a body that is cut short stands none, even if it would fit. */
    assert_int_equal(memberlist_compound_open(long_first, sizeof(long_first), &compound), MLB_OK);
    assert_false(memberlist_compound_next(&compound, &message));
    assert_false(memberlist_compound_next(&compound, &message));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ping),       cmocka_unit_test(test_indirect_ping),
        cmocka_unit_test(test_nodes),      cmocka_unit_test(test_small_messages),
        cmocka_unit_test(test_lengths),    cmocka_unit_test(test_ping_lengths),
        cmocka_unit_test(test_odd_entry),  cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_bad_fields), cmocka_unit_test(test_stream_parts),
        cmocka_unit_test(test_room),       cmocka_unit_test(test_compound),
    };

    for (size_t i = 0; i < sizeof(pool); i++)
        pool[i] = (uint8_t)(i * 7 + 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
