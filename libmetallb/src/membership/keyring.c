/* SPDX-License-Identifier: MIT */
#include "membership/keyring.h"

#include "crypto/sha256.h"
#include "crypto/wipe.h"

/* Version 0 pads the text to whole blocks, as with a cipher that needs it; 1 does not. */
#define VERSION_PADDED   0
#define VERSION_PLAIN    1
#define BLOCK_SIZE       16

#define DERIVED_KEY_SIZE 32

static int are_keys_valid(const struct mlb_membership_key *keys, size_t count)
{
    if (count > MLB_MEMBERSHIP_KEYS_MAX)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (!aes_gcm_is_key_length(keys[i].length))
            return 0;
    return 1;
}

int32_t keyring_set(struct keyring *keyring, const struct mlb_membership_key *keys, size_t count)
{
    struct keyring next = {0};

    if (!are_keys_valid(keys, count))
        return MLB_ERROR_INVALID_ARGUMENT;
    for (; next.count < count; next.count++) {
        const struct mlb_membership_key *key = &keys[next.count];

        next.keys[next.count] = aes_gcm_new(key->bytes, key->length);
        if (!next.keys[next.count]) {
            keyring_clear(&next);
            return MLB_ERROR_NO_MEMORY;
        }
    }
    keyring_clear(keyring);
    *keyring = next;
    return MLB_OK;
}

void keyring_clear(struct keyring *keyring)
{
    for (size_t i = 0; i < keyring->count; i++)
        aes_gcm_free(keyring->keys[i]);
    *keyring = (struct keyring){0};
}

static struct aes_gcm_context context_of(const uint8_t *nonce, struct span additional)
{
    return (struct aes_gcm_context){
        .nonce = nonce, .additional = additional.bytes, .additional_length = additional.length};
}

int keyring_seal(struct keyring *keyring, const uint8_t *nonce, struct span additional,
                 struct span plain, uint8_t *target)
{
    struct aes_gcm_context context = context_of(nonce, additional);

    target[0] = VERSION_PLAIN;
    memcpy(target + 1, nonce, AES_GCM_NONCE_SIZE);
    return aes_gcm_seal(keyring->keys[0], &context, plain.bytes, plain.length,
                        target + 1 + AES_GCM_NONCE_SIZE);
}

/*
 * Length of a text without its padding: 1 to 16 bytes that each tell how many they are; 0 where
 * they are not. The version byte is not authenticated, so that anything can stand here.
 */
static size_t length_without_padding(const uint8_t *text, size_t length)
{
    uint8_t padding = length > 0 ? text[length - 1] : 0;

    if (length % BLOCK_SIZE != 0 || padding < 1 || padding > BLOCK_SIZE)
        return 0;
    for (size_t i = length - padding; i < length; i++)
        if (text[i] != padding)
            return 0;
    return length - padding;
}

int32_t keyring_open(struct keyring *keyring, struct span additional, struct span sealed,
                     uint8_t *target, size_t *ret_length)
{
    struct reader reader = reader_of(sealed.bytes, sealed.length);
    uint8_t version = read_u8(&reader);
    const uint8_t *nonce = read_span(&reader, AES_GCM_NONCE_SIZE);
    struct aes_gcm_context context = context_of(nonce, additional);
    size_t opened = 0;
    size_t length;

    if (reader.failed || version > VERSION_PLAIN)
        return MLB_ERROR_MALFORMED;
    while (opened < keyring->count &&
           aes_gcm_open(keyring->keys[opened], &context, reader.at, reader.left, target) != 0)
        opened++;
    if (opened == keyring->count)
        return MLB_ERROR_MALFORMED;
    length = reader.left - AES_GCM_TAG_SIZE;
    if (version == VERSION_PADDED)
        length = length_without_padding(target, length);
    if (length == 0)
        return MLB_ERROR_MALFORMED;
    *ret_length = length;
    return MLB_OK;
}

/*
 * MetalLB appends the SHA-256 of nothing to the secret, where it seems to mean the SHA-256 of the
 * secret, and takes the first 32 bytes of that.
 */
int32_t keyring_key_from_secret(const uint8_t *secret, size_t length,
                                struct mlb_membership_key *key)
{
    struct mlb_membership_key derived = {.length = DERIVED_KEY_SIZE};
    struct sha256_prefix nothing;
    struct sha256_digest digest;

    if (!secret || length == 0 || !key)
        return MLB_ERROR_INVALID_ARGUMENT;
    sha256_prefix_init(&nothing, "", 0);
    sha256_with_prefix(&nothing, "", 0, &digest);
    for (size_t i = 0; i < DERIVED_KEY_SIZE; i++) {
        size_t at = i - length;

        if (i < length)
            derived.bytes[i] = secret[i];
        else
            derived.bytes[i] = (uint8_t)(digest.words[at / 4] >> (24 - 8 * (at % 4)));
    }
    *key = derived;
    wipe(&derived, sizeof(derived));
    return MLB_OK;
}
