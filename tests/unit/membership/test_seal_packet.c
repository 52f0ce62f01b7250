/* SPDX-License-Identifier: MIT */
/* Packets that this side makes and opens, and those that it must not be moved by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "membership/compression.h"
#include "membership/seal.h"
#include "wire/crc32.h"

#define MESSAGES_MAX 300

struct heard {
    size_t count;
    size_t bytes;
    size_t lengths[MESSAGES_MAX];
    uint8_t first[MESSAGES_MAX];
    uint8_t last[SEAL_PACKET_MAX];
};

static struct heard heard;
static uint8_t packet[SEAL_PACKET_MAX];
static int entropy_result;
static uint8_t entropy_count;

static int count_up(void *context, uint8_t *bytes, size_t length)
{
    (void)context;
    memset(bytes, ++entropy_count, length);
    return entropy_result;
}

static void hear(void *context, const uint8_t *message, size_t length)
{
    (void)context;
    assert_in_range(length, 1, SEAL_PACKET_MAX);
    assert_in_range(heard.count, 0, MESSAGES_MAX - 1);
    heard.lengths[heard.count] = length;
    heard.first[heard.count++] = message[0];
    heard.bytes += length;
    memcpy(heard.last, message, length);
}

static struct seal *new_seal(const char *label, uint32_t key_length, int compress)
{
    struct seal_options options = {.label = label, .compress = compress, .entropy = count_up};
    struct mlb_membership_key key = {.bytes = "01234567890123456789012345678901",
                                     .length = key_length};
    struct seal *seal = NULL;

    assert_int_equal(seal_new(&options, &seal), MLB_OK);
    if (key_length > 0)
        assert_int_equal(seal_set_keys(seal, &key, 1), MLB_OK);
    return seal;
}

/* Memory of exactly that size, so that a byte read too much is seen. */
static int32_t open_packet(struct seal *seal, const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    int32_t result;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    memset(&heard, 0, offsetof(struct heard, last));
    result = seal_open_packet(seal, copy, length, hear, NULL);
    free(copy);
    return result;
}

static struct span text_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static void assert_round_trip(struct seal *seal, const struct span *messages, size_t count,
                              int checksum)
{
    size_t length = seal_close_packet(seal, messages, count, checksum, packet, sizeof(packet));

    assert_int_not_equal(length, 0);
    assert_int_equal(open_packet(seal, packet, length), MLB_OK);
    assert_int_equal(heard.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(heard.lengths[i], messages[i].length);
        assert_int_equal(heard.first[i], messages[i].bytes[0]);
    }
    assert_memory_equal(heard.last, messages[count - 1].bytes, messages[count - 1].length);
}

/* Every combination of label, key length, compression and checksum. */
static void test_combinations(void **state)
{
    static const char *const labels[] = {NULL, "", "b", "blue"};
    static const uint32_t keys[] = {0, 16, 24, 32};
    struct span messages[] = {text_of("\x08one"), text_of("\x03two two two two two two two two"),
                              text_of("\x04")};

    (void)state;
    for (int i = 0; i < 64; i++) {
        struct seal *seal = new_seal(labels[i % 4], keys[i / 4 % 4], i / 16 % 2);

        assert_round_trip(seal, messages, 1 + i % 3, i / 32);
        seal_free(seal);
    }
}

static void test_most_parts(void **state)
{
    struct seal *seal = new_seal("blue", 32, 1);
    static struct span messages[MEMBERLIST_COMPOUND_MAX + 1];
    static const uint8_t big[UINT16_MAX + 1] = {8};

    (void)state;
    for (size_t i = 0; i < MEMBERLIST_COMPOUND_MAX + 1; i++)
        messages[i] = text_of("\x08part");
    assert_round_trip(seal, messages, MEMBERLIST_COMPOUND_MAX, 0);
    assert_int_equal(
        seal_close_packet(seal, messages, MEMBERLIST_COMPOUND_MAX + 1, 0, packet, sizeof(packet)),
        0);
    assert_int_equal(seal_close_packet(seal, messages, 0, 0, packet, sizeof(packet)), 0);
    messages[1] = (struct span){big, 0};
    assert_int_equal(seal_close_packet(seal, messages, 2, 0, packet, sizeof(packet)), 0);
    messages[1] = (struct span){big, sizeof(big)};
    assert_int_equal(seal_close_packet(seal, messages, 2, 0, packet, sizeof(packet)), 0);
    messages[1] = (struct span){big, 50000};
    messages[2] = (struct span){big, 20000};
    assert_int_equal(seal_close_packet(seal, messages, 3, 0, packet, sizeof(packet)), 0);
    seal_free(seal);
}

