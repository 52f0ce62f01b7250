/* SPDX-License-Identifier: MIT */
#include "objects/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define SUBDOMAIN_MAX 253
#define LABEL_MAX     63

#define LOWER         "abcdefghijklmnopqrstuvwxyz"
#define UPPER         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS        "0123456789"
#define ALPHANUMERIC  LOWER UPPER DIGITS

/* Only these characters, and of the outer ones at both ends. */
static bool consists_of(const char *text, size_t length, const char *inner, const char *outer)
{
    if (length == 0 || strchr(outer, text[0]) == NULL || strchr(outer, text[length - 1]) == NULL)
        return false;
    for (size_t i = 0; i < length; i++)
        if (strchr(inner, text[i]) == NULL)
            return false;
    return true;
}

/* Parts with a dot between them. */
static bool is_dotted(const char *name, const char *inner, const char *outer)
{
    for (const char *part = name; part != NULL;) {
        const char *dot = strchr(part, '.');
        size_t length = dot == NULL ? strlen(part) : (size_t)(dot - part);

        if (!consists_of(part, length, inner, outer))
            return false;
        part = dot == NULL ? NULL : dot + 1;
    }
    return true;
}

const char *names_check_object_name(const char *name)
{
    if (strlen(name) > SUBDOMAIN_MAX)
        return "must have at most 253 characters";
    if (!is_dotted(name, ALPHANUMERIC "-_", ALPHANUMERIC))
        return "must consist of letters, digits, \"-\", \"_\" and \".\", and begin and end with a "
               "letter or digit";
    return NULL;
}

const char *names_check_subdomain(const char *name)
{
    if (strlen(name) > SUBDOMAIN_MAX)
        return "must have at most 253 characters";
    if (!is_dotted(name, LOWER DIGITS "-", LOWER DIGITS))
        return "must consist of lower case letters, digits, \"-\" and \".\", and begin and end "
               "with a letter or digit";
    return NULL;
}

const char *names_check_dns_label(const char *name)
{
    size_t length = strlen(name);

    if (length > LABEL_MAX)
        return "must have at most 63 characters";
    if (!consists_of(name, length, LOWER DIGITS "-", LOWER DIGITS))
        return "must consist of lower case letters, digits and \"-\", and begin and end with a "
               "letter or digit";
    return NULL;
}

const char *names_check_label_key(const char *key)
{
    const char *slash = strchr(key, '/');
    const char *name = slash == NULL ? key : slash + 1;
    char prefix[SUBDOMAIN_MAX + 1];

    if (slash != NULL) {
        size_t length = (size_t)(slash - key);

        if (length > SUBDOMAIN_MAX)
            return "the prefix of a label key must have at most 253 characters";
        memcpy(prefix, key, length);
        prefix[length] = '\0';
        if (names_check_subdomain(prefix) != NULL)
            return "the prefix of a label key must be a DNS name in lower case";
    }
    if (strlen(name) > LABEL_MAX)
        return "a label key must have at most 63 characters behind its prefix";
    if (!consists_of(name, strlen(name), ALPHANUMERIC "-_.", ALPHANUMERIC))
        return "a label key must consist of letters, digits, \"-\", \"_\" and \".\", and begin and "
               "end with a letter or digit";
    return NULL;
}

const char *names_check_label_value(const char *value)
{
    size_t length = strlen(value);

    if (length > LABEL_MAX)
        return "a label value must have at most 63 characters";
    if (length > 0 && !consists_of(value, length, ALPHANUMERIC "-_.", ALPHANUMERIC))
        return "a label value must consist of letters, digits, \"-\", \"_\" and \".\", and begin "
               "and end with a letter or digit";
    return NULL;
}
