/* SPDX-License-Identifier: MIT */
#include "membership/compression.h"
#include "membership/seal_internal.h"
#include "wire/crc32.h"

/* Writes one message bare, several as compound. */
static void write_messages(struct writer *writer, const struct span *messages, size_t count)
{
    if (count > 1) {
        write_u8(writer, MEMBERLIST_COMPOUND);
        write_u8(writer, (uint8_t)count);
        for (size_t i = 0; i < count; i++)
            write_u16(writer, (uint16_t)messages[i].length);
    }
    for (size_t i = 0; i < count; i++)
        write_bytes(writer, messages[i].bytes, messages[i].length);
}

static int are_closable(const struct span *messages, size_t count)
{
    if (count == 0 || count > MEMBERLIST_COMPOUND_MAX)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (messages[i].length == 0)
            return 0;
    return 1;
}

/* What goes into the packet; CHECKSUM_HEAD bytes before it are free. Length 0 if it is too long. */
static struct span assemble(struct seal *seal, const struct span *messages, size_t count)
{
    struct writer writer =
        writer_to(seal->message + CHECKSUM_HEAD, sizeof(seal->message) - CHECKSUM_HEAD);
    struct span plain = {0};
    struct span compressed = {0};
    size_t capacity;

    write_messages(&writer, messages, count);
    if (writer.failed)
        return plain;
    plain = (struct span){.bytes = writer.start, .length = writer.used};
    /* Compression is only used where it saves something; it need not go on beyond that. */
    capacity = plain.length + COMPRESSION_HEAD_MAX;
    if (seal->compress)
        compressed =
            compression_wrap(seal->encoder, plain, seal->compressed + CHECKSUM_HEAD, capacity);
    return compressed.length > 0 && compressed.length < plain.length ? compressed : plain;
}

/* Puts the checksum into the free bytes before. */
static struct span add_checksum(struct span message)
{
    uint8_t *start = (uint8_t *)message.bytes - CHECKSUM_HEAD;
    struct writer writer = writer_to(start, CHECKSUM_HEAD);

    write_u8(&writer, MEMBERLIST_CRC);
    write_u32(&writer, crc32_of(message.bytes, message.length));
    return (struct span){.bytes = start, .length = CHECKSUM_HEAD + message.length};
}

static void encrypt(struct seal *seal, struct writer *writer, struct span plain)
{
    uint8_t nonce[AES_GCM_NONCE_SIZE];
    uint8_t *target = write_span(writer, plain.length + KEYRING_OVERHEAD);

    if (!target)
        return;
    if (seal->entropy(seal->entropy_context, nonce, sizeof(nonce)) != 0 ||
        keyring_seal(&seal->keyring, nonce, seal_label(seal), plain, target) != 0)
        writer->failed = 1;
}

size_t seal_close_packet(struct seal *seal, const struct span *messages, size_t count, int checksum,
                         uint8_t *target, size_t capacity)
{
    struct writer writer = writer_to(target, capacity);
    struct span message;

    if (!are_closable(messages, count))
        return 0;
    message = assemble(seal, messages, count);
    if (message.length == 0)
        return 0;
    if (checksum)
        message = add_checksum(message);
    seal_write_label(seal, &writer);
    if (seal->keyring.count > 0)
        encrypt(seal, &writer, message);
    else
        write_bytes(&writer, message.bytes, message.length);
    return writer.failed ? 0 : writer.used;
}
