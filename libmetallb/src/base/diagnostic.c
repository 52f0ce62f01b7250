/* SPDX-License-Identifier: MIT */
#include "base/diagnostic.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/structs.h"

static void copy_text(char *target, size_t size, const char *source)
{
    snprintf(target, size, "%s", source ? source : "");
}

/* What is written here are members of the first version alone. */
static bool accepts(const struct mlb_diagnostic *diagnostic)
{
    return struct_is_writable(diagnostic, first_size_mlb_diagnostic);
}

int32_t diagnostic_set(struct mlb_diagnostic *diagnostic, int32_t code, const char *subject,
                       const char *other, const char *format, ...)
{
    va_list arguments;

    if (!accepts(diagnostic))
        return code;
    diagnostic->code = code;
    diagnostic->system_error = 0;
    copy_text(diagnostic->subject, sizeof(diagnostic->subject), subject);
    copy_text(diagnostic->other, sizeof(diagnostic->other), other);
    va_start(arguments, format);
    vsnprintf(diagnostic->message, sizeof(diagnostic->message), format, arguments);
    va_end(arguments);
    return code;
}

int32_t diagnostic_set_system(struct mlb_diagnostic *diagnostic, int error, const char *subject,
                              const char *action)
{
    int32_t code = MLB_ERROR_SYSTEM;

    if (error == EPERM || error == EACCES)
        code = MLB_ERROR_PERMISSION;
    else if (error == ENOMEM)
        code = MLB_ERROR_NO_MEMORY;
    diagnostic_set(diagnostic, code, subject, NULL, "%s: %s", action, strerror(error));
    if (accepts(diagnostic))
        diagnostic->system_error = error;
    return code;
}
