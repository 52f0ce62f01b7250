/* SPDX-License-Identifier: MIT */
#include <metallb/error.h>

#include <string.h>

#include "base/structs.h"

void mlb_diagnostic_init(struct mlb_diagnostic *diagnostic)
{
    if (!diagnostic)
        return;
    /* The caller may be older than this library: its memory holds the first version for sure. */
    memset(diagnostic, 0, first_size_mlb_diagnostic);
    diagnostic->struct_size = first_size_mlb_diagnostic;
}

/* A switch without default over the codes, so that the compiler finds one that was forgotten. */
static const char *text_of(enum mlb_error code)
{
    switch (code) {
    case MLB_OK:
        return "success";
    case MLB_ERROR_INVALID_ARGUMENT:
        return "invalid argument";
    case MLB_ERROR_WRONG_STATE:
        return "not possible in this state";
    case MLB_ERROR_NOT_FOUND:
        return "not found";
    case MLB_ERROR_EXISTS:
        return "the name is taken";
    case MLB_ERROR_BUFFER_TOO_SMALL:
        return "the buffer is too small";
    case MLB_ERROR_EMPTY:
        return "empty entry";
    case MLB_ERROR_ADDRESS:
        return "not an IP address";
    case MLB_ERROR_ZONE:
        return "an address with a zone";
    case MLB_ERROR_LEADING_ZERO:
        return "a number with a leading zero";
    case MLB_ERROR_PREFIX_LENGTH:
        return "bad prefix length";
    case MLB_ERROR_RANGE_FIRST:
        return "the start of the range is not an IP address";
    case MLB_ERROR_RANGE_LAST:
        return "the end of the range is not an IP address";
    case MLB_ERROR_RANGE_REVERSED:
        return "the range ends before it starts";
    case MLB_ERROR_RANGE_FAMILIES:
        return "the range mixes IPv4 and IPv6";
    case MLB_ERROR_MALFORMED:
        return "malformed message";
    case MLB_ERROR_OVERLAP:
        return "overlap";
    case MLB_ERROR_EXHAUSTED:
        return "no address available";
    case MLB_ERROR_NOT_IN_POOL:
        return "not in a pool";
    case MLB_ERROR_POOL_NOT_ALLOWED:
        return "the pool may not be used";
    case MLB_ERROR_SHARING:
        return "the address is taken and cannot be shared";
    case MLB_ERROR_PORT_IN_USE:
        return "the port is in use on the shared address";
    case MLB_ERROR_FAMILY:
        return "the address families do not agree";
    case MLB_ERROR_SYSTEM:
        return "system call failed";
    case MLB_ERROR_PERMISSION:
        return "missing capability";
    case MLB_ERROR_UNSUPPORTED:
        return "not supported by the kernel or the peer";
    case MLB_ERROR_NO_MEMORY:
        return "out of memory";
    case MLB_ERROR_INTERNAL:
        return "internal error";
    }
    return NULL;
}

const char *mlb_strerror(int32_t code)
{
    const char *text = text_of((enum mlb_error)code);

    return text ? text : "unknown error";
}

int32_t mlb_error_is_fatal(int32_t code)
{
    return code <= MLB_ERROR_NO_MEMORY;
}
