/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A part of a text that belongs to somebody else; not NUL-terminated. */
struct text {
    const char *start;
    size_t length;
};

struct text text_of(const char *string);

/* The text without the Unicode white space (UTF-8) at both ends. */
struct text text_trim(struct text text);

/* Offset of a character, or the length of the text if it is not there. */
size_t text_find(struct text text, char character);

bool text_contains(struct text text, char character);

/* The first length characters, and all behind an offset. */
struct text text_before(struct text text, size_t length);
struct text text_after(struct text text, size_t offset);

bool text_is_digit(char character);
