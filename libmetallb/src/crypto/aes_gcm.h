/* SPDX-License-Identifier: MIT */
/* AES in Galois/counter mode (NIST SP 800-38D) with a nonce of 12 bytes and a tag of 16. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define AES_GCM_NONCE_SIZE 12
#define AES_GCM_TAG_SIZE   16

/* Most bytes of a text and of what is authenticated with it. */
#define AES_GCM_LENGTH_MAX (1u << 30)

/* A key made ready for both directions. It belongs to one thread at a time. */
struct aes_gcm;

/* What is authenticated besides the text. */
struct aes_gcm_context {
    const uint8_t *nonce; /* AES_GCM_NONCE_SIZE bytes, never twice with one key when sealing */
    const uint8_t *additional;
    size_t additional_length;
};

/* Tells whether AES knows keys of this length: 16, 24 or 32 bytes. */
int aes_gcm_is_key_length(size_t length);

/* Takes a key of such a length, which is copied; NULL without memory. */
struct aes_gcm *aes_gcm_new(const uint8_t *key, size_t length);

/* Wipes the key; NULL is ignored. */
void aes_gcm_free(struct aes_gcm *aes);

/*
 * Encrypts length bytes.
 *
 * @param target  room for length and AES_GCM_TAG_SIZE bytes, the tag last
 * @return        0, else nothing in target is of use
 */
int aes_gcm_seal(struct aes_gcm *aes, const struct aes_gcm_context *context, const uint8_t *plain,
                 size_t length, uint8_t *target);

/*
 * Decrypts length bytes, at least AES_GCM_TAG_SIZE of them, the tag last.
 *
 * @param target  room for the rest, not where the input stands
 * @return        0, else they are not authentic and what stands in target must not be used
 */
int aes_gcm_open(struct aes_gcm *aes, const struct aes_gcm_context *context, const uint8_t *sealed,
                 size_t length, uint8_t *target);
