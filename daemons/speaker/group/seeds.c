/* SPDX-License-Identifier: MIT */
#include "speaker/group/seeds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_PREFIX "file:"
#define SEPARATORS  ", \t\r\n"

const char *seeds_path(const char *members)
{
    if (strncmp(members, FILE_PREFIX, strlen(FILE_PREFIX)) == 0)
        return members + strlen(FILE_PREFIX);
    return strchr(members, '/') != NULL ? members : NULL;
}

static void blank_remarks(char *text)
{
    for (char *c = strchr(text, '#'); c != NULL; c = strchr(c, '#'))
        while (*c != '\0' && *c != '\n')
            *c++ = ' ';
}

int seeds_read(const char *text, struct seeds *seeds)
{
    struct seeds read = {.text = strdup(text), .items = calloc(SEEDS_MAX, sizeof(*read.items))};
    char *rest = NULL;

    if (read.text == NULL || read.items == NULL) {
        seeds_clear(&read);
        return -ENOMEM;
    }
    blank_remarks(read.text);
    for (char *item = strtok_r(read.text, SEPARATORS, &rest); item != NULL;
         item = strtok_r(NULL, SEPARATORS, &rest)) {
        if (read.count == SEEDS_MAX) {
            seeds_clear(&read);
            return -E2BIG;
        }
        read.items[read.count++] = item;
    }
    *seeds = read;
    return 0;
}

void seeds_clear(struct seeds *seeds)
{
    free(seeds->text);
    free(seeds->items);
    *seeds = (struct seeds){0};
}
