/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <string.h>

#include "crypto/sha256.h"

#define MESSAGE_MAX 300

static void to_bytes(const struct sha256_digest *digest, uint8_t *bytes)
{
    for (size_t i = 0; i < SHA256_STATE_WORDS; i++)
        for (size_t k = 0; k < 4; k++)
            bytes[4 * i + k] = (uint8_t)(digest->words[i] >> (24 - 8 * k));
}

static void hash_split(const uint8_t *message, size_t length, size_t split, uint8_t *bytes)
{
    struct sha256_prefix prefix;
    struct sha256_digest digest;

    sha256_prefix_init(&prefix, message, split);
    sha256_with_prefix(&prefix, message + split, length - split, &digest);
    to_bytes(&digest, bytes);
}

/* FIPS 180-4, example of one block. */
static void test_known_digest(void **state)
{
    static const uint8_t expected[32] = {
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
        0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
        0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    };
    uint8_t bytes[32];

    (void)state;
    hash_split((const uint8_t *)"abc", 3, 1, bytes);
    assert_memory_equal(bytes, expected, 32);
}

/* Every length around the ends of blocks, cut into prefix and suffix at every place. */
static void test_every_length_and_split(void **state)
{
    uint8_t message[MESSAGE_MAX];
    uint8_t expected[32];
    uint8_t bytes[32];
    unsigned int size = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)(i * 37 + 11);
    for (size_t length = 0; length <= MESSAGE_MAX; length++) {
        assert_int_equal(EVP_Digest(message, length, expected, &size, EVP_sha256(), NULL), 1);
        for (size_t split = 0; split <= length; split++) {
            hash_split(message, length, split, bytes);
            assert_memory_equal(bytes, expected, 32);
        }
    }
}

static void test_comparison_is_byte_order(void **state)
{
    struct sha256_digest a = {{1, 0x00ffffff, 0}};
    struct sha256_digest b = {{1, 0x01000000, 0}};

    (void)state;
    assert_true(sha256_compare(&a, &b) < 0);
    assert_true(sha256_compare(&b, &a) > 0);
    assert_int_equal(sha256_compare(&a, &a), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_digest),
        cmocka_unit_test(test_every_length_and_split),
        cmocka_unit_test(test_comparison_is_byte_order),
    };

    return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
