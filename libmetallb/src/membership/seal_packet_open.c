/* SPDX-License-Identifier: MIT */
#include "membership/compression.h"
#include "membership/seal_internal.h"
#include "wire/crc32.h"

/* One packet on its way to the handler. */
struct opening {
    struct seal *seal;
    seal_handler handler;
    void *context;
    size_t inflated; /* bytes of seal->inflated that are in use */
};

static int32_t open_message(struct opening *opening, struct span message, int depth);

/* Takes the label off; 0 where it is not the one of this group, or none where one is needed. */
static int take_label(const struct seal *seal, struct reader *reader)
{
    const uint8_t *label;
    size_t length = 0;

    if (reader->left == 0)
        return 0;
    if (reader->at[0] != MEMBERLIST_LABEL)
        return seal->label_length == 0;
    read_u8(reader);
    length = read_u8(reader);
    label = read_span(reader, length);
    return label && length > 0 && length == seal->label_length &&
           memcmp(label, seal->label, length) == 0;
}

/* A checksum counts only here, as the outermost of what is not encrypted; 0 where it is wrong. */
static int take_checksum(struct span *message)
{
    struct reader reader = reader_of(message->bytes, message->length);
    uint32_t checksum;

    if (message->length == 0 || read_u8(&reader) != MEMBERLIST_CRC)
        return 1;
    checksum = read_u32(&reader);
    if (reader.failed || crc32_of(reader.at, reader.left) != checksum)
        return 0;
    *message = (struct span){.bytes = reader.at, .length = reader.left};
    return 1;
}

/*
 * All that a packet inflates to shares one memory, and after a failure nothing more is inflated: no
 * packet can make us work without end.
 */
static int32_t open_compressed(struct opening *opening, struct span body, int depth)
{
    uint8_t *target = opening->seal->inflated + opening->inflated;
    struct span compressed;
    size_t length = 0;

    if (compression_parse(body, &compressed) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    if (lzw_decompress(compressed.bytes, compressed.length, target,
                       SEAL_PLAIN_MAX - opening->inflated, &length) != MLB_OK) {
        opening->inflated = SEAL_PLAIN_MAX;
        return MLB_ERROR_MALFORMED;
    }
    opening->inflated += length;
    return open_message(opening, (struct span){.bytes = target, .length = length}, depth);
}

static int32_t open_compound(struct opening *opening, struct span body, int depth)
{
    struct memberlist_compound compound;
    struct span message;

    if (memberlist_compound_open(body.bytes, body.length, &compound) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    while (memberlist_compound_next(&compound, &message))
        (void)open_message(opening, message, depth);
    return MLB_OK;
}

/* @param depth  compounds and compressions around this message */
static int32_t open_message(struct opening *opening, struct span message, int depth)
{
    struct span body;

    if (message.length == 0)
        return MLB_ERROR_MALFORMED;
    body = (struct span){.bytes = message.bytes + 1, .length = message.length - 1};
    switch (message.bytes[0]) {
    case MEMBERLIST_COMPOUND:
        return depth < SEAL_DEPTH_MAX ? open_compound(opening, body, depth + 1)
                                      : MLB_ERROR_MALFORMED;
    case MEMBERLIST_COMPRESS:
        return depth < SEAL_DEPTH_MAX ? open_compressed(opening, body, depth + 1)
                                      : MLB_ERROR_MALFORMED;
    case MEMBERLIST_CRC:
    case MEMBERLIST_ENCRYPT:
    case MEMBERLIST_LABEL:
        return MLB_ERROR_MALFORMED;
    default:
        opening->handler(opening->context, message.bytes, message.length);
        return MLB_OK;
    }
}

int32_t seal_open_packet(struct seal *seal, const uint8_t *bytes, size_t length,
                         seal_handler handler, void *context)
{
    struct opening opening = {.seal = seal, .handler = handler, .context = context};
    struct reader reader = reader_of(bytes, length);
    struct span message;

    if (length > SEAL_PACKET_MAX || !take_label(seal, &reader))
        return MLB_ERROR_MALFORMED;
    message = (struct span){.bytes = reader.at, .length = reader.left};
    if (seal->keyring.count > 0) {
        size_t opened = 0;

        if (keyring_open(&seal->keyring, seal_label(seal), message, seal->plain, &opened) != MLB_OK)
            return MLB_ERROR_MALFORMED;
        message = (struct span){.bytes = seal->plain, .length = opened};
    }
    if (!take_checksum(&message))
        return MLB_ERROR_MALFORMED;
    return open_message(&opening, message, 0);
}
