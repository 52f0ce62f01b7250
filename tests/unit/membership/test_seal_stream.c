/* SPDX-License-Identifier: MIT */
/* Streams that this side makes and opens, in pieces of all sizes, and those that it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <stdlib.h>
#include <string.h>

#include "membership/compression.h"
#include "membership/seal_stream.h"

#define BYTES_MAX (2 * SEAL_STREAM_MAX)

static uint8_t *big;
static int entropy_result;
static uint64_t random_state = 1;

static uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

static int give_entropy(void *context, uint8_t *bytes, size_t length)
{
    (void)context;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)next_random();
    return entropy_result;
}

static struct seal *new_seal(const char *label, uint32_t key_length, int compress)
{
    struct seal_options options = {.label = label, .compress = compress, .entropy = give_entropy};
    struct mlb_membership_key key = {.bytes = "01234567890123456789012345678901",
                                     .length = key_length};
    struct seal *seal = NULL;

    assert_int_equal(seal_new(&options, &seal), MLB_OK);
    if (key_length > 0)
        assert_int_equal(seal_set_keys(seal, &key, 1), MLB_OK);
    return seal;
}

static enum seal_role other_side(enum seal_role role)
{
    return role == SEAL_DIALLED ? SEAL_ACCEPTED : SEAL_DIALLED;
}

/* Gives a stream all bytes at once and returns the result. */
static int open_once(struct seal *seal, enum seal_role role, const uint8_t *bytes, size_t length)
{
    struct seal_stream *stream = seal_stream_new(seal, role);
    int result;

    assert_non_null(stream);
    result = seal_stream_input(stream, bytes, length);
    /* What was an error stays one, whatever comes. */
    if (result < 0)
        assert_int_equal(seal_stream_input(stream, (const uint8_t *)"\x08", 1), result);
    seal_stream_free(stream);
    return result;
}

/* In pieces of random size; the message is complete with the last byte and not before. */
static void assert_pieces(struct seal *seal, enum seal_role role, struct span closed,
                          struct span message, size_t piece_max)
{
    struct seal_stream *stream = seal_stream_new(seal, role);
    struct span opened;
    size_t at = 0;

    assert_non_null(stream);
    while (at < closed.length) {
        size_t piece = 1 + next_random() % piece_max;
        int result;

        piece = piece < closed.length - at ? piece : closed.length - at;
        result = seal_stream_input(stream, closed.bytes + at, piece);
        at += piece;
        if (result != (at == closed.length))
            fail_msg("%d after %zu of %zu bytes", result, at, closed.length);
    }
    /* What comes behind is not looked at. */
    assert_int_equal(seal_stream_input(stream, (const uint8_t *)"behind", 6), 1);
    opened = seal_stream_message(stream);
    assert_int_equal(opened.length, message.length);
    assert_memory_equal(opened.bytes, message.bytes, message.length);
    seal_stream_free(stream);
}

static void assert_round_trip(struct seal *seal, enum seal_role role, struct span message,
                              size_t piece_max)
{
    struct span closed = {0};
    uint8_t *bytes = NULL;

    assert_int_equal(
        seal_close_stream(seal, role, message.bytes, message.length, &bytes, &closed.length),
        MLB_OK);
    closed.bytes = bytes;
    assert_pieces(seal, other_side(role), closed, message, piece_max);
    free(bytes);
}

/* A push/pull of so many nodes and bytes of user state. */
static struct span push_pull(uint32_t nodes, uint32_t user_state)
{
    struct writer writer = writer_to(big, BYTES_MAX);
    const struct memberlist_push_pull head = {1, nodes, user_state};

    memberlist_build_push_pull(&writer, &head);
    for (uint32_t i = 0; i < nodes; i++) {
        const struct memberlist_node node = {
            .name = {(const uint8_t *)"node", 4},
            .address = {(const uint8_t *)&i, 4},
            .meta = {(const uint8_t *)"meta data", i % 10},
            .versions = {(const uint8_t *)"\1\5\2\0\0\0", 6},
            .incarnation = i,
            .port = 7946,
            .state = i % 4,
        };

        memberlist_build_node(&writer, &node);
    }
    for (uint32_t i = 0; i < user_state; i++)
        write_u8(&writer, (uint8_t)next_random());
    assert_false(writer.failed);
    return (struct span){big, writer.used};
}

static struct span user_message(uint32_t length)
{
    struct writer writer = writer_to(big, BYTES_MAX);

