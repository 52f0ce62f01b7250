/* SPDX-License-Identifier: MIT */
#include "reconcile/convergence_steps.h"

#include <errno.h>
#include <string.h>

int convergence_memory_error(int32_t code)
{
    return code == MLB_ERROR_NO_MEMORY ? -ENOMEM : 0;
}

struct mlb_request convergence_request(const struct convergence *work)
{
    const struct service_request *request = &work->request;
    return (struct mlb_request){
        .struct_size = sizeof(struct mlb_request),
        .families = request->families == 0 ? MLB_FAMILIES_IPV4 : request->families,
        .dual_stack = request->dual_stack,
        .primary_family = request->primary_family,
        .id = work->id,
        .ports = request->ports,
        .port_count = (uint32_t)request->port_count,
        .sharing_key = request->sharing_key,
        .backend_key = request->backend_key,
    };
}

void convergence_use_pools(struct mlb_request *request, const struct convergence_context *context,
                           const struct convergence *work, enum pool_choice_kind kind)
{
    request->pool_count = (uint32_t)pool_choice_list(context->pools, work->service, kind);
    request->pools = context->pools->names;
}

void convergence_take(const struct convergence_context *context, struct convergence *work,
                      const struct mlb_assignment *assignment)
{
    const struct ip_address_pool *pool = pool_choice_find(context->pools, assignment->pool);
    struct service_result *result = work->result;
    memcpy(result->addresses, assignment->addresses, sizeof(result->addresses));
    result->address_count = assignment->address_count;
    result->pool = pool == NULL ? NULL : pool->object.name;
    result->condition = SERVICE_ASSIGNED;
    result->error = NULL;
}

int32_t convergence_assign(const struct convergence_context *context, struct convergence *work,
                           const struct mlb_address *addresses, size_t count,
                           enum pool_choice_kind kind, struct mlb_diagnostic *diagnostic)
{
    struct mlb_request request = convergence_request(work);
    convergence_use_pools(&request, context, work, kind);
    request.addresses = addresses;
    request.address_count = (uint32_t)count;
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    int32_t code = mlb_allocator_assign(context->allocator, &request, &assignment, diagnostic);
    if (code == MLB_OK)
        convergence_take(context, work, &assignment);
    return code;
}

int convergence_refuse(struct convergence *work, const char *error)
{
    work->result->condition = SERVICE_UNASSIGNED;
    work->result->address_count = 0;
    work->result->pool = NULL;
    work->result->error = error;
    work->need = NEED_NOTHING;
    return error == NULL ? -ENOMEM : 0;
}