/* The overhead is what label and encryption really take; what is longer than the room is refused.
 */
static void test_overhead(void **state)
{
    static const char *const labels[] = {NULL, "blue"};
    struct span message = text_of("\x08message");

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct seal *seal = new_seal(labels[i % 2], i / 2 ? 16 : 0, 0);
        size_t length = message.length + seal_overhead(seal);

        assert_int_equal(seal_overhead(seal), (i % 2 ? 6 : 0) + (i / 2 ? 29 : 0));
        assert_int_equal(seal_close_packet(seal, &message, 1, 0, packet, length), length);
        assert_int_equal(seal_close_packet(seal, &message, 1, 1, packet, length + 5), length + 5);
        for (size_t capacity = 0; capacity < length; capacity++) {
            packet[capacity] = 0xa5;
            assert_int_equal(seal_close_packet(seal, &message, 1, 0, packet, capacity), 0);
            assert_int_equal(packet[capacity], 0xa5);
        }
        seal_free(seal);
    }
}

/* A packet is compressed only where that makes it smaller. */
static void test_compression_pays(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 1);
    uint8_t bytes[600];

    (void)state;
    memset(bytes, 'a', sizeof(bytes));
    for (size_t length = 1; length <= sizeof(bytes); length++) {
        struct span message = {bytes, length};
        size_t closed;

        bytes[0] = MEMBERLIST_USER;
        closed = seal_close_packet(seal, &message, 1, 0, packet, sizeof(packet));
        assert_in_range(closed, 1, length);
        assert_int_equal(packet[0] == MEMBERLIST_COMPRESS, closed < length);
        assert_round_trip(seal, &message, 1, 0);
    }
    assert_int_equal(packet[0], MEMBERLIST_COMPRESS);
    seal_free(seal);
}

static void test_nonces(void **state)
{
    struct seal *seal = new_seal(NULL, 32, 0);
    struct span message = text_of("\x08message");
    uint8_t first[64];
    size_t length = seal_close_packet(seal, &message, 1, 0, packet, sizeof(packet));

    (void)state;
    memcpy(first, packet, length);
    assert_int_equal(seal_close_packet(seal, &message, 1, 0, packet, sizeof(packet)), length);
    assert_memory_not_equal(first + 1, packet + 1, 12);
    /* Without entropy nothing is sent. */
    entropy_result = -1;
    assert_int_equal(seal_close_packet(seal, &message, 1, 0, packet, sizeof(packet)), 0);
    entropy_result = 0;
    seal_free(seal);
}

