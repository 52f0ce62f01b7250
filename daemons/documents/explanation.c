/* SPDX-License-Identifier: MIT */
#include "documents/explanation.h"

#include <errno.h>

#include "common/json_document.h"
#include "documents/addresses.h"

static void write_explanation(struct json_writer *writer,
                              const struct service_explanation *explanation)
{
    const struct service_result *result = explanation->result;
    json_begin_object(writer);
    json_text_member(writer, "namespace", result->namespace_);
    json_text_member(writer, "name", result->name);
    addresses_document_write(writer, "addresses", result->addresses, result->address_count);
    json_text_member(writer, "pool", result->pool);
    json_text_member(writer, "error", result->error);
    json_key(writer, "pools");
    json_begin_array(writer);
    for (size_t i = 0; i < explanation->pool_count; i++) {
        json_begin_object(writer);
        json_text_member(writer, "name", explanation->pools[i].pool);
        json_key(writer, "used");
        json_boolean(writer, explanation->pools[i].used);
        json_text_member(writer, "reason", explanation->pools[i].text);
        json_end_object(writer);
    }
    json_end_array(writer);
    json_end_object(writer);
}

int explanation_document(const struct service_reconciler *reconciler,
                         const struct object_set *objects, const char *namespace_, const char *name,
                         char **text, size_t *length)
{
    struct service_explanation explanation;
    struct json_document document;
    struct json_writer *writer;
    struct arena arena = {0};
    int result =
        service_reconciler_explain(reconciler, objects, namespace_, name, &arena, &explanation);

    *text = NULL;
    if (result == 0) {
        writer = json_document_begin(&document, length);
        if (writer != NULL) {
            write_explanation(writer, &explanation);
            *text = json_document_end(&document);
        }
        result = *text == NULL ? -ENOMEM : 0;
    }
    arena_clear(&arena);
    return result;
}
