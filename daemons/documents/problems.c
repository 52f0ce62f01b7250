/* SPDX-License-Identifier: MIT */
#include "documents/problems.h"

void problems_document_write(struct json_writer *writer, const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];

        if (problem->severity != PROBLEM_ERROR)
            continue;
        json_begin_object(writer);
        json_text_member(writer, "message", problem->message);
        json_text_member(writer, "file", problem->file);
        json_unsigned_member(writer, "line", problem->line);
        json_text_member(writer, "object", problem->object);
        json_text_member(writer, "field", problem->field);
        json_end_object(writer);
    }
}