static void test_labels(void **state)
{
    char longest[MLB_MEMBERSHIP_LABEL_MAX + 2];
    struct seal_options options = {.label = longest};
    struct seal *none = new_seal(NULL, 0, 0);
    struct seal *blue = new_seal("blue", 0, 0);
    struct seal *other;

    (void)state;
    assert_int_equal(open_packet(blue,
                                 (const uint8_t *)"\xf4\x04"
                                                  "blue\x08x",
                                 8),
                     MLB_OK);
    assert_int_equal(open_packet(blue,
                                 (const uint8_t *)"\xf4\x04"
                                                  "blux\x08x",
                                 8),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(open_packet(blue,
                                 (const uint8_t *)"\xf4\x03"
                                                  "blu\x08x",
                                 7),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(open_packet(blue,
                                 (const uint8_t *)"\xf4\x05"
                                                  "bluea\x08x",
                                 9),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(open_packet(blue, (const uint8_t *)"\x08x", 2), MLB_ERROR_MALFORMED);
    for (size_t length = 0; length < 7; length++)
        assert_int_equal(open_packet(blue,
                                     (const uint8_t *)"\xf4\x04"
                                                      "blue\x08x",
                                     length),
                         MLB_ERROR_MALFORMED);
    assert_int_equal(open_packet(none,
                                 (const uint8_t *)"\xf4\x04"
                                                  "blue\x08x",
                                 8),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(open_packet(none, (const uint8_t *)"\xf4\x00\x08x", 4), MLB_ERROR_MALFORMED);
    assert_int_equal(open_packet(none, (const uint8_t *)"\x08x", 2), MLB_OK);
    assert_int_equal(open_packet(none, (const uint8_t *)"", 0), MLB_ERROR_MALFORMED);
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    other = NULL;
    assert_int_equal(seal_new(&options, &other), MLB_ERROR_INVALID_ARGUMENT);
    assert_null(other);
    longest[MLB_MEMBERSHIP_LABEL_MAX] = '\0';
    other = new_seal(longest, 16, 0);
    assert_round_trip(other, &(struct span){(const uint8_t *)"\x08x", 2}, 1, 0);
    seal_free(other);
    seal_free(none);
    seal_free(blue);
    seal_free(NULL);
}

/* The label is authenticated, so that no packet can be moved to another group of the same key. */
static void test_label_is_authentic(void **state)
{
    static const uint8_t grey_label[] = {'g', 'r', 'e', 'y'};
    struct seal *blue = new_seal("blue", 32, 0);
    struct seal *grey = new_seal("grey", 32, 0);
    struct span message = text_of("\x08message");
    size_t length = seal_close_packet(blue, &message, 1, 0, packet, sizeof(packet));

    (void)state;
    assert_int_equal(open_packet(blue, packet, length), MLB_OK);
    memcpy(packet + 2, grey_label, sizeof(grey_label));
    assert_int_equal(open_packet(grey, packet, length), MLB_ERROR_MALFORMED);
    assert_int_equal(heard.count, 0);
    seal_free(blue);
    seal_free(grey);
}

static void test_encryption_is_needed(void **state)
{
    struct seal *open = new_seal(NULL, 0, 0);
    struct seal *closed = new_seal(NULL, 32, 0);
    struct span message = text_of("\x08message");
    size_t length = seal_close_packet(open, &message, 1, 0, packet, sizeof(packet));

    (void)state;
    assert_int_equal(open_packet(closed, packet, length), MLB_ERROR_MALFORMED);
    length = seal_close_packet(closed, &message, 1, 0, packet, sizeof(packet));
    for (size_t bit = 8; bit < 8 * length; bit++) {
        packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(open_packet(closed, packet, length), MLB_ERROR_MALFORMED);
        assert_int_equal(heard.count, 0);
        packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(open_packet(closed, packet, length), MLB_OK);
    seal_free(open);
    seal_free(closed);
}

/* Keys can be changed while packets are under way: the old one still opens while it is kept. */
static void test_rotation(void **state)
{
    const struct mlb_membership_key keys[] = {{.bytes = "new key", .length = 16},
                                              {.bytes = "old key", .length = 16}};
    struct seal *old = new_seal(NULL, 0, 0);
    struct seal *both = new_seal(NULL, 0, 0);
    struct span message = text_of("\x08message");
    size_t length;

    (void)state;
    assert_int_equal(seal_set_keys(old, &keys[1], 1), MLB_OK);
    assert_int_equal(seal_set_keys(both, keys, 2), MLB_OK);
    length = seal_close_packet(old, &message, 1, 0, packet, sizeof(packet));
    assert_int_equal(open_packet(both, packet, length), MLB_OK);
    length = seal_close_packet(both, &message, 1, 0, packet, sizeof(packet));
    assert_int_equal(open_packet(old, packet, length), MLB_ERROR_MALFORMED);
    assert_int_equal(seal_set_keys(both, NULL, 0), MLB_OK);
    assert_int_equal(open_packet(both, packet, length), MLB_OK);
    assert_int_equal(seal_overhead(both), 0);
    seal_free(old);
    seal_free(both);
}

static void test_checksum(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 0);
    struct span message = text_of("\x08message");
    size_t length = seal_close_packet(seal, &message, 1, 1, packet, sizeof(packet));

    (void)state;
    assert_int_equal(packet[0], MEMBERLIST_CRC);
    assert_int_equal(open_packet(seal, packet, length), MLB_OK);
    for (size_t bit = 8; bit < 8 * length; bit++) {
        packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(open_packet(seal, packet, length), MLB_ERROR_MALFORMED);
        assert_int_equal(heard.count, 0);
        packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < length; cut++)
        assert_int_equal(open_packet(seal, packet, cut), MLB_ERROR_MALFORMED);
    /* A right checksum over nothing. */
    assert_int_equal(open_packet(seal, (const uint8_t *)"\x0c\0\0\0\0", 5), MLB_ERROR_MALFORMED);
    /* One within a checksum, and one within a compound, are of no type that we know. */
    assert_int_equal(
        open_packet(seal, (const uint8_t *)"\x07\x02\0\x06\0\x02\x0c\0\0\0\0x\x08y", 14), MLB_OK);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.first[0], 8);
    seal_free(seal);
}

/* Broken parts are left out, those behind them are not. */
static void test_broken_parts(void **state)
{
    static const uint8_t parts[] = {7, 6,   0, 2, 0, 0,    0,    2, 0,   3, 0,
                                    2, 0,   9, /* lengths */
                                    8, 'a', 7, 9, 9, 0x81, 0xc0, 8, 'b', 8, 'c'};
    struct seal *seal = new_seal(NULL, 0, 0);

    (void)state;
    assert_int_equal(open_packet(seal, parts, sizeof(parts)), MLB_OK);
    assert_int_equal(heard.count, 2);
    assert_memory_equal(heard.last,
                        "\x08"
                        "b",
                        2);
    assert_int_equal(open_packet(seal, parts, 13), MLB_ERROR_MALFORMED);
    assert_int_equal(open_packet(seal, (const uint8_t *)"\x07", 1), MLB_ERROR_MALFORMED);
    assert_int_equal(open_packet(seal, (const uint8_t *)"\x07\x00", 2), MLB_OK);
    assert_int_equal(heard.count, 0);
    assert_int_equal(open_packet(seal,
                                 (const uint8_t *)"\x09\x81\xa4"
                                                  "Algo\x01",
                                 8),
                     MLB_ERROR_MALFORMED);
    seal_free(seal);
}

/* Of the algorithms there is only number 0. */
static void test_algorithms(void **state)
{
    static const uint8_t zero[] = {0x09, 0x82, 0xa4, 'A',  'l',  'g',  'o',  0x00, 0xa3,
                                   'B',  'u',  'f',  0xa5, 0x00, 0x11, 0xe0, 0x09, 0x08};
    struct seal *seal = new_seal(NULL, 0, 0);
    uint8_t bytes[sizeof(zero)];

    (void)state;
    memcpy(bytes, zero, sizeof(bytes));
    assert_int_equal(open_packet(seal, bytes, sizeof(bytes)), MLB_OK);
    assert_int_equal(heard.count, 1);
    bytes[7] = 1;
    assert_int_equal(open_packet(seal, bytes, sizeof(bytes)), MLB_ERROR_MALFORMED);
    assert_int_equal(heard.count, 0);
    seal_free(seal);
}

/* A message within `depth` compounds. */
static size_t nest(size_t depth)
{
    struct writer writer = writer_to(packet, sizeof(packet));

    for (size_t i = depth; i > 0; i--) {
        write_u8(&writer, MEMBERLIST_COMPOUND);
        write_u8(&writer, 1);
        write_u16(&writer, (uint16_t)(2 + 4 * (i - 1)));
    }
    write_u8(&writer, MEMBERLIST_USER);
    write_u8(&writer, 'x');
    return writer.used;
}

static void test_depth(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 0);

    (void)state;
    for (size_t depth = 0; depth < 20; depth++) {
        (void)open_packet(seal, packet, nest(depth));
        assert_int_equal(heard.count, depth <= SEAL_DEPTH_MAX);
    }
    (void)open_packet(seal, packet, nest(10000));
    assert_int_equal(heard.count, 0);
    seal_free(seal);
}

/* A message compressed `depth` times. */
static size_t compress_again(size_t depth)
{
    struct lzw_encoder *encoder = lzw_encoder_new();
    uint8_t target[1024];
    struct span message = text_of("\x08x");

    assert_non_null(encoder);
    memcpy(packet, message.bytes, message.length);
    for (size_t i = 0; i < depth; i++) {
        message = compression_wrap(encoder, (struct span){packet, message.length}, target,
                                   sizeof(target));
        assert_int_not_equal(message.length, 0);
        memcpy(packet, message.bytes, message.length);
    }
    lzw_encoder_free(encoder);
    return message.length;
}

static void test_compressed_depth(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 0);

    (void)state;
    for (size_t depth = 0; depth < 10; depth++) {
        size_t length = compress_again(depth);

        (void)open_packet(seal, packet, length);
        assert_int_equal(heard.count, depth <= SEAL_DEPTH_MAX);
    }
    seal_free(seal);
}

/* What belongs around a packet is of no meaning within it, and is not handed over. */
static void test_types(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 0);

    (void)state;
    for (int type = 0; type < 256; type++) {
        const uint8_t parts[] = {MEMBERLIST_COMPOUND, 2,  0, 2, 0, 2, (uint8_t)type, 'x',
                                 MEMBERLIST_USER,     'y'};
        int is_framing = type == MEMBERLIST_COMPOUND || type == MEMBERLIST_COMPRESS ||
                         type == MEMBERLIST_CRC || type == MEMBERLIST_ENCRYPT ||
                         type == MEMBERLIST_LABEL;

        assert_int_equal(open_packet(seal, parts, sizeof(parts)), MLB_OK);
        assert_int_equal(heard.count, is_framing ? 1 : 2);
        if (!is_framing)
            assert_int_equal(heard.first[0], type);
    }
    seal_free(seal);
}

