/* SPDX-License-Identifier: MIT */
#include "base/refusals.h"

#include <string.h>

#include "base/diagnostic.h"

int32_t refuse_no_object(const char *kind, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, kind, NULL,
                          "there is no %s (NULL); make one with mlb_%s_new()", kind, kind);
}

int32_t refuse_no_place(const char *kind, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, kind, NULL,
                          "there is no place for the %s (NULL)", kind);
}

int32_t refuse_missing(const char *argument, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, argument, NULL,
                          "the argument \"%s\" is missing (NULL)", argument);
}

int32_t refuse_no_list(const char *argument, size_t count, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, argument, NULL,
                          "the count is %zu but the list of %s is missing (NULL)", count, argument);
}

int32_t refuse_no_memory(const char *what, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_NO_MEMORY, NULL, NULL, "no memory for %s", what);
}

int32_t text_give(const char *text, char *buffer, size_t size, struct mlb_diagnostic *diagnostic)
{
    const size_t needed = strlen(text) + 1;

    if (!buffer)
        return refuse_missing("buffer", diagnostic);
    if (needed > size)
        return diagnostic_set(diagnostic, MLB_ERROR_BUFFER_TOO_SMALL, text, NULL,
                              "\"%.200s\" needs %zu bytes with its NUL but the buffer has %zu",
                              text, needed, size);
    memcpy(buffer, text, needed);
    return MLB_OK;
}
