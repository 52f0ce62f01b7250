/* SPDX-License-Identifier: MIT */
#include "base/structs.h"

#include <string.h>

#include "base/diagnostic.h"

static uint32_t size_of(const void *given)
{
    uint32_t size;

    memcpy(&size, given, sizeof(size));
    return size;
}

static bool is_known(const void *given, size_t first_size)
{
    return given && size_of(given) >= first_size && size_of(given) <= STRUCT_SIZE_MAX;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

bool struct_read(void *own, size_t own_size, const void *given, size_t first_size)
{
    const unsigned char *bytes = given;
    const uint32_t known = (uint32_t)own_size;

    if (!is_known(given, first_size))
        return false;
    for (size_t i = own_size; i < size_of(given); i++)
        if (bytes[i] != 0)
            return false;
    memcpy(own, given, smaller(own_size, size_of(given)));
    memcpy(own, &known, sizeof(known));
    return true;
}

int32_t struct_refuse(const void *given, size_t own_size, const char *name,
                      struct mlb_diagnostic *diagnostic)
{
    const uint32_t size = size_of(given);

    if (size > own_size && size <= STRUCT_SIZE_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "struct_size", NULL,
                              "the struct %s has %u bytes and asks for something that this library "
                              "does not know; set all behind the first %zu bytes to zero",
                              name, size, own_size);
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "struct_size", NULL,
                          "the struct_size is %u; set it to sizeof(struct %s) and all that is not "
                          "used to zero",
                          size, name);
}

bool struct_is_writable(const void *given, size_t first_size)
{
    return is_known(given, first_size);
}

int32_t struct_check_writable(const void *given, size_t first_size, const char *name,
                              struct mlb_diagnostic *diagnostic)
{
    if (!given)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, name, NULL,
                              "there is no struct %s to write to (NULL)", name);
    if (!is_known(given, first_size))
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "struct_size", NULL,
                              "the struct_size of the struct %s to write to is %u; set it to "
                              "sizeof(struct %s)",
                              name, size_of(given), name);
    return MLB_OK;
}

void struct_write(void *given, const void *own, size_t own_size)
{
    const uint32_t size = size_of(given);
    unsigned char *bytes = given;

    memcpy(bytes, own, smaller(own_size, size));
    if (size > own_size)
        memset(bytes + own_size, 0, size - own_size);
    memcpy(bytes, &size, sizeof(size));
}
