/* SPDX-License-Identifier: MIT */
#include "base/structs.h"

#include <string.h>

static uint32_t size_of_caller(const void *object)
{
    uint32_t size;

    memcpy(&size, object, sizeof(size));
    return size;
}

bool struct_is_readable(const void *object, size_t known_size)
{
    const unsigned char *bytes = object;
    uint32_t size;

    if (!object)
        return false;
    size = size_of_caller(object);
    if (size < known_size)
        return false;
    for (size_t i = known_size; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

bool struct_is_writable(const void *object, size_t known_size)
{
    return object && size_of_caller(object) >= known_size;
}
