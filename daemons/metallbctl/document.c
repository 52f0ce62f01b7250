/* SPDX-License-Identifier: MIT */
#include "metallbctl/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metallbctl/ask.h"
#include "metallbctl/command.h"

const char *document_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static int show(const char *command, const char *path, const char *answer, bool json,
                int (*print)(const cJSON *document))
{
    cJSON *document = cJSON_Parse(answer);
    if (!cJSON_IsObject(document)) {
        fprintf(stderr, "metallbctl %s: %s does not answer like a speaker or controller\n", command,
                path);
        cJSON_Delete(document);
        return EXIT_BAD;
    }
    int result = EXIT_GOOD;
    const char *error = document_text(document, "error");
    if (error != NULL) {
        fprintf(stderr, "metallbctl %s: %s: %s\n", command, path, error);
        result = EXIT_BAD;
    } else if (json) {
        /* The daemon's own text: numbers keep all their digits. */
        size_t length = strlen(answer);
        printf("%s%s", answer, length > 0 && answer[length - 1] == '\n' ? "" : "\n");
    } else {
        result = print(document);
    }
    cJSON_Delete(document);
    return result;
}

int document_ask(const char *command, const char *path, const char *request, bool json,
                 int (*print)(const cJSON *document))
{
    char line[64];
    char *answer = NULL;
    snprintf(line, sizeof(line), "{\"command\":\"%s\"}\n", request);
    int status = ask(command, path, line, &answer);
    if (status == EXIT_GOOD)
        status = show(command, path, answer, json, print);
    free(answer);
    return status;
}
