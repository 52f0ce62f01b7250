/* SPDX-License-Identifier: MIT */
/*
 * Bytes of real peers, taken apart layer by layer: each layer says what the row tells of it, and
 * where we send such a layer too, putting it together anew gives the same bytes.
 */
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
#include "membership/keyring.h"
#include "membership/seal_stream.h"
#include "vectors.h"
#include "wire/crc32.h"

#define ROWS 90

static void assert_layer(const cJSON *expected, struct span bytes);

static void assert_checksum(const cJSON *expected, struct span bytes)
{
    struct reader reader = reader_of(bytes.bytes, bytes.length);
    char crc[9];

    assert_int_equal(read_u8(&reader), MEMBERLIST_CRC);
    snprintf(crc, sizeof(crc), "%08x", read_u32(&reader));
    assert_string_equal(crc, vector_text(expected, "crc"));
    assert_true(cJSON_IsTrue(vector_member(expected, "crcOk")));
    snprintf(crc, sizeof(crc), "%08x", crc32_of(reader.at, reader.left));
    assert_string_equal(crc, vector_text(expected, "crc"));
    assert_layer(vector_member(expected, "inner"), (struct span){reader.at, reader.left});
}

static void assert_compressed(const cJSON *expected, struct span bytes)
{
    static uint8_t inflated[VECTOR_SIZE];
    static uint8_t target[VECTOR_SIZE];
    const cJSON *length = vector_member(expected, "compressedLen");
    struct lzw_encoder *encoder = lzw_encoder_new();
    struct span compressed;
    struct span inner = {.bytes = inflated};
    struct span again;

    assert_non_null(encoder);
    assert_int_equal(bytes.bytes[0], MEMBERLIST_COMPRESS);
    assert_int_equal(cJSON_GetNumberValue(vector_member(expected, "Algo")), 0);
    assert_int_equal(
        compression_parse((struct span){bytes.bytes + 1, bytes.length - 1}, &compressed), MLB_OK);
    if (length)
        assert_int_equal(compressed.length, cJSON_GetNumberValue(length));
    assert_int_equal(lzw_decompress(compressed.bytes, compressed.length, inflated, sizeof(inflated),
                                    &inner.length),
                     MLB_OK);
    vector_assert_bytes(vector_text(expected, "innerHex"), inner);
    again = compression_wrap(encoder, inner, target, sizeof(target));
    assert_int_equal(again.length, bytes.length);
    assert_memory_equal(again.bytes, bytes.bytes, bytes.length);
    lzw_encoder_free(encoder);
    if (vector_member(expected, "inner"))
        assert_layer(vector_member(expected, "inner"), inner);
}

static void assert_compound(const cJSON *expected, struct span bytes)
{
    const cJSON *lengths = vector_member(expected, "lengths");
    const cJSON *parts = vector_member(expected, "parts");
    struct memberlist_compound compound;
    struct span part;
    int count = 0;

    assert_int_equal(bytes.bytes[0], MEMBERLIST_COMPOUND);
    assert_int_equal(memberlist_compound_open(bytes.bytes + 1, bytes.length - 1, &compound),
                     MLB_OK);
    while (memberlist_compound_next(&compound, &part)) {
        assert_int_equal(part.length, cJSON_GetNumberValue(cJSON_GetArrayItem(lengths, count)));
        assert_layer(cJSON_GetArrayItem(parts, count), part);
        count++;
    }
    assert_int_equal(count, cJSON_GetNumberValue(vector_member(expected, "count")));
    assert_int_equal(count, cJSON_GetArraySize(parts));
}

static void assert_layer(const cJSON *expected, struct span bytes)
{
    const char *type = vector_text(expected, "type");

    if (!type) {
        struct reader reader = reader_of(bytes.bytes, bytes.length);

        vector_assert_node(expected, &reader);
        assert_int_equal(reader.left, 0);
    } else if (strcmp(type, "hasCrc") == 0) {
        assert_checksum(expected, bytes);
    } else if (strcmp(type, "compress") == 0) {
        assert_compressed(expected, bytes);
    } else if (strcmp(type, "compound") == 0) {
        assert_compound(expected, bytes);
    } else {
        vector_assert_message(expected, bytes);
    }
}

/* What is authenticated: of a stream its header too, in front of the label. */
static struct span additional_of(const cJSON *row, const uint8_t *header, uint8_t *target)
{
    const char *label = vector_text(row, "label");
    struct writer writer = writer_to(target, SEAL_STREAM_ADDITIONAL_MAX);

    if (header)
        write_bytes(&writer, header, SEAL_STREAM_HEAD);
    if (label)
        write_bytes(&writer, (const uint8_t *)label, strlen(label));
    assert_false(writer.failed);
    return (struct span){target, writer.used};
}

