/* SPDX-License-Identifier: MIT */
/* A JSON document on one line in memory, as the control sockets answer. */
#pragma once

#include "common/json_writer.h"

struct json_document {
    struct json_writer writer;
    char *text;
};

/* Returns what to write it with, NULL without memory; length is set when it ends. */
struct json_writer *json_document_begin(struct json_document *document, size_t *length);

/* The text with a newline behind it, which the caller frees; NULL without memory. */
char *json_document_end(struct json_document *document);

/* As json_document_end(): {"KEY":"TEXT"}. */
char *json_document_of_text(const char *key, const char *text, size_t *length);
