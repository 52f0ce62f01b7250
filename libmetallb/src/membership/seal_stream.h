/* SPDX-License-Identifier: MIT */
/* What both directions of a stream know of its encryption. */
#pragma once

#include "membership/seal_internal.h"

/* Type byte and length of what is encrypted. */
#define SEAL_STREAM_HEAD           5

#define SEAL_STREAM_ADDITIONAL_MAX (SEAL_STREAM_HEAD + MLB_MEMBERSHIP_LABEL_MAX)

/*
 * Writes what is authenticated with a stream, its header and the label, and returns the length.
 *
 * @param header  SEAL_STREAM_HEAD bytes
 * @param target  room for SEAL_STREAM_ADDITIONAL_MAX bytes
 */
size_t seal_stream_additional(const struct seal *seal, const uint8_t *header, uint8_t *target);