/* Writes a compound of parts that unfold to so many bytes each. */
static size_t bomb(const size_t *lengths, size_t count)
{
    struct lzw_encoder *encoder = lzw_encoder_new();
    struct writer sizes = writer_to(packet, 2 + 2 * count);
    struct writer writer = writer_to(packet + 2 + 2 * count, sizeof(packet) - 2 - 2 * count);
    static const uint8_t plain[SEAL_PLAIN_MAX + 1] = {MEMBERLIST_USER};
    uint8_t target[4096];

    assert_non_null(encoder);
    write_u8(&sizes, MEMBERLIST_COMPOUND);
    write_u8(&sizes, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        struct span part =
            compression_wrap(encoder, (struct span){plain, lengths[i]}, target, sizeof(target));

        assert_int_not_equal(part.length, 0);
        write_u16(&sizes, (uint16_t)part.length);
        write_bytes(&writer, part.bytes, part.length);
    }
    assert_false(sizes.failed || writer.failed);
    lzw_encoder_free(encoder);
    return sizes.used + writer.used;
}

static void assert_bomb(const size_t *lengths, size_t count, size_t expected)
{
    struct seal *seal = new_seal(NULL, 0, 0);

    assert_int_equal(open_packet(seal, packet, bomb(lengths, count)), MLB_OK);
    assert_int_equal(heard.count, expected);
    seal_free(seal);
}

