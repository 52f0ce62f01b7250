/* SPDX-License-Identifier: MIT */
#include "address/text.h"

#include <string.h>

struct text text_of(const char *string)
{
    return (struct text){.start = string, .length = strlen(string)};
}

/* Length of the white-space character that begins here, in bytes; 0 if none does. */
static size_t space_length(struct text text)
{
    static const char *const others[] = {
        "\xc2\x85",     /* U+0085 next line */
        "\xc2\xa0",     /* U+00A0 no-break space */
        "\xe1\x9a\x80", /* U+1680 ogham space mark */
        "\xe2\x80\xa8", /* U+2028 line separator */
        "\xe2\x80\xa9", /* U+2029 paragraph separator */
        "\xe2\x80\xaf", /* U+202F narrow no-break space */
        "\xe2\x81\x9f", /* U+205F medium mathematical space */
        "\xe3\x80\x80", /* U+3000 ideographic space */
    };

    if (text.length == 0)
        return 0;
    if (text.start[0] == ' ' || (text.start[0] >= '\t' && text.start[0] <= '\r'))
        return 1;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        const size_t length = strlen(others[i]);

        if (text.length >= length && memcmp(text.start, others[i], length) == 0)
            return length;
    }
    /* U+2000 to U+200A: the spaces of typography. */
    if (text.length >= 3 && memcmp(text.start, "\xe2\x80", 2) == 0 &&
        (unsigned char)text.start[2] >= 0x80 && (unsigned char)text.start[2] <= 0x8a)
        return 3;
    return 0;
}

/* As space_length() for the character that ends the text. */
static size_t last_space_length(struct text text)
{
    for (size_t length = 1; length <= 3 && length <= text.length; length++) {
        const struct text end = text_after(text, text.length - length);

        if (space_length(end) == length)
            return length;
    }
    return 0;
}

struct text text_trim(struct text text)
{
    size_t length;

    while ((length = space_length(text)) > 0)
        text = text_after(text, length);
    while ((length = last_space_length(text)) > 0)
        text.length -= length;
    return text;
}

size_t text_find(struct text text, char character)
{
    const char *found = text.length > 0 ? memchr(text.start, character, text.length) : NULL;

    return found ? (size_t)(found - text.start) : text.length;
}

bool text_contains(struct text text, char character)
{
    return text_find(text, character) < text.length;
}

struct text text_before(struct text text, size_t length)
{
    return (struct text){.start = text.start, .length = length};
}

struct text text_after(struct text text, size_t offset)
{
    return (struct text){.start = text.start + offset, .length = text.length - offset};
}

bool text_is_digit(char character)
{
    return character >= '0' && character <= '9';
}
