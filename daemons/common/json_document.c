/* SPDX-License-Identifier: MIT */
#include "common/json_document.h"

#include <stdlib.h>

struct json_writer *json_document_begin(struct json_document *document, size_t *length)
{
    *document = (struct json_document){0};
    document->writer.stream = open_memstream(&document->text, length);
    return document->writer.stream == NULL ? NULL : &document->writer;
}

char *json_document_end(struct json_document *document)
{
    fputc('\n', document->writer.stream);
    if (fclose(document->writer.stream) == 0)
        return document->text;
    free(document->text);
    return NULL;
}

char *json_document_of_text(const char *key, const char *text, size_t *length)
{
    struct json_document document;
    struct json_writer *writer = json_document_begin(&document, length);

    if (writer == NULL)
        return NULL;
    json_begin_object(writer);
    json_text_member(writer, key, text);
    json_end_object(writer);
    return json_document_end(&document);
}
