/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"

#define HELP_COLUMN 28

void options_environment_name(const struct option *option, char *buffer, size_t size)
{
    snprintf(buffer, size, "METALLB_%s",
             option->environment != NULL ? option->environment : option->name);
    for (char *c = buffer; *c != '\0'; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

static void write_help_lines(FILE *stream, const char *help)
{
    for (const char *line = help; line != NULL;) {
        const char *end = strchr(line, '\n');
        int length = end != NULL ? (int)(end - line) : (int)strlen(line);

        fprintf(stream, "%*s%.*s\n", line == help ? 0 : HELP_COLUMN, "", length, line);
        line = end != NULL ? end + 1 : NULL;
    }
}

static void write_help_option(FILE *stream, const char *name, const char *argument,
                              const char *help)
{
    int width = fprintf(stream, "  --%s%s%s", name, argument != NULL ? " " : "",
                        argument != NULL ? argument : "");

    if (width >= HELP_COLUMN) {
        fputc('\n', stream);
        width = 0;
    }
    fprintf(stream, "%*s", HELP_COLUMN - width, "");
    write_help_lines(stream, help);
}

char *options_help(const struct option *options, size_t count, const char *usage,
                   const char *summary)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    if (stream == NULL)
        return NULL;
    fprintf(stream, "usage: %s\n%s\n\noptions:\n", usage, summary);
    for (size_t i = 0; i < count; i++) {
        char name[OPTION_NAME_SIZE];

        write_help_option(stream, options[i].name, options[i].argument, options[i].help);
        options_environment_name(&options[i], name, sizeof(name));
        fprintf(stream, "%*s[%s]\n", HELP_COLUMN, "", name);
    }
    write_help_option(stream, "help", NULL, "show this text");
    write_help_option(stream, "version", NULL, "show the version");
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
