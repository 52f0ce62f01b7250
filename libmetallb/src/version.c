/* SPDX-License-Identifier: MIT */
#include <metallb/version.h>

#define TEXT(x)    #x
#define TEXT_OF(x) TEXT(x)

uint32_t mlb_version(void)
{
    return MLB_VERSION_MAJOR << 16 | MLB_VERSION_MINOR << 8 | MLB_VERSION_PATCH;
}

const char *mlb_version_text(void)
{
    return TEXT_OF(MLB_VERSION_MAJOR) "." TEXT_OF(MLB_VERSION_MINOR) "." TEXT_OF(MLB_VERSION_PATCH);
}
