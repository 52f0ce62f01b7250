/* SPDX-License-Identifier: MIT */
/* Addresses as an array of texts in a JSON object. */
#pragma once

#include <metallb/address.h>
#include <stddef.h>

#include "common/json_writer.h"

void addresses_document_write(struct json_writer *writer, const char *key,
                              const struct mlb_address *addresses, size_t count);
