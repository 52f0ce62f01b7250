/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "membership/compression.h"
#include "membership/seal_stream.h"

size_t seal_stream_additional(const struct seal *seal, const uint8_t *header, uint8_t *target)
{
    memcpy(target, header, SEAL_STREAM_HEAD);
    memcpy(target + SEAL_STREAM_HEAD, seal->label, seal->label_length);
    return SEAL_STREAM_HEAD + seal->label_length;
}

static int32_t encrypt(struct seal *seal, struct writer *writer, struct span plain)
{
    uint8_t additional[SEAL_STREAM_ADDITIONAL_MAX];
    uint8_t nonce[AES_GCM_NONCE_SIZE];
    struct span authenticated = {.bytes = additional};
    uint8_t *header = writer->start + writer->used;
    uint8_t *target;

    write_u8(writer, MEMBERLIST_ENCRYPT);
    write_u32(writer, (uint32_t)(plain.length + KEYRING_OVERHEAD));
    target = write_span(writer, plain.length + KEYRING_OVERHEAD);
    authenticated.length = seal_stream_additional(seal, header, additional);
    if (seal->entropy(seal->entropy_context, nonce, sizeof(nonce)) != 0 ||
        keyring_seal(&seal->keyring, nonce, authenticated, plain, target) != 0)
        return MLB_ERROR_SYSTEM;
    return MLB_OK;
}

/* Only who dialled sends the label; what is encrypted is authenticated with it either way. */
static int32_t close_message(struct seal *seal, enum seal_role role, struct span message,
                             uint8_t **ret, size_t *ret_length)
{
    size_t capacity =
        seal_label_overhead(seal) + SEAL_STREAM_HEAD + KEYRING_OVERHEAD + message.length;
    uint8_t *bytes = malloc(capacity);
    struct writer writer = writer_to(bytes, capacity);
    int32_t result = MLB_OK;

    if (!bytes)
        return MLB_ERROR_NO_MEMORY;
    if (role == SEAL_DIALLED)
        seal_write_label(seal, &writer);
    if (seal->keyring.count > 0)
        result = encrypt(seal, &writer, message);
    else
        write_bytes(&writer, message.bytes, message.length);
    if (result != MLB_OK) {
        free(bytes);
        return result;
    }
    *ret = bytes;
    *ret_length = writer.used;
    return MLB_OK;
}

static int is_too_long(size_t length)
{
    return length > SEAL_STREAM_MAX - KEYRING_OVERHEAD;
}

/* A stream is compressed even where that makes it longer. */
int32_t seal_close_stream(struct seal *seal, enum seal_role role, const uint8_t *message,
                          size_t length, uint8_t **ret, size_t *ret_length)
{
    struct span plain = {.bytes = message, .length = length};
    uint8_t *compressed = NULL;
    int32_t result = MLB_ERROR_INVALID_ARGUMENT;

    if (length == 0 || is_too_long(length))
        return MLB_ERROR_INVALID_ARGUMENT;
    if (seal->compress) {
        compressed = malloc(compression_bound(length));
        if (!compressed)
            return MLB_ERROR_NO_MEMORY;
        plain = compression_wrap(seal->encoder, plain, compressed, compression_bound(length));
    }
    if (!is_too_long(plain.length))
        result = close_message(seal, role, plain, ret, ret_length);
    free(compressed);
    return result;
}
