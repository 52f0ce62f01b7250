/* SPDX-License-Identifier: MIT */
#include "base/diagnostic.h"
#include "base/structs.h"
#include "pool/allocator.h"

_Static_assert(sizeof(struct mlb_port) == 4, "part of the ABI");

static int32_t refuse(const struct mlb_request *request, const char *message,
                      struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request ? request->id : NULL,
                          NULL, "%s", message);
}

static int32_t check_ports(const struct mlb_request *request, struct mlb_diagnostic *diagnostic)
{
    if (request->port_count > 0 && !request->ports)
        return refuse(request, "a request with a count of ports names none", diagnostic);
    for (uint32_t i = 0; i < request->port_count; i++)
        if (request->ports[i].number == 0)
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, NULL,
                                  "%s names port 0; ports are 1 to 65535", request->id);
    return MLB_OK;
}

static int32_t check(const struct mlb_request *request, struct mlb_diagnostic *diagnostic)
{
    if (!request->id || request->id[0] == '\0')
        return refuse(NULL, "the request has no id", diagnostic);
    if (request->pool_count > 0 && !request->pools)
        return refuse(request, "a request with a count of pools names none", diagnostic);
    for (uint32_t i = 0; i < request->pool_count; i++)
        if (!request->pools[i])
            return refuse(request, "a request names a pool without a name", diagnostic);
    return check_ports(request, diagnostic);
}

int32_t request_take(const struct mlb_request *given, struct mlb_request *request,
                     struct mlb_diagnostic *diagnostic)
{
    struct mlb_request own = {0};
    int32_t result;

    if (!given)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "request", NULL,
                              "there is no request (NULL)");
    if (!struct_read(&own, sizeof(own), given, first_size_mlb_request))
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "struct_size", NULL,
                              "the struct_size of the request is %u; set it to "
                              "sizeof(struct mlb_request) and all that is not used to zero",
                              given->struct_size);
    result = check(&own, diagnostic);
    if (result == MLB_OK)
        *request = own;
    return result;
}
