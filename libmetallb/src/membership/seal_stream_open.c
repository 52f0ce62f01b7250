/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "membership/compression.h"
#include "membership/seal_stream.h"
#include "membership/stream_scan.h"

/* Most bytes of a stream: label, header and what that may announce. */
#define INPUT_MAX    (LABEL_HEAD + MLB_MEMBERSHIP_LABEL_MAX + SEAL_STREAM_HEAD + SEAL_STREAM_MAX)

#define CAPACITY_MIN 512

enum stage {
    STAGE_LABEL,
    STAGE_FRAME, /* is it encrypted? */
    STAGE_ENCRYPTED,
    STAGE_MESSAGE,
};

struct seal_stream {
    struct seal *seal;
    enum seal_role role;
    enum stage stage;
    int result;   /* of the call before; all but 0 stay */
    int is_whole; /* nothing will come behind these bytes */
    int inflated; /* they were compressed */
    size_t start; /* of what belongs to the stage */
    size_t used;
    size_t capacity;
    uint8_t *bytes; /* as they came, then what was encrypted, then what was compressed */
    struct stream_scan scan;
};

struct seal_stream *seal_stream_new(struct seal *seal, enum seal_role role)
{
    struct seal_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return NULL;
    stream->seal = seal;
    stream->role = role;
    return stream;
}

void seal_stream_free(struct seal_stream *stream)
{
    if (!stream)
        return;
    free(stream->bytes);
    free(stream);
}

/* Room for length bytes more. It at least doubles, so that each byte is copied few times. */
static int32_t reserve(struct seal_stream *stream, size_t length)
{
    size_t needed = stream->used + length;
    size_t capacity = stream->capacity < CAPACITY_MIN ? CAPACITY_MIN : 2 * stream->capacity;
    uint8_t *bytes;

    if (needed <= stream->capacity)
        return MLB_OK;
    if (capacity < needed)
        capacity = needed;
    bytes = reallocarray(stream->bytes, capacity, 1);
    if (!bytes)
        return MLB_ERROR_NO_MEMORY;
    stream->bytes = bytes;
    stream->capacity = capacity;
    return MLB_OK;
}

static int32_t append(struct seal_stream *stream, const uint8_t *bytes, size_t length)
{
    int32_t result;

    if (length > INPUT_MAX - stream->used)
        return MLB_ERROR_MALFORMED;
    result = reserve(stream, length);
    if (result != MLB_OK || length == 0)
        return result;
    memcpy(stream->bytes + stream->used, bytes, length);
    stream->used += length;
    return MLB_OK;
}

/* Goes on with what came out of the bytes so far; that is all, so nothing may be missing in it. */
static void replace(struct seal_stream *stream, uint8_t *bytes, size_t length)
{
    free(stream->bytes);
    stream->bytes = bytes;
    stream->used = length;
    stream->capacity = length;
    stream->start = 0;
    stream->is_whole = 1;
}

static void enter(struct seal_stream *stream, enum stage stage, size_t start)
{
    stream->stage = stage;
    stream->start = start;
    if (stage == STAGE_MESSAGE)
        stream_scan_begin(&stream->scan, start);
}

/* Each stage returns 1 when the next one can go on, 0 when more is needed, or an error. */
static int take_label(struct seal_stream *stream)
{
    uint8_t expected[LABEL_HEAD + MLB_MEMBERSHIP_LABEL_MAX];
    struct writer writer = writer_to(expected, sizeof(expected));
    size_t present;

    /* Who dialled sends the label; the answer has none. */
    if (stream->role == SEAL_ACCEPTED)
        seal_write_label(stream->seal, &writer);
    present = stream->used < writer.used ? stream->used : writer.used;
    if (present > 0 && memcmp(stream->bytes, expected, present) != 0)
        return MLB_ERROR_MALFORMED;
    if (present < writer.used)
        return 0;
    enter(stream, STAGE_FRAME, writer.used);
    return 1;
}

static int choose_frame(struct seal_stream *stream)
{
    int is_encrypted;

    if (stream->used == stream->start)
        return 0;
    is_encrypted = stream->bytes[stream->start] == MEMBERLIST_ENCRYPT;
    if (is_encrypted != (stream->seal->keyring.count > 0))
        return MLB_ERROR_MALFORMED;
    enter(stream, is_encrypted ? STAGE_ENCRYPTED : STAGE_MESSAGE, stream->start);
    return 1;
}

