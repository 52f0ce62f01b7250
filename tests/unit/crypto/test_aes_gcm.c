/* SPDX-License-Identifier: MIT */
/* The test cases 4, 10 and 16 of the GCM specification (McGrew and Viega), and what is not
 * authentic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../hex.h"
#include "crypto/aes_gcm.h"
#include "crypto/entropy.h"
#include "crypto/wipe.h"

#define TEXT_SIZE   60
#define SEALED_SIZE (TEXT_SIZE + AES_GCM_TAG_SIZE)

static const char key_hex[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
static const char nonce_hex[] = "cafebabefacedbaddecaf888";
static const char additional_hex[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
static const char text_hex[] = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                               "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";

static const struct {
    size_t key_length;
    const char *sealed;
} cases[] = {
    {16, "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5a"
         "ac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    {24, "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18"
         "c84a3f4718e2448b2fe324d9ccda27102519498e80f1478f37ba55bd6d27618c"},
    {32, "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10"
         "56828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

static uint8_t key[32];
static uint8_t nonce[AES_GCM_NONCE_SIZE];
static uint8_t additional[20];
static uint8_t text[TEXT_SIZE];

static const struct aes_gcm_context context = {nonce, additional, sizeof(additional)};

static int set_up(void **state)
{
    (void)state;
    hex_decode(key_hex, key);
    hex_decode(nonce_hex, nonce);
    hex_decode(additional_hex, additional);
    hex_decode(text_hex, text);
    return 0;
}

static void test_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aes_gcm *aes = aes_gcm_new(key, cases[i].key_length);
        uint8_t expected[SEALED_SIZE];
        uint8_t sealed[SEALED_SIZE];
        uint8_t opened[TEXT_SIZE];

        assert_non_null(aes);
        hex_decode(cases[i].sealed, expected);
        /* Twice, so that a key serves many texts, also after one that was not authentic. */
        for (int round = 0; round < 2; round++) {
            assert_int_equal(aes_gcm_seal(aes, &context, text, TEXT_SIZE, sealed), 0);
            assert_memory_equal(sealed, expected, SEALED_SIZE);
            assert_int_equal(aes_gcm_open(aes, &context, sealed, SEALED_SIZE, opened), 0);
            assert_memory_equal(opened, text, TEXT_SIZE);
            sealed[3] ^= 1;
            assert_int_not_equal(aes_gcm_open(aes, &context, sealed, SEALED_SIZE, opened), 0);
        }
        aes_gcm_free(aes);
    }
}

/* No bit of text, tag, nonce or what is authenticated besides can be another. */
static void test_not_authentic(void **state)
{
    struct aes_gcm *aes = aes_gcm_new(key, 16);
    uint8_t sealed[SEALED_SIZE];
    uint8_t opened[SEALED_SIZE];
    struct aes_gcm_context shorter = context;

    (void)state;
    assert_non_null(aes);
    assert_int_equal(aes_gcm_seal(aes, &context, text, TEXT_SIZE, sealed), 0);
    for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(aes_gcm_open(aes, &context, sealed, SEALED_SIZE, opened), 0);
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t length = 0; length < SEALED_SIZE; length++)
        assert_int_not_equal(aes_gcm_open(aes, &context, sealed, length, opened), 0);
    nonce[0] ^= 1;
    assert_int_not_equal(aes_gcm_open(aes, &context, sealed, SEALED_SIZE, opened), 0);
    nonce[0] ^= 1;
    shorter.additional_length--;
    assert_int_not_equal(aes_gcm_open(aes, &shorter, sealed, SEALED_SIZE, opened), 0);
    assert_int_equal(aes_gcm_open(aes, &context, sealed, SEALED_SIZE, opened), 0);
    aes_gcm_free(aes);
    aes_gcm_free(NULL);
}

/* Neither a text nor anything besides: just the tag, which still has to be right. */
static void test_empty(void **state)
{
    const struct aes_gcm_context bare = {.nonce = nonce};
    struct aes_gcm *aes = aes_gcm_new(key, 32);
    uint8_t sealed[AES_GCM_TAG_SIZE];

    (void)state;
    assert_non_null(aes);
    assert_int_equal(aes_gcm_seal(aes, &bare, NULL, 0, sealed), 0);
    assert_int_equal(aes_gcm_open(aes, &bare, sealed, sizeof(sealed), NULL), 0);
    sealed[0] ^= 0x80;
    assert_int_not_equal(aes_gcm_open(aes, &bare, sealed, sizeof(sealed), NULL), 0);
    aes_gcm_free(aes);
}

static void test_key_lengths(void **state)
{
    (void)state;
    for (size_t length = 0; length < 64; length++)
        assert_int_equal(aes_gcm_is_key_length(length),
                         length == 16 || length == 24 || length == 32);
}

/* Two fillings of 32 bytes are alike once in 2^256; too much at a time is refused. */
static void test_entropy(void **state)
{
    uint8_t first[32] = {0};
    uint8_t second[32] = {0};
    static const uint8_t zeros[32];

    (void)state;
    assert_int_equal(entropy_fill(NULL, first, sizeof(first)), 0);
    assert_int_equal(entropy_fill(NULL, second, sizeof(second)), 0);
    assert_memory_not_equal(first, second, sizeof(first));
    assert_memory_not_equal(first, zeros, sizeof(first));
    assert_int_not_equal(entropy_fill(NULL, first, SIZE_MAX), 0);
    wipe(first, sizeof(first));
    assert_memory_equal(first, zeros, sizeof(first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),   cmocka_unit_test(test_not_authentic),
        cmocka_unit_test(test_empty),   cmocka_unit_test(test_key_lengths),
        cmocka_unit_test(test_entropy),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
