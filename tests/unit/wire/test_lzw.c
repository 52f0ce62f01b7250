/* SPDX-License-Identifier: MIT */
/* Outputs of Go's compress/lzw, some only as digest, and what an input must not do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <metallb/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../case_file.h"
#include "../hex.h"
#include "crypto/sha256.h"
#include "wire/lzw.h"

#define SIZE_MAX_INPUT 1000000
#define ROWS           15

static uint8_t input[SIZE_MAX_INPUT];
static uint8_t packed[2 * SIZE_MAX_INPUT];
static uint8_t unpacked[SIZE_MAX_INPUT];
static struct lzw_encoder *encoder;

static int set_up(void **state)
{
    (void)state;
    encoder = lzw_encoder_new();
    return encoder ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lzw_encoder_free(encoder);
    return 0;
}

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* The generator of the rows: the upper half of a congruential one. */
static void generate(size_t length, uint32_t modulus)
{
    uint32_t x = 12345;

    assert_in_range(length, 0, SIZE_MAX_INPUT);
    for (size_t i = 0; i < length; i++) {
        x = x * 1664525u + 1013904223u;
        input[i] = (uint8_t)((x >> 16) % modulus);
    }
}

static size_t generate_row(const cJSON *generator)
{
    size_t length = (size_t)cJSON_GetNumberValue(member(generator, "n"));

    generate(length, (uint32_t)cJSON_GetNumberValue(member(generator, "modulus")));
    return length;
}

static void assert_digest(const char *expected, const uint8_t *bytes, size_t length)
{
    struct sha256_prefix prefix;
    struct sha256_digest digest;
    char text[65];

    sha256_prefix_init(&prefix, "", 0);
    sha256_with_prefix(&prefix, bytes, length, &digest);
    for (int i = 0; i < 8; i++)
        snprintf(text + 8 * i, 9, "%08x", digest.words[i]);
    assert_string_equal(text, expected);
}

static void assert_row(const cJSON *row)
{
    const cJSON *generator = member(row, "generator");
    const char *output = cJSON_GetStringValue(member(row, "output_hex"));
    size_t length = generator ? generate_row(generator)
                              : hex_decode(cJSON_GetStringValue(member(row, "input_hex")), input);
    size_t packed_length = lzw_compress(encoder, input, length, packed, sizeof(packed));
    size_t unpacked_length = 0;

    if (generator) {
        assert_digest(cJSON_GetStringValue(member(row, "input_sha256")), input, length);
        assert_digest(cJSON_GetStringValue(member(row, "output_sha256")), packed, packed_length);
        assert_int_equal(packed_length, cJSON_GetNumberValue(member(row, "output_len")));
    }
    if (output) {
        assert_int_equal(hex_decode(output, unpacked), packed_length);
        assert_memory_equal(unpacked, packed, packed_length);
    }
    assert_int_equal(
        lzw_decompress(packed, packed_length, unpacked, sizeof(unpacked), &unpacked_length),
        MLB_OK);
    assert_int_equal(unpacked_length, length);
    assert_memory_equal(unpacked, input, length);
}

static void test_rows(void **state)
{
    cJSON *root = case_file_load("memberlist_vectors.json");
    const cJSON *rows = member(member(root, "lzw"), "vectors");
    const cJSON *row;

    (void)state;
    assert_int_equal(cJSON_GetArraySize(rows), ROWS);
    cJSON_ArrayForEach(row, rows) assert_row(row);
    cJSON_Delete(root);
}