static int32_t decrypt(struct seal_stream *stream, struct span sealed)
{
    uint8_t additional[SEAL_STREAM_ADDITIONAL_MAX];
    struct span authenticated = {.bytes = additional};
    uint8_t *plain = malloc(sealed.length);
    size_t length = 0;

    if (!plain)
        return MLB_ERROR_NO_MEMORY;
    authenticated.length =
        seal_stream_additional(stream->seal, stream->bytes + stream->start, additional);
    if (keyring_open(&stream->seal->keyring, authenticated, sealed, plain, &length) != MLB_OK) {
        free(plain);
        return MLB_ERROR_MALFORMED;
    }
    replace(stream, plain, length);
    return MLB_OK;
}

static int open_encrypted(struct seal_stream *stream)
{
    struct reader reader = reader_of(stream->bytes + stream->start, stream->used - stream->start);
    size_t length;
    int32_t result;

    if (reader.left < SEAL_STREAM_HEAD)
        return 0;
    read_u8(&reader);
    length = read_u32(&reader);
    if (length <= KEYRING_OVERHEAD || length > SEAL_STREAM_MAX)
        return MLB_ERROR_MALFORMED;
    if (reader.left < length)
        return 0;
    result = decrypt(stream, (struct span){.bytes = reader.at, .length = length});
    if (result != MLB_OK)
        return result;
    enter(stream, STAGE_MESSAGE, 0);
    return 1;
}

/* How far the bytes expand is not told. The room grows with what really comes out of them. */
static int32_t inflate(struct seal_stream *stream, struct span compressed)
{
    size_t capacity = 4 * compressed.length + CAPACITY_MIN;
    int32_t result = MLB_ERROR_BUFFER_TOO_SMALL;
    uint8_t *bytes = NULL;
    size_t length = 0;

    for (; result == MLB_ERROR_BUFFER_TOO_SMALL; capacity *= 4) {
        if (capacity > SEAL_STREAM_MAX)
            capacity = SEAL_STREAM_MAX;
        free(bytes);
        bytes = malloc(capacity);
        if (!bytes)
            return MLB_ERROR_NO_MEMORY;
        result = lzw_decompress(compressed.bytes, compressed.length, bytes, capacity, &length);
        if (capacity == SEAL_STREAM_MAX)
            break;
    }
    if (result != MLB_OK) {
        free(bytes);
        return MLB_ERROR_MALFORMED;
    }
    replace(stream, bytes, length);
    return MLB_OK;
}

static int open_compressed(struct seal_stream *stream)
{
    size_t start = stream->start + 1;
    struct span body = {.bytes = stream->bytes + start,
                        .length = stream_scan_end(&stream->scan) - start};
    struct span compressed;
    int32_t result;

    if (stream->inflated || compression_parse(body, &compressed) != MLB_OK)
        return MLB_ERROR_MALFORMED;
    result = inflate(stream, compressed);
    if (result != MLB_OK)
        return result;
    stream->inflated = 1;
    enter(stream, STAGE_MESSAGE, 0);
    return 1;
}

/* Returns 1 with the complete message. */
static int open_message(struct seal_stream *stream)
{
    int result = stream_scan_message(&stream->scan, stream->bytes, stream->used);

    if (result == MSGPACK_SCAN_SHORT)
        return stream->is_whole ? MLB_ERROR_MALFORMED : 0;
    if (result != MSGPACK_SCAN_WHOLE)
        return MLB_ERROR_MALFORMED;
    if (stream->scan.type != MEMBERLIST_COMPRESS)
        return 1;
    result = open_compressed(stream);
    return result == 1 ? open_message(stream) : result;
}

static int advance(struct seal_stream *stream)
{
    int result = 1;

    if (stream->stage == STAGE_LABEL)
        result = take_label(stream);
    if (result == 1 && stream->stage == STAGE_FRAME)
        result = choose_frame(stream);
    if (result == 1 && stream->stage == STAGE_ENCRYPTED)
        result = open_encrypted(stream);
    if (result == 1)
        result = open_message(stream);
    return result;
}

int seal_stream_input(struct seal_stream *stream, const uint8_t *bytes, size_t length)
{
    if (stream->result == 0)
        stream->result = append(stream, bytes, length);
    if (stream->result == 0)
        stream->result = advance(stream);
    return stream->result;
}

struct span seal_stream_message(const struct seal_stream *stream)
{
    return (struct span){.bytes = stream->bytes + stream->start,
                         .length = stream_scan_end(&stream->scan) - stream->start};
}
