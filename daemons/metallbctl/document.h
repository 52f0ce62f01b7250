/* SPDX-License-Identifier: MIT */
/* The JSON documents that daemons answer with. */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>

/* A text of an object, or NULL. */
const char *document_text(const cJSON *object, const char *name);

/*
 * Sends {"command":REQUEST} to a daemon and shows the answer, as it came or by print. What is wrong
 * is said on standard error, also where the answer is {"error":...}.
 *
 * @param command  whose name stands before what is said
 * @param print    shows the answer to people and returns the exit status
 * @return         the exit status
 */
int document_ask(const char *command, const char *path, const char *request, bool json,
                 int (*print)(const cJSON *document));

/* Prints the members of a speaker's status; false without memory. */
bool members_print(const cJSON *members);
