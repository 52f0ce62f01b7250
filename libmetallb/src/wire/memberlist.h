/* SPDX-License-Identifier: MIT */
/*
 * The messages of memberlist: a type byte and a MessagePack map. Parsers take what follows the type
 * byte and ignore unknown fields and bytes behind the map; builders write the type byte too, with
 * keys in the order of Go. Spans of a parsed message alias the input.
 */
#pragma once

#include "wire/msgpack.h"

enum memberlist_type {
    MEMBERLIST_PING = 0,
    MEMBERLIST_INDIRECT_PING = 1,
    MEMBERLIST_ACK = 2,
    MEMBERLIST_SUSPECT = 3,
    MEMBERLIST_ALIVE = 4,
    MEMBERLIST_DEAD = 5,
    MEMBERLIST_PUSH_PULL = 6,
    MEMBERLIST_COMPOUND = 7,
    MEMBERLIST_USER = 8,
    MEMBERLIST_COMPRESS = 9,
    MEMBERLIST_ENCRYPT = 10,
    MEMBERLIST_NACK = 11,
    MEMBERLIST_CRC = 12,
    MEMBERLIST_ERROR = 13,
    MEMBERLIST_LABEL = 244,
};

/* States on the wire: those of struct mlb_member. */

#define MEMBERLIST_VERSIONS 6

/* Most messages of a compound; bytes of its head and of each length in it. */
#define MEMBERLIST_COMPOUND_MAX    255
#define MEMBERLIST_COMPOUND_HEAD   2
#define MEMBERLIST_COMPOUND_LENGTH 2

struct memberlist_ping {
    struct span node;
    struct span source_address; /* 0, 4 or 16 bytes */
    struct span source_node;
    uint32_t sequence;
    uint16_t source_port;
};

struct memberlist_indirect_ping {
    struct span node;
    struct span target; /* 4 or 16 bytes */
    struct span source_address;
    struct span source_node;
    uint32_t sequence;
    uint16_t port;
    uint16_t source_port;
    int nack; /* the asker wants to know also of a failure */
};

struct memberlist_ack {
    struct span payload;
    uint32_t sequence;
};

struct memberlist_nack {
    uint32_t sequence;
};

/* suspect and dead */
struct memberlist_verdict {
    struct span node;
    struct span from;
    uint32_t incarnation;
};

/* alive, and an entry of push/pull, where also the state is told */
struct memberlist_node {
    struct span name;
    struct span address; /* 4 or 16 bytes; in push/pull 0 where the peer has none of use */
    struct span meta;
    struct span versions; /* 0 to 6 bytes */
    uint32_t incarnation;
    uint16_t port;
    uint32_t state; /* MLB_MEMBER_*; only in push/pull */
};

struct memberlist_push_pull {
    int join;
    uint32_t nodes;
    uint32_t user_state_length;
};

/* Results: MLB_OK, or MLB_ERROR_MALFORMED with *message untouched. */
int32_t memberlist_parse_ping(const uint8_t *body, size_t length, struct memberlist_ping *message);
int32_t memberlist_parse_indirect_ping(const uint8_t *body, size_t length,
                                       struct memberlist_indirect_ping *message);
int32_t memberlist_parse_ack(const uint8_t *body, size_t length, struct memberlist_ack *message);
int32_t memberlist_parse_nack(const uint8_t *body, size_t length, struct memberlist_nack *message);
int32_t memberlist_parse_verdict(const uint8_t *body, size_t length,
                                 struct memberlist_verdict *message);
int32_t memberlist_parse_alive(const uint8_t *body, size_t length, struct memberlist_node *message);
int32_t memberlist_parse_error(const uint8_t *body, size_t length, struct span *text);

/*
 * Parts of a stream, which have no length of their own: each takes one map from the reader. Where
 * the reader failed because bytes are missing, more may come; MLB_ERROR_BUFFER_TOO_SMALL tells this
 * from MLB_ERROR_MALFORMED.
 */
int32_t memberlist_read_push_pull(struct reader *reader, struct memberlist_push_pull *head);
int32_t memberlist_read_node(struct reader *reader, struct memberlist_node *node);
int32_t memberlist_read_user_length(struct reader *reader, uint32_t *length);

/* Builders; writer->failed where the message does not fit. */
void memberlist_build_ping(struct writer *writer, const struct memberlist_ping *message);
void memberlist_build_indirect_ping(struct writer *writer,
                                    const struct memberlist_indirect_ping *message);
void memberlist_build_ack(struct writer *writer, const struct memberlist_ack *message);
void memberlist_build_nack(struct writer *writer, const struct memberlist_nack *message);
void memberlist_build_verdict(struct writer *writer, enum memberlist_type type,
                              const struct memberlist_verdict *message);
void memberlist_build_alive(struct writer *writer, const struct memberlist_node *message);
void memberlist_build_error(struct writer *writer, const char *text);
/* Type byte and head; then come the nodes and the user state. */
void memberlist_build_push_pull(struct writer *writer, const struct memberlist_push_pull *head);
void memberlist_build_node(struct writer *writer, const struct memberlist_node *node);
/* Type byte and head of a user message in a stream; then comes the message. */
void memberlist_build_user_length(struct writer *writer, uint32_t length);

/* Walks a compound's body (behind its type byte): what is complete is given, then it ends. */
struct memberlist_compound {
    struct reader lengths;
    struct reader bodies;
    uint32_t left;
};
/* MLB_ERROR_MALFORMED where the table of lengths is cut short. */
int32_t memberlist_compound_open(const uint8_t *body, size_t length,
                                 struct memberlist_compound *compound);
/* 1 with a message (its type byte first; may be empty), else 0. */
int memberlist_compound_next(struct memberlist_compound *compound, struct span *message);
