/* SPDX-License-Identifier: MIT */
#include "common/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parse {
    const struct option *options;
    size_t count;
    char *target;
    char *error;
    size_t error_size;
    uint64_t given; /* bit per option */
};

static bool parse_number(const char *text, unsigned maximum, unsigned *number)
{
    char *end = NULL;
    unsigned long value;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    value = strtoul(text, &end, 10);
    if (errno != 0 || *end != '\0' || value > maximum)
        return false;
    *number = (unsigned)value;
    return true;
}

static bool parse_boolean(const char *text, bool *value)
{
    if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
        *value = true;
    else if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
        *value = false;
    else
        return false;
    return true;
}

static void describe_choices(const struct option *option, char *buffer, size_t size)
{
    size_t used = 0;

    buffer[0] = '\0';
    for (size_t i = 0; option->choices[i] != NULL && used < size; i++)
        used += (size_t)snprintf(buffer + used, size - used, "%s%s", i == 0 ? "" : ", ",
                                 option->choices[i]);
}

static bool wrong(struct parse *parse, const char *source, const char *value, const char *expected)
{
    snprintf(parse->error, parse->error_size, "%s: '%s' is not valid, expected %s", source, value,
             expected);
    return false;
}

static bool apply_choice(struct parse *parse, const struct option *option, const char *source,
                         const char *value)
{
    char expected[128];

    for (unsigned i = 0; option->choices[i] != NULL; i++)
        if (strcmp(option->choices[i], value) == 0) {
            *(unsigned *)(void *)(parse->target + option->offset) = i;
            return true;
        }
    describe_choices(option, expected, sizeof(expected));
    return wrong(parse, source, value, expected);
}

static bool append_value(struct parse *parse, struct option_values *values, const char *source,
                         const char *value)
{
    if (values->count == OPTION_VALUES_MAX) {
        snprintf(parse->error, parse->error_size, "%s: given more than %d times", source,
                 OPTION_VALUES_MAX);
        return false;
    }
    values->items[values->count++] = value;
    return true;
}

static bool apply(struct parse *parse, const struct option *option, const char *source,
                  const char *value)
{
    void *slot = parse->target + option->offset;
    char expected[64];

    switch (option->type) {
    case OPTION_FLAG:
        return parse_boolean(value, slot) || wrong(parse, source, value, "true or false");
    case OPTION_TEXT:
        *(const char **)slot = value;
        return true;
    case OPTION_LIST:
        return append_value(parse, slot, source, value);
    case OPTION_NUMBER:
        snprintf(expected, sizeof(expected), "a number from 0 to %u", option->maximum);
        return parse_number(value, option->maximum, slot) || wrong(parse, source, value, expected);
    case OPTION_CHOICE:
        return apply_choice(parse, option, source, value);
    }
    return false;
}

static bool apply_environment_list(struct parse *parse, const struct option *option,
                                   const char *source, const char *value)
{
    struct option_values *values = (void *)(parse->target + option->offset);
    char *rest = NULL;

    values->memory = strdup(value);
    if (values->memory == NULL) {
        snprintf(parse->error, parse->error_size, "%s: out of memory", source);
        return false;
    }
    for (char *item = strtok_r(values->memory, ":", &rest); item != NULL;
         item = strtok_r(NULL, ":", &rest))
        if (!append_value(parse, values, source, item))
            return false;
    return true;
}

static bool apply_environment(struct parse *parse)
{
    for (size_t i = 0; i < parse->count; i++) {
        const struct option *option = &parse->options[i];
        char name[OPTION_NAME_SIZE];
        const char *value;

        options_environment_name(option, name, sizeof(name));
        value = getenv(name);
        if ((parse->given & (UINT64_C(1) << i)) != 0 || value == NULL || *value == '\0')
            continue;
        if (option->type == OPTION_LIST ? !apply_environment_list(parse, option, name, value)
                                        : !apply(parse, option, name, value))
            return false;
        parse->given |= UINT64_C(1) << i;
    }
    return true;
}

static const struct option *find(const struct parse *parse, const char *name, size_t length)
{
    for (size_t i = 0; i < parse->count; i++)
        if (strlen(parse->options[i].name) == length &&
            memcmp(parse->options[i].name, name, length) == 0)
            return &parse->options[i];
    return NULL;
}

/* Reads one option and its value; returns how many arguments it took, 0 when it is wrong. */
static int apply_argument(struct parse *parse, int left, char *const *arguments)
{
    const char *name = arguments[0] + 2;
    const char *equals = strchr(name, '=');
    size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct option *option = find(parse, name, length);
    const char *value = equals != NULL ? equals + 1 : NULL;
    char source[OPTION_NAME_SIZE];
    int taken = 1;

    snprintf(source, sizeof(source), "--%.*s", (int)length, name);
    if (option == NULL) {
        snprintf(parse->error, parse->error_size, "%s: unknown option", source);
        return 0;
    }
    if (value == NULL && option->type == OPTION_FLAG) {
        value = "true";
    } else if (value == NULL) {
        if (left < 2) {
            snprintf(parse->error, parse->error_size, "%s: needs a value (%s)", source,
                     option->argument);
            return 0;
        }
        value = arguments[1];
        taken = 2;
    }
    parse->given |= UINT64_C(1) << (option - parse->options);
    return apply(parse, option, source, value) ? taken : 0;
}

static bool check_required(struct parse *parse)
{
    for (size_t i = 0; i < parse->count; i++)
        if (parse->options[i].required && (parse->given & (UINT64_C(1) << i)) == 0) {
            snprintf(parse->error, parse->error_size, "--%s: missing, give --%s %s",
                     parse->options[i].name, parse->options[i].name, parse->options[i].argument);
            return false;
        }
    return true;
}

enum option_outcome options_parse(const struct option *options, size_t count, int argument_count,
                                  char *const *arguments, void *target, char *error,
                                  size_t error_size)
{
    struct parse parse = {
        .options = options,
        .count = count,
        .target = target,
        .error = error,
        .error_size = error_size,
    };

    for (int i = 0; i < argument_count;) {
        int taken;

        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
            return OPTIONS_HELP;
        if (strcmp(arguments[i], "--version") == 0)
            return OPTIONS_VERSION;
        if (strncmp(arguments[i], "--", 2) != 0 || arguments[i][2] == '\0') {
            snprintf(error, error_size, "%s: not an option", arguments[i]);
            return OPTIONS_WRONG;
        }
        taken = apply_argument(&parse, argument_count - i, arguments + i);
        if (taken == 0)
            return OPTIONS_WRONG;
        i += taken;
    }
    return apply_environment(&parse) && check_required(&parse) ? OPTIONS_RUN : OPTIONS_WRONG;
}

void options_clear(const struct option *options, size_t count, void *target)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].type == OPTION_LIST) {
            struct option_values *values = (void *)((char *)target + options[i].offset);

            free(values->memory);
            values->memory = NULL;
            values->count = 0;
        }
}
