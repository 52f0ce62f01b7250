/* SPDX-License-Identifier: MIT */
#include "documents/addresses.h"

void addresses_document_write(struct json_writer *writer, const char *key,
                              const struct mlb_address *addresses, size_t count)
{
    json_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++) {
        char text[MLB_ADDRESS_TEXT_SIZE] = "";

        mlb_address_format(&addresses[i], text, sizeof(text), NULL);
        json_text(writer, text);
    }
    json_end_array(writer);
}
