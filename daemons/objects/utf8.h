/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/* Length of the longest beginning of a text that is valid UTF-8 (RFC 3629) without NUL bytes. */
size_t utf8_valid_length(const char *text, size_t length);