/* Inputs after whose last code a bit more is needed or the table begins anew, as Go writes them. */
static void test_last_code(void **state)
{
    static const struct {
        size_t length;
        uint32_t modulus;
        const char *digest;
    } rows[] = {
        {3962, 256, "67d6ed2a47cae9fc0edf3157e9b3bfa1a435e95e528b62cc85fe0bbfa8bfb978"},
        {4218, 256, "a0edc35fff90410f5610a3befb4ca75d6487835774202458578f5c2c87fd783d"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        generate(rows[i].length, rows[i].modulus);
        assert_digest(rows[i].digest, packed,
                      lzw_compress(encoder, input, rows[i].length, packed, sizeof(packed)));
    }
}

static uint64_t random_state = 1;

static uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

/* Of all lengths around the changes of width, with few and with many different bytes. */
static void test_round_trips(void **state)
{
    static const uint32_t alphabets[] = {1, 2, 5, 64, 256};

    (void)state;
    for (size_t round = 0; round < 20000; round++) {
        uint32_t alphabet = alphabets[round % 5];
        size_t length = round < 2000 ? round : next_random() % 12000 / (1 + round % 16);
        size_t packed_length;
        size_t unpacked_length = 0;

        for (size_t i = 0; i < length; i++)
            input[i] = (uint8_t)((next_random() >> 32) % alphabet);
        packed_length = lzw_compress(encoder, input, length, packed, sizeof(packed));
        assert_in_range(packed_length, 3, length + length / 2 + length / 1024 + 16);
        assert_int_equal(
            lzw_decompress(packed, packed_length, unpacked, sizeof(unpacked), &unpacked_length),
            MLB_OK);
        assert_int_equal(unpacked_length, length);
        assert_memory_equal(unpacked, input, length);
    }
}

/* At each capacity below the length nothing is written behind it and nothing is claimed. */
static void test_capacity(void **state)
{
    const size_t length = 3000;
    size_t packed_length;
    size_t written = 77;

    (void)state;
    for (size_t i = 0; i < length; i++)
        input[i] = (uint8_t)(next_random() % 7);
    packed_length = lzw_compress(encoder, input, length, packed, sizeof(packed));
    for (size_t capacity = 0; capacity < packed_length; capacity += 13) {
        unpacked[capacity] = 0xa5;
        assert_int_equal(lzw_compress(encoder, input, length, unpacked, capacity), 0);
        assert_int_equal(unpacked[capacity], 0xa5);
    }
    assert_int_equal(lzw_compress(encoder, input, length, unpacked, packed_length), packed_length);
    for (size_t capacity = 0; capacity < length; capacity += 13) {
        unpacked[capacity] = 0xa5;
        assert_int_equal(lzw_decompress(packed, packed_length, unpacked, capacity, &written),
                         MLB_ERROR_BUFFER_TOO_SMALL);
        assert_int_equal(unpacked[capacity], 0xa5);
    }
    assert_int_equal(written, 77);
    assert_int_equal(lzw_decompress(packed, packed_length, unpacked, length, &written), MLB_OK);
    assert_int_equal(written, length);
}

static void test_truncations(void **state)
{
    size_t packed_length = 0;
    size_t written = 77;

    (void)state;
    for (size_t i = 0; i < 2000; i++)
        input[i] = (uint8_t)(next_random() % 3);
    packed_length = lzw_compress(encoder, input, 2000, packed, sizeof(packed));
    for (size_t length = 0; length < packed_length - 1; length++)
        assert_int_equal(lzw_decompress(packed, length, unpacked, sizeof(unpacked), &written),
                         MLB_ERROR_MALFORMED);
    assert_int_equal(written, 77);
}

/* Writes codes of any value, with the widths that the decoder is at. */
struct codes {
    size_t bits;
};

static void put(struct codes *codes, uint32_t code, unsigned width)
{
    for (unsigned i = 0; i < width; i++, codes->bits++) {
        if (codes->bits % 8 == 0)
            packed[codes->bits / 8] = 0;
        packed[codes->bits / 8] |= (uint8_t)((code >> i & 1) << codes->bits % 8);
    }
}

static int32_t unpack(const struct codes *codes, size_t *written)
{
    return lzw_decompress(packed, (codes->bits + 7) / 8, unpacked, sizeof(unpacked), written);
}

/* A code may be the one that is just being made, but none beyond, and none after CLEAR. */
static void test_codes_ahead(void **state)
{
    struct codes codes = {0};
    size_t written = 0;

    (void)state;
    put(&codes, 'a', 9);
    put(&codes, 258, 9);
    put(&codes, 257, 9);
    assert_int_equal(unpack(&codes, &written), MLB_OK);
    assert_int_equal(written, 3);
    assert_memory_equal(unpacked, "aaa", 3);
    codes.bits = 0;
    put(&codes, 'a', 9);
    put(&codes, 259, 9);
    put(&codes, 257, 9);
    assert_int_equal(unpack(&codes, &written), MLB_ERROR_MALFORMED);
    codes.bits = 0;
    put(&codes, 256, 9);
    put(&codes, 258, 9);
    put(&codes, 257, 9);
    assert_int_equal(unpack(&codes, &written), MLB_ERROR_MALFORMED);
}

/* An encoder may go on without CLEAR when all codes are given: the table stays. */
static void test_full_table(void **state)
{
    struct codes codes = {0};
    uint32_t next = 257;
    unsigned width = 9;
    size_t written = 0;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        put(&codes, i % 2 ? 'a' : 'b', width);
        if (next < 4095)
            next++;
        if (next >= 1u << width && width < 12)
            width++;
    }
    put(&codes, 4095, width);
    put(&codes, 258, width);
    put(&codes, 256, width);
    put(&codes, 'c', 9);
    put(&codes, 257, 9);
    assert_int_equal(unpack(&codes, &written), MLB_OK);
    assert_int_equal(written, 5005);
    assert_memory_equal(unpacked + 4998, "baabbac", 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),        cmocka_unit_test(test_last_code),
        cmocka_unit_test(test_round_trips), cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_truncations), cmocka_unit_test(test_codes_ahead),
        cmocka_unit_test(test_full_table),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
