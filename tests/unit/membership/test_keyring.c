/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <string.h>

#include "membership/keyring.h"

#define TEXT_SIZE 48
#define NONCE     "nonce nonce!"

static const struct span label = {(const uint8_t *)"blue", 4};
static const struct span text = {
    (const uint8_t *)"forty-eight bytes of a text: three whole blocks.", TEXT_SIZE};

static struct mlb_membership_key key_of(uint8_t byte, uint32_t length)
{
    struct mlb_membership_key key = {.length = length};

    memset(key.bytes, byte, sizeof(key.bytes));
    return key;
}

static void seal_with(uint8_t byte, struct span plain, uint8_t *sealed)
{
    struct mlb_membership_key key = key_of(byte, 32);
    struct keyring keyring = {0};

    assert_int_equal(keyring_set(&keyring, &key, 1), MLB_OK);
    assert_int_equal(keyring_seal(&keyring, (const uint8_t *)NONCE, label, plain, sealed), 0);
    keyring_clear(&keyring);
}

static int32_t open(struct keyring *keyring, const uint8_t *sealed, size_t length)
{
    uint8_t target[256];
    size_t opened = 0;
    int32_t result = keyring_open(keyring, label, (struct span){sealed, length}, target, &opened);

    if (result == MLB_OK) {
        assert_int_equal(opened, TEXT_SIZE);
        assert_memory_equal(target, text.bytes, TEXT_SIZE);
    } else {
        assert_int_equal(opened, 0);
    }
    return result;
}