    memberlist_build_user_length(&writer, length);
    write_zeros(&writer, length);
    assert_false(writer.failed);
    return (struct span){big, writer.used};
}

static struct span small_message(int which)
{
    struct writer writer = writer_to(big, BYTES_MAX);
    const struct memberlist_ping ping = {.node = {(const uint8_t *)"node", 4}, .sequence = 5};
    const struct memberlist_ack ack = {.sequence = 77};

    if (which == 0)
        memberlist_build_ping(&writer, &ping);
    else if (which == 1)
        memberlist_build_ack(&writer, &ack);
    else
        memberlist_build_error(&writer, "something is wrong");
    return (struct span){big, writer.used};
}

static struct span message_of(int which)
{
    switch (which) {
    case 0:
    case 1:
    case 2:
        return small_message(which);
    case 3:
        return push_pull(0, 0);
    case 4:
        return push_pull(30, 0);
    case 5:
        return push_pull(3, 700);
    case 6:
        return user_message(0);
    default:
        return user_message(400);
    }
}

/* Every combination of label, key length, compression, side and message. */
static void test_combinations(void **state)
{
    static const char *const labels[] = {NULL, "b", "blue"};
    static const uint32_t keys[] = {0, 16, 32};
    static const size_t pieces[] = {1, 3, 40, 100000};

    (void)state;
    for (int i = 0; i < 36; i++) {
        struct seal *seal = new_seal(labels[i % 3], keys[i / 3 % 3], i / 9 % 2);

        for (int which = 0; which < 8; which++)
            for (size_t k = 0; k < 4; k++)
                assert_round_trip(seal, i / 18 ? SEAL_DIALLED : SEAL_ACCEPTED, message_of(which),
                                  pieces[k]);
        seal_free(seal);
    }
}

/* As large as a group gets, byte by byte: the time must grow with the bytes alone. */
static void test_many_small_pieces(void **state)
{
    struct seal *plain = new_seal(NULL, 0, 0);
    struct seal *packed = new_seal("blue", 32, 1);

    (void)state;
    assert_round_trip(plain, SEAL_DIALLED, push_pull(20000, 100000), 1);
    assert_round_trip(packed, SEAL_DIALLED, push_pull(20000, 100000), 1);
    seal_free(plain);
    seal_free(packed);
}

