/* SPDX-License-Identifier: MIT */
/*
 * What is around the messages of memberlist on the wire: label, encryption, checksum, compression
 * and compound, for packets and for streams (docs: "UDP packet framing", "TCP streams").
 */
#pragma once

#include <metallb/membership.h>

#include "wire/memberlist.h"

/* Compounds and compressions within each other that are followed. */
#define SEAL_DEPTH_MAX 4

/* Largest packet before decompression and after; largest plain stream that is taken. */
#define SEAL_PACKET_MAX 65536
#define SEAL_PLAIN_MAX  65536
#define SEAL_STREAM_MAX (20u * 1024 * 1024)

/* memberlist's UDPBufferSize; what label and encryption take of it. */
#define SEAL_PACKET_BUDGET 1400

struct seal; /* keys, label and memory of one membership */

struct seal_options {
    const char *label; /* NULL or "": none */
    int compress;
    /* Fills bytes that nobody can foresee: the nonces. Returns 0, else nothing is sent. */
    int (*entropy)(void *context, uint8_t *bytes, size_t length);
    void *entropy_context;
};

/* MLB_OK, MLB_ERROR_INVALID_ARGUMENT (label), MLB_ERROR_NO_MEMORY. */
int32_t seal_new(const struct seal_options *options, struct seal **ret);

/* Wipes the keys; NULL is ignored. */
void seal_free(struct seal *seal);

/*
 * MLB_OK, MLB_ERROR_INVALID_ARGUMENT for a bad length or too many, MLB_ERROR_NO_MEMORY, with the
 * keys as before; count 0: no encryption.
 */
int32_t seal_set_keys(struct seal *seal, const struct mlb_membership_key *keys, size_t count);

/* Bytes of the budget that label and encryption take from a packet. */
size_t seal_overhead(const struct seal *seal);

/*
 * Called for each message: its type byte first, never empty; of any type but those that seal.h
 * deals with. It may close packets and streams, but not open a packet.
 */
typedef void (*seal_handler)(void *context, const uint8_t *message, size_t length);

/*
 * Opens a packet. Messages that it holds are handed over in order; those behind a broken one too,
 * as far as the packet is sound.
 *
 * @return  MLB_OK, or MLB_ERROR_MALFORMED for a packet refused whole (label, key, checksum), with
 *          nothing handed over
 */
int32_t seal_open_packet(struct seal *seal, const uint8_t *bytes, size_t length,
                         seal_handler handler, void *context);

/*
 * Seals messages into a packet: one bare, several as compound.
 *
 * @param checksum  1 to add one (members of protocol version 5)
 * @param target    room for capacity bytes; SEAL_PACKET_MAX is always enough
 * @return          the bytes of the packet; 0 if it does not fit or without entropy
 */
size_t seal_close_packet(struct seal *seal, const struct span *messages, size_t count, int checksum,
                         uint8_t *target, size_t capacity);

/* Which side of a stream we are: only who dialled sends a label. */
enum seal_role {
    SEAL_DIALLED,
    SEAL_ACCEPTED,
};

/*
 * Seals a whole stream message (type byte first).
 *
 * @param ret  receives the bytes, which the caller frees
 * @return     MLB_OK, MLB_ERROR_NO_MEMORY, MLB_ERROR_INVALID_ARGUMENT (too long),
 *             MLB_ERROR_SYSTEM (no entropy)
 */
int32_t seal_close_stream(struct seal *seal, enum seal_role role, const uint8_t *message,
                          size_t length, uint8_t **ret, size_t *ret_length);

/*
 * Takes a stream in pieces until its one message is complete. An error is final, and so is a
 * complete message: what comes then is not looked at.
 */
struct seal_stream;

/* NULL without memory. */
struct seal_stream *seal_stream_new(struct seal *seal, enum seal_role role);
void seal_stream_free(struct seal_stream *stream);

/*
 * Takes the next piece; memory grows by what has come, never by what is claimed.
 *
 * @return  1 when the message is complete, 0 when more is needed, MLB_ERROR_MALFORMED (also bad key
 *          or label, or more than SEAL_STREAM_MAX), MLB_ERROR_NO_MEMORY
 */
int seal_stream_input(struct seal_stream *stream, const uint8_t *bytes, size_t length);

/* The complete message, type byte first; valid until the stream is freed. */
struct span seal_stream_message(const struct seal_stream *stream);
