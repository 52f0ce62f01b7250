/* SPDX-License-Identifier: MIT */
#include "crypto/aes_gcm.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ready.h"

/* The key schedule is computed once for each direction; a text sets just its nonce. */
struct aes_gcm {
    EVP_CIPHER_CTX *sealing;
    EVP_CIPHER_CTX *opening;
};

static const EVP_CIPHER *cipher_of(size_t key_length)
{
    switch (key_length) {
    case 16:
        return EVP_aes_128_gcm();
    case 24:
        return EVP_aes_192_gcm();
    case 32:
        return EVP_aes_256_gcm();
    default:
        return NULL;
    }
}

int aes_gcm_is_key_length(size_t length)
{
    return cipher_of(length) != NULL;
}

static EVP_CIPHER_CTX *new_direction(const uint8_t *key, size_t length, int sealing)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

    if (context && EVP_CipherInit_ex(context, cipher_of(length), NULL, key, NULL, sealing) == 1)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

struct aes_gcm *aes_gcm_new(const uint8_t *key, size_t length)
{
    struct aes_gcm *aes = crypto_is_ready() ? calloc(1, sizeof(*aes)) : NULL;

    if (!aes)
        return NULL;
    aes->sealing = new_direction(key, length, 1);
    aes->opening = new_direction(key, length, 0);
    if (aes->sealing && aes->opening)
        return aes;
    aes_gcm_free(aes);
    return NULL;
}

void aes_gcm_free(struct aes_gcm *aes)
{
    if (!aes)
        return;
    /* Both wipe the key schedule. */
    EVP_CIPHER_CTX_free(aes->sealing);
    EVP_CIPHER_CTX_free(aes->opening);
    free(aes);
}

/* Sets the nonce and takes what is authenticated besides the text; 1 if that worked. */
static int begin(EVP_CIPHER_CTX *direction, const struct aes_gcm_context *context)
{
    int written;

    if (context->additional_length > AES_GCM_LENGTH_MAX)
        return 0;
    if (EVP_CipherInit_ex(direction, NULL, NULL, NULL, context->nonce, -1) != 1)
        return 0;
    return context->additional_length == 0 ||
           EVP_CipherUpdate(direction, NULL, &written, context->additional,
                            (int)context->additional_length) == 1;
}

/* Passes a text through; 1 if that worked. */
static int pass(EVP_CIPHER_CTX *direction, const uint8_t *bytes, size_t length, uint8_t *target)
{
    int written;

    if (length > AES_GCM_LENGTH_MAX)
        return 0;
    return length == 0 || EVP_CipherUpdate(direction, target, &written, bytes, (int)length) == 1;
}

/* GCM leaves no bytes for the end, but the interface wants room for some. */
static int finish(EVP_CIPHER_CTX *direction)
{
    uint8_t rest[EVP_MAX_BLOCK_LENGTH];
    int written;

    return EVP_CipherFinal_ex(direction, rest, &written) == 1;
}

int aes_gcm_seal(struct aes_gcm *aes, const struct aes_gcm_context *context, const uint8_t *plain,
                 size_t length, uint8_t *target)
{
    if (!begin(aes->sealing, context) || !pass(aes->sealing, plain, length, target) ||
        !finish(aes->sealing))
        return -1;
    return EVP_CIPHER_CTX_ctrl(aes->sealing, EVP_CTRL_AEAD_GET_TAG, AES_GCM_TAG_SIZE,
                               target + length) == 1
               ? 0
               : -1;
}

int aes_gcm_open(struct aes_gcm *aes, const struct aes_gcm_context *context, const uint8_t *sealed,
                 size_t length, uint8_t *target)
{
    uint8_t tag[AES_GCM_TAG_SIZE];
    size_t text;

    if (length < AES_GCM_TAG_SIZE)
        return -1;
    text = length - AES_GCM_TAG_SIZE;
    memcpy(tag, sealed + text, sizeof(tag));
    if (!begin(aes->opening, context) || !pass(aes->opening, sealed, text, target) ||
        EVP_CIPHER_CTX_ctrl(aes->opening, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1)
        return -1;
    return finish(aes->opening) ? 0 : -1;
}