/* Each key decrypts, the first encrypts; one that was taken out does neither. */
static void test_rotation(void **state)
{
    const struct mlb_membership_key keys[] = {key_of(1, 32), key_of(2, 32), key_of(3, 32)};
    struct keyring keyring = {0};
    uint8_t sealed[3][TEXT_SIZE + KEYRING_OVERHEAD];
    uint8_t own[TEXT_SIZE + KEYRING_OVERHEAD];

    (void)state;
    for (uint8_t i = 0; i < 3; i++)
        seal_with(i + 1, text, sealed[i]);
    assert_int_equal(open(&keyring, sealed[0], sizeof(sealed[0])), MLB_ERROR_MALFORMED);
    assert_int_equal(keyring_set(&keyring, keys, 3), MLB_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(open(&keyring, sealed[i], sizeof(sealed[i])), MLB_OK);
    assert_int_equal(keyring_seal(&keyring, (const uint8_t *)NONCE, label, text, own), 0);
    assert_memory_equal(own, sealed[0], sizeof(own));
    assert_int_equal(keyring_set(&keyring, keys + 1, 2), MLB_OK);
    assert_int_equal(open(&keyring, sealed[0], sizeof(sealed[0])), MLB_ERROR_MALFORMED);
    assert_int_equal(open(&keyring, sealed[2], sizeof(sealed[2])), MLB_OK);
    assert_int_equal(keyring_seal(&keyring, (const uint8_t *)NONCE, label, text, own), 0);
    assert_memory_equal(own, sealed[1], sizeof(own));
    keyring_clear(&keyring);
    assert_int_equal(keyring.count, 0);
    keyring_clear(&keyring);
}

/* A refused set leaves the keys as they were. */
static void test_refused_keys(void **state)
{
    struct mlb_membership_key keys[MLB_MEMBERSHIP_KEYS_MAX + 1];
    struct keyring keyring = {0};
    uint8_t sealed[TEXT_SIZE + KEYRING_OVERHEAD];

    (void)state;
    for (uint8_t i = 0; i < MLB_MEMBERSHIP_KEYS_MAX + 1; i++)
        keys[i] = key_of(i, 32);
    seal_with(MLB_MEMBERSHIP_KEYS_MAX - 1, text, sealed);
    assert_int_equal(keyring_set(&keyring, keys, MLB_MEMBERSHIP_KEYS_MAX), MLB_OK);
    assert_int_equal(keyring_set(&keyring, keys, MLB_MEMBERSHIP_KEYS_MAX + 1),
                     MLB_ERROR_INVALID_ARGUMENT);
    for (uint32_t length = 0; length < 64; length++) {
        keys[1].length = length;
        if (length != 16 && length != 24 && length != 32)
            assert_int_equal(keyring_set(&keyring, keys, 2), MLB_ERROR_INVALID_ARGUMENT);
    }
    assert_int_equal(open(&keyring, sealed, sizeof(sealed)), MLB_OK);
    assert_int_equal(keyring_set(&keyring, NULL, 0), MLB_OK);
    assert_int_equal(keyring.count, 0);
}

static void test_refused_envelopes(void **state)
{
    const struct mlb_membership_key key = key_of(1, 32);
    struct keyring keyring = {0};
    uint8_t sealed[TEXT_SIZE + KEYRING_OVERHEAD];
    uint8_t empty[KEYRING_OVERHEAD];

    (void)state;
    assert_int_equal(keyring_set(&keyring, &key, 1), MLB_OK);
    seal_with(1, text, sealed);
    assert_int_equal(open(&keyring, sealed, sizeof(sealed)), MLB_OK);
    for (size_t length = 0; length < sizeof(sealed); length++)
        assert_int_equal(open(&keyring, sealed, length), MLB_ERROR_MALFORMED);
    for (int version = 2; version < 256; version++) {
        sealed[0] = (uint8_t)version;
        assert_int_equal(open(&keyring, sealed, sizeof(sealed)), MLB_ERROR_MALFORMED);
    }
    /* An empty text has no type byte to look at. */
    seal_with(1, (struct span){text.bytes, 0}, empty);
    assert_int_equal(open(&keyring, empty, sizeof(empty)), MLB_ERROR_MALFORMED);
    keyring_clear(&keyring);
}

/* A text of `length` bytes whose last `padding` bytes say `value`, opened as version 0. */
static int32_t open_padded(size_t length, size_t padding, uint8_t value, size_t *opened)
{
    const struct mlb_membership_key key = key_of(1, 32);
    struct keyring keyring = {0};
    uint8_t plain[64];
    uint8_t target[128];
    uint8_t sealed[64 + KEYRING_OVERHEAD];
    int32_t result;

    memset(plain, 0x55, sizeof(plain));
    memset(plain + length - padding, value, padding);
    seal_with(1, (struct span){plain, length}, sealed);
    /* The version byte is not authenticated. */
    sealed[0] = 0;
    assert_int_equal(keyring_set(&keyring, &key, 1), MLB_OK);
    result = keyring_open(&keyring, label, (struct span){sealed, length + KEYRING_OVERHEAD}, target,
                          opened);
    keyring_clear(&keyring);
    return result;
}

static void test_padding(void **state)
{
    size_t opened = 77;

    (void)state;
    for (uint8_t padding = 1; padding <= 16; padding++) {
        assert_int_equal(open_padded(48, padding, padding, &opened), MLB_OK);
        assert_int_equal(opened, 48 - padding);
    }
    opened = 77;
    /* None, too many, one that is not alike, no whole blocks, and nothing but padding. */
    assert_int_equal(open_padded(48, 1, 0, &opened), MLB_ERROR_MALFORMED);
    assert_int_equal(open_padded(48, 17, 17, &opened), MLB_ERROR_MALFORMED);
    assert_int_equal(open_padded(48, 1, 255, &opened), MLB_ERROR_MALFORMED);
    assert_int_equal(open_padded(48, 4, 5, &opened), MLB_ERROR_MALFORMED);
    assert_int_equal(open_padded(47, 4, 4, &opened), MLB_ERROR_MALFORMED);
    assert_int_equal(open_padded(16, 16, 16, &opened), MLB_ERROR_MALFORMED);
    assert_int_equal(opened, 77);
}

static void test_secrets(void **state)
{
    static const uint8_t nothing[] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14,
                                      0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
                                      0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
                                      0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
    uint8_t secret[64];
    struct mlb_membership_key key = {.length = 77};

    (void)state;
    memset(secret, 'x', sizeof(secret));
    assert_int_equal(keyring_key_from_secret(secret, 0, &key), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(keyring_key_from_secret(NULL, 5, &key), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(key.length, 77);
    for (size_t length = 1; length <= sizeof(secret); length++) {
        size_t own = length < 32 ? length : 32;

        assert_int_equal(keyring_key_from_secret(secret, length, &key), MLB_OK);
        assert_int_equal(key.length, 32);
        assert_memory_equal(key.bytes, secret, own);
        assert_memory_equal(key.bytes + own, nothing, 32 - own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rotation),          cmocka_unit_test(test_refused_keys),
        cmocka_unit_test(test_refused_envelopes), cmocka_unit_test(test_padding),
        cmocka_unit_test(test_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
