/* SPDX-License-Identifier: MIT */
/* Problems as the objects of a JSON array. */
#pragma once

#include "common/json_writer.h"
#include "objects/problem.h"

/* Writes the errors of a list, each an object with message, file, line, object and field. */
void problems_document_write(struct json_writer *writer, const struct problem_list *problems);
