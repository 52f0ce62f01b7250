/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "membership/seal_internal.h"

int32_t seal_new(const struct seal_options *options, struct seal **ret)
{
    size_t label_length = options->label ? strlen(options->label) : 0;
    struct seal *seal;

    if (label_length > MLB_MEMBERSHIP_LABEL_MAX)
        return MLB_ERROR_INVALID_ARGUMENT;
    seal = calloc(1, sizeof(*seal));
    if (!seal)
        return MLB_ERROR_NO_MEMORY;
    seal->entropy = options->entropy;
    seal->entropy_context = options->entropy_context;
    seal->compress = options->compress;
    seal->label_length = label_length;
    if (label_length > 0)
        memcpy(seal->label, options->label, label_length);
    seal->encoder = lzw_encoder_new();
    if (!seal->encoder) {
        seal_free(seal);
        return MLB_ERROR_NO_MEMORY;
    }
    *ret = seal;
    return MLB_OK;
}

void seal_free(struct seal *seal)
{
    if (!seal)
        return;
    keyring_clear(&seal->keyring);
    lzw_encoder_free(seal->encoder);
    free(seal);
}

int32_t seal_set_keys(struct seal *seal, const struct mlb_membership_key *keys, size_t count)
{
    return keyring_set(&seal->keyring, keys, count);
}

struct span seal_label(const struct seal *seal)
{
    return (struct span){.bytes = seal->label, .length = seal->label_length};
}

size_t seal_label_overhead(const struct seal *seal)
{
    return seal->label_length > 0 ? LABEL_HEAD + seal->label_length : 0;
}

size_t seal_overhead(const struct seal *seal)
{
    return seal_label_overhead(seal) + (seal->keyring.count > 0 ? KEYRING_OVERHEAD : 0);
}

void seal_write_label(const struct seal *seal, struct writer *writer)
{
    if (seal->label_length == 0)
        return;
    write_u8(writer, MEMBERLIST_LABEL);
    write_u8(writer, (uint8_t)seal->label_length);
    write_bytes(writer, seal->label, seal->label_length);
}
