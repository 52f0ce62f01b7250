/* SPDX-License-Identifier: MIT */
#include "base/diagnostic.h"
#include "base/structs.h"
#include "pool/allocator.h"

_Static_assert(sizeof(struct mlb_port) == 4, "part of the ABI");

static int32_t check_ports(const struct mlb_request *request, struct mlb_diagnostic *diagnostic)
{
    if (request->port_count > 0 && !request->ports)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, "ports",
                              "the port_count of %s is %u but its ports are missing (NULL)",
                              request->id, request->port_count);
    for (uint32_t i = 0; i < request->port_count; i++)
        if (request->ports[i].number == 0)
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, "ports",
                                  "port %u of %u of %s has the number 0; it can be 1 to 65535",
                                  i + 1, request->port_count, request->id);
    return MLB_OK;
}

static int32_t check_pools(const struct mlb_request *request, struct mlb_diagnostic *diagnostic)
{
    if (request->pool_count > 0 && !request->pools)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, "pools",
                              "the pool_count of %s is %u but its pools are missing (NULL)",
                              request->id, request->pool_count);
    for (uint32_t i = 0; i < request->pool_count; i++)
        if (!request->pools[i])
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, "pools",
                                  "pool %u of %u that %s may use has no name (NULL)", i + 1,
                                  request->pool_count, request->id);
    return MLB_OK;
}

/* What is not refused now could never get a meaning. */
static int32_t check_reserved(const struct mlb_request *request, struct mlb_diagnostic *diagnostic)
{
    const uint8_t *bytes = request->reserved;

    if (bytes[0] || bytes[1] || bytes[2])
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, "reserved",
                              "the member \"reserved\" of %s is %u, %u, %u; set all to 0",
                              request->id, bytes[0], bytes[1], bytes[2]);
    if (request->reserved2)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, "reserved2",
                              "the member \"reserved2\" of %s is %u; set it to 0", request->id,
                              request->reserved2);
    return MLB_OK;
}

static int32_t check(const struct mlb_request *request, struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!request->id || request->id[0] == '\0')
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "id", NULL,
                              "the request has no id; give it one that no other has, for example "
                              "\"namespace/name\"");
    result = check_pools(request, diagnostic);
    if (result == MLB_OK)
        result = check_ports(request, diagnostic);
    return result == MLB_OK ? check_reserved(request, diagnostic) : result;
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
        return struct_refuse(given, sizeof(own), "mlb_request", diagnostic);
    result = check(&own, diagnostic);
    if (result == MLB_OK)
        *request = own;
    return result;
}