static void test_largest(void **state)
{
    struct seal *seal = new_seal("blue", 32, 0);
    uint8_t *closed = NULL;
    size_t length = 77;

    (void)state;
    assert_round_trip(seal, SEAL_DIALLED, user_message(SEAL_STREAM_MAX - 100), 1 << 20);
    assert_int_equal(seal_close_stream(seal, SEAL_DIALLED, big, SEAL_STREAM_MAX, &closed, &length),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(seal_close_stream(seal, SEAL_DIALLED, big, 0, &closed, &length),
                     MLB_ERROR_INVALID_ARGUMENT);
    entropy_result = -1;
    assert_int_equal(seal_close_stream(seal, SEAL_DIALLED, big, 5, &closed, &length),
                     MLB_ERROR_SYSTEM);
    entropy_result = 0;
    assert_null(closed);
    assert_int_equal(length, 77);
    seal_free(seal);
}

/* Only who dialled sends a label, and only the right one is heard; the first wrong byte ends it. */
static void test_labels(void **state)
{
    struct seal *blue = new_seal("blue", 0, 0);
    struct seal *none = new_seal(NULL, 0, 0);
    static const uint8_t labelled[] = "\xf4\x04"
                                      "blue\x08\x81\xaaUserMsgLen";
    static const uint8_t bare[] = "\x08\x81\xaaUserMsgLen";

    (void)state;
    assert_int_equal(open_once(blue, SEAL_ACCEPTED, labelled, sizeof(labelled)), 1);
    assert_int_equal(open_once(blue, SEAL_DIALLED, bare, sizeof(bare)), 1);
    assert_int_equal(open_once(none, SEAL_ACCEPTED, bare, sizeof(bare)), 1);
    assert_int_equal(open_once(blue, SEAL_ACCEPTED, bare, 1), MLB_ERROR_MALFORMED);
    assert_int_equal(open_once(blue, SEAL_DIALLED, labelled, 1), MLB_ERROR_MALFORMED);
    assert_int_equal(open_once(none, SEAL_ACCEPTED, labelled, 1), MLB_ERROR_MALFORMED);
    assert_int_equal(open_once(none, SEAL_DIALLED, labelled, 1), MLB_ERROR_MALFORMED);
    for (size_t length = 0; length < 6; length++)
        assert_int_equal(open_once(blue, SEAL_ACCEPTED, labelled, length), 0);
    assert_int_equal(open_once(blue, SEAL_ACCEPTED,
                               (const uint8_t *)"\xf4\x04"
                                                "blux",
                               6),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(open_once(blue, SEAL_ACCEPTED, (const uint8_t *)"\xf4\x03", 2),
                     MLB_ERROR_MALFORMED);
    seal_free(blue);
    seal_free(none);
}

/* No bit of what is encrypted can be another: the header is authenticated too, and the label even
 * where it is not sent. */
static void test_authentic(void **state)
{
    struct seal *blue = new_seal("blue", 32, 0);
    struct seal *grey = new_seal("grey", 32, 0);
    struct span message = push_pull(2, 10);
    uint8_t *bytes = NULL;
    size_t length = 0;

    (void)state;
    assert_int_equal(
        seal_close_stream(blue, SEAL_ACCEPTED, message.bytes, message.length, &bytes, &length),
        MLB_OK);
    assert_int_equal(bytes[0], MEMBERLIST_ENCRYPT);
    assert_int_equal(open_once(blue, SEAL_DIALLED, bytes, length), 1);
    assert_int_equal(open_once(grey, SEAL_DIALLED, bytes, length), MLB_ERROR_MALFORMED);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(open_once(blue, SEAL_DIALLED, bytes, length), 1);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(bytes);
    seal_free(blue);
    seal_free(grey);
}

static void test_encryption_is_needed(void **state)
{
    struct seal *open = new_seal(NULL, 0, 0);
    struct seal *closed = new_seal(NULL, 32, 0);
    static const uint8_t ping[] = "\x00\x81\xa5SeqNo\x05";
    static const uint8_t lengths[][5] = {
        {0x0a, 0, 0, 0, 29},            /* of an empty text */
        {0x0a, 0x01, 0x40, 0x00, 0x01}, /* one byte more than there may be */
        {0x0a, 0xff, 0xff, 0xff, 0xff},
    };
    static const uint8_t longest[] = {0x0a, 0x01, 0x40, 0x00, 0x00};

    (void)state;
    assert_int_equal(open_once(open, SEAL_ACCEPTED, ping, sizeof(ping) - 1), 1);
    assert_int_equal(open_once(closed, SEAL_ACCEPTED, ping, 1), MLB_ERROR_MALFORMED);
    assert_int_equal(open_once(open, SEAL_ACCEPTED, lengths[0], 1), MLB_ERROR_MALFORMED);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(open_once(closed, SEAL_ACCEPTED, lengths[i], 4), 0);
        assert_int_equal(open_once(closed, SEAL_ACCEPTED, lengths[i], 5), MLB_ERROR_MALFORMED);
    }
    assert_int_equal(open_once(closed, SEAL_ACCEPTED, longest, 5), 0);
    seal_free(open);
    seal_free(closed);
}

/* Types that no stream has end it with their first byte. */
static void test_types(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 0);

    (void)state;
    for (int type = 0; type < 256; type++) {
        const uint8_t byte = (uint8_t)type;
        int is_known = type == MEMBERLIST_PING || type == MEMBERLIST_ACK ||
                       type == MEMBERLIST_PUSH_PULL || type == MEMBERLIST_USER ||
                       type == MEMBERLIST_COMPRESS || type == MEMBERLIST_ERROR;

        assert_int_equal(open_once(seal, SEAL_ACCEPTED, &byte, 1),
                         is_known ? 0 : MLB_ERROR_MALFORMED);
    }
    seal_free(seal);
}

static void test_heads(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 0);
    struct writer writer;
    struct memberlist_push_pull head = {.nodes = 1048576, .user_state_length = SEAL_STREAM_MAX};

    (void)state;
    writer = writer_to(big, BYTES_MAX);
    memberlist_build_push_pull(&writer, &head);
    assert_int_equal(open_once(seal, SEAL_ACCEPTED, big, writer.used), 0);
    head.nodes++;
    writer = writer_to(big, BYTES_MAX);
    memberlist_build_push_pull(&writer, &head);
    assert_int_equal(open_once(seal, SEAL_ACCEPTED, big, writer.used), MLB_ERROR_MALFORMED);
    head = (struct memberlist_push_pull){.user_state_length = SEAL_STREAM_MAX + 1};
    writer = writer_to(big, BYTES_MAX);
    memberlist_build_push_pull(&writer, &head);
    assert_int_equal(open_once(seal, SEAL_ACCEPTED, big, writer.used), MLB_ERROR_MALFORMED);
    writer = writer_to(big, BYTES_MAX);
    memberlist_build_user_length(&writer, SEAL_STREAM_MAX + 1);
    assert_int_equal(open_once(seal, SEAL_ACCEPTED, big, writer.used), MLB_ERROR_MALFORMED);
    /* No map, and a byte that is no MessagePack where a node should be. */
    assert_int_equal(open_once(seal, SEAL_ACCEPTED, (const uint8_t *)"\x06\x01", 2),
                     MLB_ERROR_MALFORMED);
    assert_int_equal(
        open_once(seal, SEAL_ACCEPTED, (const uint8_t *)"\x06\x81\xa5Nodes\x01\xc1", 10),
        MLB_ERROR_MALFORMED);
    seal_free(seal);
}