/* What a packet unfolds to is bounded in all, whatever way it is divided. */
static void test_bombs(void **state)
{
    static const size_t too_long[] = {SEAL_PLAIN_MAX + 1, 10};
    static const size_t quarters[] = {SEAL_PLAIN_MAX / 4, SEAL_PLAIN_MAX / 4, SEAL_PLAIN_MAX / 4,
                                      SEAL_PLAIN_MAX / 4, 10};
    size_t many[200];

    (void)state;
    for (size_t i = 0; i < 200; i++)
        many[i] = 10000;
    assert_bomb((const size_t[]){SEAL_PLAIN_MAX}, 1, 1);
    assert_bomb(quarters, 5, 4);
    assert_bomb(many, 200, SEAL_PLAIN_MAX / 10000);
    /* Each failure is work too, so it is the last one. */
    assert_bomb(too_long, 2, 0);
    assert_bomb(too_long + 1, 1, 1);
}

/* The handler may answer at once: what is still to be opened does not change under its hands. */
static struct seal *answering;

static void answer(void *context, const uint8_t *message, size_t length)
{
    static uint8_t target[SEAL_PACKET_MAX];
    static const uint8_t bytes[1000] = {8};
    struct span reply = {bytes, sizeof(bytes)};

    assert_int_not_equal(seal_close_packet(answering, &reply, 1, 1, target, sizeof(target)), 0);
    hear(context, message, length);
}

static void test_answers(void **state)
{
    struct span messages[] = {text_of("\x08"
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                              text_of("\x08"
                                      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")};
    size_t length;

    (void)state;
    answering = new_seal("blue", 32, 1);
    length = seal_close_packet(answering, messages, 2, 1, packet, sizeof(packet));
    memset(&heard, 0, sizeof(heard));
    assert_int_equal(seal_open_packet(answering, packet, length, answer, NULL), MLB_OK);
    assert_int_equal(heard.count, 2);
    assert_memory_equal(heard.last, messages[1].bytes, messages[1].length);
    seal_free(answering);
}

static void test_too_long(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 0);
    static uint8_t bytes[SEAL_PACKET_MAX + 1] = {MEMBERLIST_USER};

    (void)state;
    assert_int_equal(open_packet(seal, bytes, SEAL_PACKET_MAX), MLB_OK);
    assert_int_equal(open_packet(seal, bytes, SEAL_PACKET_MAX + 1), MLB_ERROR_MALFORMED);
    seal_free(seal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_combinations),
        cmocka_unit_test(test_most_parts),
        cmocka_unit_test(test_overhead),
        cmocka_unit_test(test_compression_pays),
        cmocka_unit_test(test_nonces),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_label_is_authentic),
        cmocka_unit_test(test_encryption_is_needed),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_broken_parts),
        cmocka_unit_test(test_algorithms),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_compressed_depth),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