/* Takes the encryption off; the plain text stands in target. */
static struct span assert_encrypted(const cJSON *row, const cJSON *expected, struct span bytes,
                                    uint8_t *target)
{
    const cJSON *version = vector_member(expected, "encVsn");
    const char *nonce = vector_text(expected, "nonce");
    int is_stream = cJSON_IsTrue(vector_member(expected, "encryptMsg"));
    uint8_t additional[SEAL_STREAM_ADDITIONAL_MAX];
    struct span authenticated = additional_of(row, is_stream ? bytes.bytes : NULL, additional);
    struct keyring keyring = {0};
    struct mlb_membership_key key;
    struct span plain = {.bytes = target};
    struct span again;

    if (is_stream) {
        assert_int_equal(bytes.bytes[0], MEMBERLIST_ENCRYPT);
        bytes = (struct span){bytes.bytes + SEAL_STREAM_HEAD, bytes.length - SEAL_STREAM_HEAD};
        assert_int_equal(bytes.length, cJSON_GetNumberValue(vector_member(expected, "length")));
    }
    version = version ? version : vector_member(expected, "encryption");
    assert_int_equal(bytes.bytes[0], cJSON_GetNumberValue(version));
    if (nonce)
        vector_assert_bytes(nonce, (struct span){bytes.bytes + 1, AES_GCM_NONCE_SIZE});
    assert_true(vector_key(row, &key));
    assert_int_equal(keyring_set(&keyring, &key, 1), MLB_OK);
    assert_int_equal(keyring_open(&keyring, authenticated, bytes, target, &plain.length), MLB_OK);
    vector_assert_bytes(vector_text(expected, "plaintextHex"), plain);
    if (bytes.bytes[0] == 1) {
        again.length = plain.length + KEYRING_OVERHEAD;
        again.bytes = malloc(again.length);
        assert_non_null(again.bytes);
        assert_int_equal(
            keyring_seal(&keyring, bytes.bytes + 1, authenticated, plain, (uint8_t *)again.bytes),
            0);
        assert_int_equal(again.length, bytes.length);
        assert_memory_equal(again.bytes, bytes.bytes, bytes.length);
        vector_free(again);
    }
    keyring_clear(&keyring);
    return plain;
}

static struct span assert_label(const char *label, struct span bytes)
{
    size_t length = strlen(label);

    assert_true(bytes.length > length + 2);
    assert_int_equal(bytes.bytes[0], MEMBERLIST_LABEL);
    assert_int_equal(bytes.bytes[1], length);
    assert_memory_equal(bytes.bytes + 2, label, length);
    return (struct span){bytes.bytes + 2 + length, bytes.length - 2 - length};
}

static void assert_row(const cJSON *row)
{
    static uint8_t plain[VECTOR_SIZE];
    struct span whole = vector_bytes(vector_text(row, "hex"));
    struct span bytes = whole;
    const cJSON *label_row = cJSON_GetArrayItem(vector_member(row, "decoded"), 0);
    const cJSON *expected;

    /* A row that is one encrypted message tells its label apart from what was decoded. */
    if (vector_text(row, "label") && !vector_text(label_row, "label") &&
        bytes.bytes[0] == MEMBERLIST_LABEL)
        bytes = assert_label(vector_text(row, "label"), bytes);
    cJSON_ArrayForEach(expected, vector_member(row, "decoded"))
    {
        if (vector_text(expected, "label"))
            bytes = assert_label(vector_text(expected, "label"), bytes);
        else if (vector_text(expected, "plaintextHex"))
            bytes = assert_encrypted(row, expected, bytes, plain);
        else
            assert_layer(expected, bytes);
    }
    vector_free(whole);
}

static void test_rows(void **state)
{
    const cJSON *rows = vectors_load("vectors");
    const cJSON *row;

    (void)state;
    assert_int_equal(cJSON_GetArraySize(rows), ROWS);
    cJSON_ArrayForEach(row, rows)
    {
        print_message("# %s\n", vector_text(row, "id"));
        assert_row(row);
    }
}

static void test_key_derivation(void **state)
{
    const cJSON *rows = vectors_load("metallb_key_derivation");
    const cJSON *row;

    (void)state;
    assert_int_equal(cJSON_GetArraySize(rows), 2);
    cJSON_ArrayForEach(row, rows)
    {
        const char *secret = vector_text(row, "secret_text");
        struct mlb_membership_key key;

        assert_int_equal(keyring_key_from_secret((const uint8_t *)secret, strlen(secret), &key),
                         MLB_OK);
        vector_assert_bytes(vector_text(row, "aes256_key_hex"),
                            (struct span){key.bytes, key.length});
    }
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
        cmocka_unit_test(test_key_derivation),
    };

    return cmocka_run_group_tests(tests, NULL, unload);
}
