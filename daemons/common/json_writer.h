/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON text straight to a stream: no tree in memory, integers exact to 64 bits. The caller
 * calls in the order of the text; commas are put by the writer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer {
    FILE *stream;
    bool comma; /* a value stands before the next one in the same array or object */
};

void json_begin_object(struct json_writer *writer);
void json_end_object(struct json_writer *writer);
void json_begin_array(struct json_writer *writer);
void json_end_array(struct json_writer *writer);
void json_key(struct json_writer *writer, const char *key);

/* NULL is written as null. */
void json_text(struct json_writer *writer, const char *text);
void json_unsigned(struct json_writer *writer, uint64_t value);
void json_boolean(struct json_writer *writer, bool value);

/* A key and its value. */
void json_text_member(struct json_writer *writer, const char *key, const char *text);
void json_unsigned_member(struct json_writer *writer, const char *key, uint64_t value);

/*
 * Length in bytes of the UTF-8 character (RFC 3629) that text begins with; 0 where the bytes are
 * none, so that the caller can replace one byte and go on.
 */
size_t utf8_character_length(const char *text);

/* Writes text without quotes so that it can stand between the quotes of a JSON string (RFC 8259
 * §7); bytes that are not UTF-8 become U+FFFD. */
void json_write_escaped(FILE *stream, const char *text);
