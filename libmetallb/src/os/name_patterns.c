/* SPDX-License-Identifier: MIT */
#include "os/name_patterns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int compile(regex_t *item, const char *text, char *message, size_t size)
{
    int result;

    if (!text) {
        snprintf(message, size, "no pattern");
        return -EINVAL;
    }
    result = regcomp(item, text, REG_EXTENDED | REG_NOSUB);
    if (result == 0)
        return 0;
    if (result == REG_ESPACE)
        return -ENOMEM;
    regerror(result, item, message, size);
    return -EINVAL;
}

int name_patterns_compile(struct name_patterns *patterns, const char *const *texts, size_t count,
                          size_t *bad, char *message, size_t size)
{
    struct name_patterns compiled = {.items = calloc(count + 1, sizeof(*compiled.items))};

    if (!compiled.items)
        return -ENOMEM;
    for (; compiled.count < count; compiled.count++) {
        const int error =
            compile(&compiled.items[compiled.count], texts[compiled.count], message, size);
        if (error) {
            *bad = compiled.count;
            name_patterns_free(&compiled);
            return error;
        }
    }
    *patterns = compiled;
    return 0;
}

void name_patterns_free(struct name_patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++)
        regfree(&patterns->items[i]);
    free(patterns->items);
    *patterns = (struct name_patterns){0};
}

int name_patterns_match(const struct name_patterns *patterns, const char *name)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (regexec(&patterns->items[i], name, 0, NULL, 0) == 0)
            return 1;
    }
    return 0;
}
