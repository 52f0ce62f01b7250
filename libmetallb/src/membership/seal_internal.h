/* SPDX-License-Identifier: MIT */
/* What packets and streams of one membership have in common. */
#pragma once

#include "membership/compression.h"
#include "membership/keyring.h"
#include "membership/seal.h"

/* Type byte and length byte before a label. */
#define LABEL_HEAD 2

/* Type byte and checksum before what it covers. */
#define CHECKSUM_HEAD 5

struct seal {
    int (*entropy)(void *context, uint8_t *bytes, size_t length);
    void *entropy_context;
    int compress;
    size_t label_length;
    uint8_t label[MLB_MEMBERSHIP_LABEL_MAX];
    struct keyring keyring;
    struct lzw_encoder *encoder;
    /* Of the packet that is opened. */
    uint8_t plain[SEAL_PACKET_MAX];
    uint8_t inflated[SEAL_PLAIN_MAX];
    /* Of the packet that is closed, which a handler of the one above may do. */
    uint8_t message[SEAL_PACKET_MAX];
    uint8_t compressed[SEAL_PACKET_MAX + COMPRESSION_HEAD_MAX];
};

/* The label as it is authenticated with a packet. */
struct span seal_label(const struct seal *seal);

/* Bytes of the header that carries the label: 0 without one. */
size_t seal_label_overhead(const struct seal *seal);

/* Writes that header. */
void seal_write_label(const struct seal *seal, struct writer *writer);
