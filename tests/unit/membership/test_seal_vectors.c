/* SPDX-License-Identifier: MIT */
/*
 * Whole packets and streams of real peers go through the seal. What comes out is closed again with
 * the nonce of the peer and must be the very bytes that came in, where we send the same version.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <stdlib.h>
#include <string.h>

#include "membership/seal.h"
#include "vectors.h"

#define MESSAGES_MAX 16
#define NONCE_SIZE   12

/* What is in a packet or stream, found in its row. */
struct contents {
    const cJSON *leaves[MESSAGES_MAX];
    size_t count;
    int has_checksum;
    int is_compressed;
    int is_encrypted;
    int version;
    struct span nonce;
};

struct heard {
    struct span messages[MESSAGES_MAX];
    uint8_t bytes[VECTOR_SIZE];
    size_t used;
    size_t count;
};

static int give_nonce(void *context, uint8_t *bytes, size_t length)
{
    const struct span *nonce = context;

    assert_int_equal(length, nonce->length);
    memcpy(bytes, nonce->bytes, length);
    return 0;
}

static void hear(void *context, const uint8_t *message, size_t length)
{
    struct heard *heard = context;

    assert_in_range(heard->count, 0, MESSAGES_MAX - 1);
    assert_in_range(length, 1, sizeof(heard->bytes) - heard->used);
    memcpy(heard->bytes + heard->used, message, length);
    heard->messages[heard->count++] = (struct span){heard->bytes + heard->used, length};
    heard->used += length;
}

static void find_leaves(const cJSON *layer, struct contents *contents)
{
    const char *type = vector_text(layer, "type");
    const cJSON *part;

    if (strcmp(type, "hasCrc") == 0 || strcmp(type, "compress") == 0) {
        contents->has_checksum |= strcmp(type, "hasCrc") == 0;
        contents->is_compressed |= strcmp(type, "compress") == 0;
        find_leaves(vector_member(layer, "inner"), contents);
    } else if (strcmp(type, "compound") == 0) {
        cJSON_ArrayForEach(part, vector_member(layer, "parts")) find_leaves(part, contents);
    } else {
        assert_in_range(contents->count, 0, MESSAGES_MAX - 1);
        contents->leaves[contents->count++] = layer;
    }
}

static struct contents contents_of(const cJSON *row)
{
    struct contents contents = {.version = 1};
    const cJSON *layer;

    cJSON_ArrayForEach(layer, vector_member(row, "decoded"))
    {
        if (vector_text(layer, "type"))
            find_leaves(layer, &contents);
        if (vector_text(layer, "nonce")) {
            const cJSON *version = vector_member(layer, "encVsn");

            version = version ? version : vector_member(layer, "encryption");
            contents.is_encrypted = 1;
            contents.version = (int)cJSON_GetNumberValue(version);
            contents.nonce = vector_bytes(vector_text(layer, "nonce"));
        }
    }
    return contents;
}

static struct seal *seal_of(const cJSON *row, struct contents *contents)
{
    struct seal_options options = {
        .label = vector_text(row, "label"),
        .compress = contents->is_compressed,
        .entropy = give_nonce,
        .entropy_context = &contents->nonce,
    };
    struct seal *seal = NULL;
    struct mlb_membership_key key;

    assert_int_equal(seal_new(&options, &seal), MLB_OK);
    if (vector_key(row, &key))
        assert_int_equal(seal_set_keys(seal, &key, 1), MLB_OK);
    return seal;
}

static void assert_packet(const cJSON *row, struct span bytes)
{
    static uint8_t target[SEAL_PACKET_MAX];
    static struct heard heard;
    struct contents contents = contents_of(row);
    struct seal *seal = seal_of(row, &contents);
    size_t length;

    heard.count = heard.used = 0;
    assert_int_equal(seal_open_packet(seal, bytes.bytes, bytes.length, hear, &heard), MLB_OK);
    assert_int_equal(heard.count, contents.count);
    for (size_t i = 0; i < heard.count; i++)
        vector_assert_message(contents.leaves[i], heard.messages[i]);
    length = seal_close_packet(seal, heard.messages, heard.count, contents.has_checksum, target,
                               sizeof(target));
    if (contents.version == 1) {
        assert_int_equal(length, bytes.length);
        assert_memory_equal(target, bytes.bytes, length);
    }
    seal_free(seal);
    vector_free(contents.nonce);
}

/* Puts a stream in by pieces of one size; the message is complete with the last byte. */
static struct seal_stream *open_stream(struct seal *seal, enum seal_role role, struct span bytes,
                                       size_t piece)
{
    struct seal_stream *stream = seal_stream_new(seal, role);

    assert_non_null(stream);
    for (size_t at = 0; at < bytes.length; at += piece) {
        size_t length = bytes.length - at < piece ? bytes.length - at : piece;

        assert_int_equal(seal_stream_input(stream, bytes.bytes + at, length),
                         at + length == bytes.length);
    }
    return stream;
}

