/* SPDX-License-Identifier: MIT */
#pragma once

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

/* Reads a file of tests/cases/data; CASES_DIRECTORY names another directory. NULL if unreadable. */
static inline cJSON *case_file_load(const char *name)
{
    const char *directory = getenv("CASES_DIRECTORY");
    char path[4096];
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream;
    FILE *copy;
    cJSON *root;
    int character;

    snprintf(path, sizeof(path), "%s/%s", directory ? directory : CASES_DIR, name);
    stream = fopen(path, "r");
    copy = stream ? open_memstream(&bytes, &length) : NULL;
    if (!copy) {
        if (stream)
            fclose(stream);
        return NULL;
    }
    while ((character = getc(stream)) != EOF)
        putc(character, copy);
    fclose(stream);
    fclose(copy);
    root = cJSON_Parse(bytes);
    free(bytes);
    return root;
}
