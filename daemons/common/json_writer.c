/* SPDX-License-Identifier: MIT */
#include "common/json_writer.h"

#include <inttypes.h>

static void before_value(struct json_writer *writer)
{
    if (writer->comma)
        fputc(',', writer->stream);
    writer->comma = true;
}

static void begin(struct json_writer *writer, char bracket)
{
    before_value(writer);
    fputc(bracket, writer->stream);
    writer->comma = false;
}

static void end(struct json_writer *writer, char bracket)
{
    fputc(bracket, writer->stream);
    writer->comma = true;
}

void json_begin_object(struct json_writer *writer)
{
    begin(writer, '{');
}

void json_end_object(struct json_writer *writer)
{
    end(writer, '}');
}

void json_begin_array(struct json_writer *writer)
{
    begin(writer, '[');
}

void json_end_array(struct json_writer *writer)
{
    end(writer, ']');
}

void json_key(struct json_writer *writer, const char *key)
{
    json_text(writer, key);
    fputc(':', writer->stream);
    writer->comma = false;
}

void json_text(struct json_writer *writer, const char *text)
{
    before_value(writer);
    if (text == NULL) {
        fputs("null", writer->stream);
        return;
    }
    fputc('"', writer->stream);
    json_write_escaped(writer->stream, text);
    fputc('"', writer->stream);
}

void json_unsigned(struct json_writer *writer, uint64_t value)
{
    before_value(writer);
    fprintf(writer->stream, "%" PRIu64, value);
}

void json_boolean(struct json_writer *writer, bool value)
{
    before_value(writer);
    fputs(value ? "true" : "false", writer->stream);
}

/* RFC 3629 §4: the bytes that may follow a leading byte; overlong forms and surrogates are out. */
static size_t sequence_of(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef) {
        *low = lead == 0xe0 ? 0xa0 : 0x80;
        *high = lead == 0xed ? 0x9f : 0xbf;
        return 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        *low = lead == 0xf0 ? 0x90 : 0x80;
        *high = lead == 0xf4 ? 0x8f : 0xbf;
        return 4;
    }
    return 0;
}

size_t utf8_character_length(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char low;
    unsigned char high;
    size_t length;

    if (bytes[0] < 0x80)
        return 1;
    length = sequence_of(bytes[0], &low, &high);
    for (size_t i = 1; i < length; i++) {
        if (bytes[i] < low || bytes[i] > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    return length;
}

static void write_ascii(FILE *stream, unsigned char character)
{
    switch (character) {
    case '"':
    case '\\':
        fputc('\\', stream);
        fputc(character, stream);
        return;
    case '\n':
        fputs("\\n", stream);
        return;
    case '\r':
        fputs("\\r", stream);
        return;
    case '\t':
        fputs("\\t", stream);
        return;
    default:
        if (character < 0x20 || character == 0x7f)
            fprintf(stream, "\\u%04x", character);
        else
            fputc(character, stream);
    }
}

void json_write_escaped(FILE *stream, const char *text)
{
    while (*text != '\0') {
        size_t length = utf8_character_length(text);

        if (length == 0) {
            fputs("\\ufffd", stream);
            length = 1;
        } else if (length == 1) {
            write_ascii(stream, (unsigned char)*text);
        } else {
            fwrite(text, 1, length, stream);
        }
        text += length;
    }
}

void json_text_member(struct json_writer *writer, const char *key, const char *text)
{
    json_key(writer, key);
    json_text(writer, text);
}

void json_unsigned_member(struct json_writer *writer, const char *key, uint64_t value)
{
    json_key(writer, key);
    json_unsigned(writer, value);
}