static void assert_stream(const cJSON *row, struct span bytes)
{
    static const size_t pieces[] = {1, 2, 7, 100, VECTOR_SIZE};
    const int is_answer = strstr(vector_text(row, "id"), "-server") != NULL;
    const enum seal_role reader = is_answer ? SEAL_DIALLED : SEAL_ACCEPTED;
    const enum seal_role sender = is_answer ? SEAL_ACCEPTED : SEAL_DIALLED;
    struct contents contents = contents_of(row);
    struct seal *seal = seal_of(row, &contents);

    assert_int_equal(contents.count, 1);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct seal_stream *stream = open_stream(seal, reader, bytes, pieces[i]);
        struct span message = seal_stream_message(stream);
        uint8_t *closed = NULL;
        size_t length = 0;

        vector_assert_message(contents.leaves[0], message);
        assert_int_equal(
            seal_close_stream(seal, sender, message.bytes, message.length, &closed, &length),
            MLB_OK);
        if (contents.version == 1) {
            assert_int_equal(length, bytes.length);
            assert_memory_equal(closed, bytes.bytes, length);
        }
        free(closed);
        seal_stream_free(stream);
    }
    seal_free(seal);
    vector_free(contents.nonce);
}

/* Rows that are a single step of the peer hold no whole packet. */
static int is_whole(const cJSON *row)
{
    const char *id = vector_text(row, "id");

    return strncmp(id, "udp-", 4) == 0 || strncmp(id, "tcp-", 4) == 0 ||
           strcmp(id, "msg-label_plain") == 0;
}

static void test_rows(void **state)
{
    const cJSON *row;
    int packets = 0;
    int streams = 0;

    (void)state;
    cJSON_ArrayForEach(row, vectors_load("vectors"))
    {
        struct span bytes = {0};
        int is_packet = strcmp(vector_text(row, "transport"), "udp") == 0;

        if (!is_whole(row))
            continue;
        print_message("# %s\n", vector_text(row, "id"));
        bytes = vector_bytes(vector_text(row, "hex"));
        if (is_packet)
            assert_packet(row, bytes);
        else
            assert_stream(row, bytes);
        packets += is_packet;
        streams += !is_packet;
        vector_free(bytes);
    }
    assert_int_equal(packets, 43);
    assert_int_equal(streams, 21);
}

/*
 * Packets that a live peer took or refused. We take bin for a text as newer versions do, and no
 * positional arrays, which nobody sends; a version that cannot be is refused by who decides.
 */
static int is_taken_here(const cJSON *row)
{
    const char *name = vector_text(row, "case");

    if (strcmp(name, "d_bin8_node") == 0 || strcmp(name, "j_pmin0") == 0)
        return 1;
    if (strcmp(name, "g_array_positional") == 0)
        return 0;
    return strcmp(vector_text(row, "result"), "accepted") == 0;
}

static int is_alive_of(const struct heard *heard, const char *name)
{
    struct memberlist_node node;
    const struct span *message = &heard->messages[0];

    if (heard->count == 0 || message->bytes[0] != MEMBERLIST_ALIVE ||
        memberlist_parse_alive(message->bytes + 1, message->length - 1, &node) != MLB_OK)
        return 0;
    assert_int_equal(node.name.length, strlen(name));
    assert_memory_equal(node.name.bytes, name, node.name.length);
    assert_int_equal(node.incarnation, 1);
    return 1;
}

static void test_acceptance(void **state)
{
    static struct heard heard;
    const cJSON *rows = vector_member(vectors_load("receiver_acceptance"), "cases");
    struct contents contents = {0};
    struct seal *seal = seal_of(NULL, &contents);
    const cJSON *row;

    (void)state;
    assert_int_equal(cJSON_GetArraySize(rows), 26);
    cJSON_ArrayForEach(row, rows)
    {
        struct span bytes = vector_bytes(vector_text(row, "hex"));

        print_message("# %s\n", vector_text(row, "case"));
        heard.count = heard.used = 0;
        (void)seal_open_packet(seal, bytes.bytes, bytes.length, hear, &heard);
        assert_int_equal(is_alive_of(&heard, vector_text(row, "node_name")), is_taken_here(row));
        vector_free(bytes);
    }
    seal_free(seal);
}

static int unload(void **state)
{
    (void)state;
    vectors_unload();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_acceptance),
    };

    return cmocka_run_group_tests(tests, NULL, unload);
}
