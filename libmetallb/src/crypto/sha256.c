/* SPDX-License-Identifier: MIT */
/*
 * The election hashes millions of short messages, each one block. The EVP interface spends several
 * times the hashing itself on each call, so this file uses the block function of libcrypto 1.1,
 * which OpenSSL 3 still carries, and pads the messages itself (FIPS 180-4).
 */
#define OPENSSL_API_COMPAT 0x10100000L

#include "crypto/sha256.h"

#include <openssl/sha.h>
#include <string.h>

/* FIPS 180-4 §5.3.3. */
static const uint32_t initial_state[SHA256_STATE_WORDS] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* FIPS 180-4 §5.1.1: a one bit, zeros, and the length in bits as the last 8 bytes of a block. */
#define LENGTH_OFFSET (SHA256_BLOCK_SIZE - 8)

static void load(SHA256_CTX *context, const uint32_t *state)
{
    for (size_t i = 0; i < SHA256_STATE_WORDS; i++)
        context->h[i] = state[i];
}

static void store(const SHA256_CTX *context, uint32_t *state)
{
    for (size_t i = 0; i < SHA256_STATE_WORDS; i++)
        state[i] = context->h[i];
}

static void put_length(uint8_t *block, uint64_t bytes)
{
    uint64_t bits = bytes * 8;

    for (int i = 0; i < 8; i++)
        block[LENGTH_OFFSET + i] = (uint8_t)(bits >> (56 - 8 * i));
}

/* Hashes whole blocks of the input as they fill; returns the bytes left in the block. */
static size_t absorb(SHA256_CTX *context, uint8_t *block, size_t used, const uint8_t *bytes,
                     size_t length)
{
    while (length >= SHA256_BLOCK_SIZE - used) {
        size_t part = SHA256_BLOCK_SIZE - used;

        memcpy(block + used, bytes, part);
        SHA256_Transform(context, block);
        bytes += part;
        length -= part;
        used = 0;
    }
    if (length)
        memcpy(block + used, bytes, length);
    return used + length;
}

static void finish(SHA256_CTX *context, uint8_t *block, size_t used, uint64_t total)
{
    block[used++] = 0x80;
    if (used > LENGTH_OFFSET) {
        memset(block + used, 0, SHA256_BLOCK_SIZE - used);
        SHA256_Transform(context, block);
        used = 0;
    }
    memset(block + used, 0, LENGTH_OFFSET - used);
    put_length(block, total);
    SHA256_Transform(context, block);
}

void sha256_prefix_init(struct sha256_prefix *prefix, const void *bytes, size_t length)
{
    SHA256_CTX context;

    load(&context, initial_state);
    memset(prefix->tail, 0, sizeof(prefix->tail));
    prefix->length = (uint32_t)length;
    prefix->tail_length = (uint32_t)absorb(&context, prefix->tail, 0, bytes, length);
    store(&context, prefix->state);
}

void sha256_with_prefix(const struct sha256_prefix *prefix, const void *suffix, size_t length,
                        struct sha256_digest *digest)
{
    SHA256_CTX context;
    uint8_t block[SHA256_BLOCK_SIZE];
    size_t used;

    load(&context, prefix->state);
    memcpy(block, prefix->tail, sizeof(block));
    used = absorb(&context, block, prefix->tail_length, suffix, length);
    finish(&context, block, used, (uint64_t)prefix->length + length);
    store(&context, digest->words);
}

int sha256_compare(const struct sha256_digest *a, const struct sha256_digest *b)
{
    for (size_t i = 0; i < SHA256_STATE_WORDS; i++)
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i] ? -1 : 1;
    return 0;
}
