/* SPDX-License-Identifier: MIT */
/* The keys of a group in order, and the envelope of one encrypted text: version, nonce, text, tag.
 */
#pragma once

#include <metallb/membership.h>

#include "crypto/aes_gcm.h"
#include "wire/msgpack.h"

/* What an envelope of the version that is sent adds to its text: version byte, nonce, tag. */
#define KEYRING_OVERHEAD (1 + AES_GCM_NONCE_SIZE + AES_GCM_TAG_SIZE)

struct keyring {
    struct aes_gcm *keys[MLB_MEMBERSHIP_KEYS_MAX]; /* the first encrypts, each decrypts */
    size_t count;
};

/*
 * Replaces the keys.
 *
 * @return  MLB_OK, MLB_ERROR_INVALID_ARGUMENT for a bad length or more than
 * MLB_MEMBERSHIP_KEYS_MAX, MLB_ERROR_NO_MEMORY; the keys are as before then
 */
int32_t keyring_set(struct keyring *keyring, const struct mlb_membership_key *keys, size_t count);

/* Wipes and drops all keys. */
void keyring_clear(struct keyring *keyring);

/*
 * Encrypts with the first key, which must be there.
 *
 * @param nonce       AES_GCM_NONCE_SIZE bytes that no other text had
 * @param additional  authenticated, not sent
 * @param target      room for plain.length + KEYRING_OVERHEAD bytes
 * @return            0, else nothing in target is of use
 */
int keyring_seal(struct keyring *keyring, const uint8_t *nonce, struct span additional,
                 struct span plain, uint8_t *target);

/*
 * Decrypts an envelope of version 0 or 1 with the first key that fits.
 *
 * @param target    room for sealed.length bytes, not where sealed stands
 * @param ret_length  receives the length of the text, at least 1
 * @return          MLB_OK, MLB_ERROR_MALFORMED: no key fits, another version or a bad padding
 */
int32_t keyring_open(struct keyring *keyring, struct span additional, struct span sealed,
                     uint8_t *target, size_t *ret_length);

/*
 * The key that MetalLB's speakers make of a secret.
 *
 * @param length  bytes of secret, at least 1
 * @return        MLB_OK, MLB_ERROR_INVALID_ARGUMENT
 */
int32_t keyring_key_from_secret(const uint8_t *secret, size_t length,
                                struct mlb_membership_key *key);