/* A stream without end is given up, however it goes on. */
static void test_endless(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 0);
    struct seal_stream *stream = seal_stream_new(seal, SEAL_ACCEPTED);
    static const uint8_t head[] = {0x02, 0x81, 0xa7, 'P',  'a',  'y',  'l', 'o',
                                   'a',  'd',  0xdb, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t piece[1 << 20];
    int result;
    int pieces = 0;

    (void)state;
    assert_non_null(stream);
    result = seal_stream_input(stream, head, sizeof(head));
    while (result == 0 && pieces < 100) {
        result = seal_stream_input(stream, piece, sizeof(piece));
        pieces++;
    }
    assert_int_equal(result, MLB_ERROR_MALFORMED);
    assert_in_range(pieces, 20, 21);
    seal_stream_free(stream);
    seal_free(seal);
}

/* Opens a compressed message as an unencrypted stream. */
static int open_compressed(struct span message)
{
    struct lzw_encoder *encoder = lzw_encoder_new();
    struct seal *seal = new_seal(NULL, 0, 0);
    size_t bound = compression_bound(message.length);
    uint8_t *target = malloc(bound);
    struct span compressed;
    int result;

    assert_true(encoder && target);
    compressed = compression_wrap(encoder, message, target, bound);
    result = open_once(seal, SEAL_ACCEPTED, compressed.bytes, compressed.length);
    lzw_encoder_free(encoder);
    seal_free(seal);
    free(target);
    return result;
}

/* What was compressed must be one whole message, of bounded length, and not compressed again. */
static void test_compressed(void **state)
{
    struct span message = user_message(100);
    struct lzw_encoder *encoder;
    uint8_t packed[1000];

    (void)state;
    assert_int_equal(open_compressed(message), 1);
    message.length--;
    assert_int_equal(open_compressed(message), MLB_ERROR_MALFORMED);
    message.length = 0;
    assert_int_equal(open_compressed(message), MLB_ERROR_MALFORMED);
    message = user_message(SEAL_STREAM_MAX - 100);
    assert_int_equal(open_compressed(message), 1);
    /* Zeros behind the message that would make it too long. */
    message.length = SEAL_STREAM_MAX;
    memset(big + message.length, 0, 1);
    assert_int_equal(open_compressed(message), 1);
    message.length++;
    assert_int_equal(open_compressed(message), MLB_ERROR_MALFORMED);
    encoder = lzw_encoder_new();
    assert_non_null(encoder);
    message = compression_wrap(encoder, user_message(100), packed, sizeof(packed));
    lzw_encoder_free(encoder);
    assert_int_equal(open_compressed(message), MLB_ERROR_MALFORMED);
}

/* Streams are compressed also where that makes them longer. */
static void test_incompressible(void **state)
{
    struct seal *seal = new_seal(NULL, 0, 1);

    (void)state;
    for (uint32_t length = 0; length < 40000; length += 1 + length / 3) {
        struct span message = user_message(length);

        for (uint32_t i = 0; i < length; i++)
            big[message.length - 1 - i] = (uint8_t)(next_random() >> 32);
        assert_round_trip(seal, SEAL_DIALLED, message, 1000);
    }
    seal_free(seal);
}

static int set_up(void **state)
{
    (void)state;
    big = malloc(BYTES_MAX);
    return big ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(big);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_combinations),   cmocka_unit_test(test_many_small_pieces),
        cmocka_unit_test(test_largest),        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_authentic),      cmocka_unit_test(test_encryption_is_needed),
        cmocka_unit_test(test_types),          cmocka_unit_test(test_heads),
        cmocka_unit_test(test_endless),        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_incompressible),
    };

    seal_stream_free(NULL);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
