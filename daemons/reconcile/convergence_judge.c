/* SPDX-License-Identifier: MIT */
/* What a service has: whether it stays or goes. */
#include <errno.h>
#include <string.h>

#include "reconcile/convergence_steps.h"
#include "reconcile/service_terms.h"

static void set_need(struct convergence *work)
{
    work->need = work->request.wanted_count > 0 ? NEED_REQUESTED : NEED_AUTOMATIC;
}

/* Takes from a service what it has, so that it gets something else. */
static int give_up(const struct convergence_context *context, struct convergence *work,
                   const char *reason)
{
    mlb_allocator_release(context->allocator, work->id, NULL);
    work->result->address_count = 0;
    work->result->pool = NULL;
    work->result->condition = SERVICE_UNASSIGNED;
    work->given_up = reason;
    set_need(work);
    return reason == NULL ? -ENOMEM : 0;
}

/* What cannot be assigned together is reserved one by one, so that nobody else gets any of it. */
static int reserve_each(const struct convergence_context *context, const struct convergence *work,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct mlb_request request = convergence_request(work);
        request.id = arena_format(context->arena, "%s#%zu", work->id, i);
        if (request.id == NULL)
            return -ENOMEM;
        convergence_use_pools(&request, context, work, POOL_CHOICE_ANY);
        request.addresses = &work->existing[i];
        request.address_count = 1;
        if (mlb_allocator_assign(context->allocator, &request, NULL, NULL) == MLB_ERROR_NO_MEMORY)
            return -ENOMEM;
    }
    return 0;
}

int convergence_reserve(struct convergence_context *context, const struct convergence *work)
{
    struct service_result result = {0};
    struct convergence recorded = *work;
    recorded.result = &result;
    if (service_terms_read(work->recorded_terms, context->arena, &recorded.request) == -ENOMEM)
        return -ENOMEM;
    return convergence_memory_error(convergence_assign(
        context, &recorded, work->existing, work->existing_count, POOL_CHOICE_ANY, NULL));
}

int convergence_keep(struct convergence_context *context, struct convergence *work,
                     const char *reason)
{
    size_t count = work->existing_count > MLB_ASSIGNMENT_ADDRESSES_MAX
                       ? MLB_ASSIGNMENT_ADDRESSES_MAX
                       : work->existing_count;
    if (work->recorded_terms != NULL &&
        service_terms_read(work->recorded_terms, context->arena, &work->request) == -ENOMEM)
        return -ENOMEM;
    mlb_allocator_release(context->allocator, work->id, NULL);
    int32_t code = convergence_assign(context, work, work->existing, count, POOL_CHOICE_ANY, NULL);
    if (code != MLB_OK) {
        memcpy(work->result->addresses, work->existing, count * sizeof(*work->existing));
        work->result->address_count = count;
        work->result->pool = NULL;
    }
    work->result->condition = SERVICE_KEPT;
    work->result->error = reason;
    if (work->recorded_terms != NULL)
        work->result->terms = work->recorded_terms;
    work->need = NEED_NOTHING;
    if (code != MLB_OK && convergence_memory_error(code) == 0)
        return reserve_each(context, work, count);
    return convergence_memory_error(code);
}

static bool same_addresses(const struct mlb_address *a, size_t a_count, const struct mlb_address *b,
                           size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) {
        bool found = false;
        for (size_t j = 0; j < b_count; j++)
            found = found || mlb_address_compare(&a[i], &b[j]) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* What the service itself makes impossible, whatever the pools are. Returns whether it ends. */
static bool is_impossible(struct convergence *work, const char **error)
{
    if (!work->request.lacks_family)
        return false;
    *error = work->service->cluster_ips.count > 0
                 ? "RequireDualStack needs two clusterIPs, one of each family"
                 : "RequireDualStack needs both families, but only one is given";
    return true;
}

/* A second family that the service no longer has goes; the address of the other one stays. */
static void drop_foreign_family(struct convergence *work)
{
    const struct service_request *request = &work->request;
    if (request->dual_stack != MLB_DUAL_STACK_PREFER || work->existing_count != 2 ||
        families_of(work->existing, 2) != MLB_FAMILIES_BOTH ||
        request->families == MLB_FAMILIES_BOTH)
        return;
    uint8_t family = request->families == MLB_FAMILIES_IPV6 ? MLB_FAMILY_IPV6 : MLB_FAMILY_IPV4;
    if (work->existing[0].family != family)
        work->existing++;
    work->existing_count = 1;
    work->given_up = "the service has one address family only";
}

static bool families_fit(const struct convergence *work)
{
    uint32_t families = work->existing_count > MLB_ASSIGNMENT_ADDRESSES_MAX
                            ? 0
                            : families_of(work->existing, work->existing_count);
    if (families == 0)
        return false;
    return families == work->request.families ||
           (work->request.families == MLB_FAMILIES_BOTH &&
            work->request.dual_stack == MLB_DUAL_STACK_PREFER);
}

/* After the existing addresses were assigned: does the service ask for others? */
static int judge_wishes(struct convergence_context *context, struct convergence *work)
{
    const struct service_request *request = &work->request;
    struct service_result *result = work->result;
    if (request->pool != NULL && (result->pool == NULL || strcmp(result->pool, request->pool) != 0))
        return give_up(
            context, work,
            arena_format(context->arena, "the service asks for the pool %s", request->pool));
    if (request->wanted_error != NULL) {
        result->error = request->wanted_error;
        return 0;
    }
    if (request->wanted_count > 0 && !same_addresses(request->wanted, request->wanted_count,
                                                     result->addresses, result->address_count))
        return give_up(context, work, "the service asks for other addresses");
    if (result->address_count == 1 && request->wanted_count == 0 &&
        request->dual_stack == MLB_DUAL_STACK_PREFER && request->families == MLB_FAMILIES_BOTH)
        work->need = NEED_COMPLETION;
    return 0;
}

static int judge_existing(struct convergence_context *context, struct convergence *work)
{
    const char *error = NULL;
    if (context->pools->count == 0)
        return give_up(context, work, "no IPAddressPool is configured");
    if (is_impossible(work, &error))
        return give_up(context, work, error);
    drop_foreign_family(work);
    if (work->request.families_error == NULL && !families_fit(work))
        return give_up(context, work, "its addresses are not of the families of the service");
    struct mlb_diagnostic diagnostic;
    mlb_diagnostic_init(&diagnostic);
    int32_t code = convergence_assign(context, work, work->existing, work->existing_count,
                                      POOL_CHOICE_EXPLICIT, &diagnostic);
    if (code == MLB_ERROR_NO_MEMORY)
        return -ENOMEM;
    if (code != MLB_OK)
        return give_up(context, work, arena_copy(context->arena, diagnostic.message));
    if (work->request.families_error != NULL) {
        work->result->error = work->request.families_error;
        return 0;
    }
    return judge_wishes(context, work);
}

/* While manifests are broken or incomplete nobody can say whether what is asked is meant. */
static int judge_held(struct convergence_context *context, struct convergence *work)
{
    const struct mlb_address *existing = work->existing;
    size_t count = work->existing_count;
    int result = judge_existing(context, work);
    if (result != 0 || work->given_up == NULL)
        return result;
    const char *reason =
        arena_format(context->arena, "kept until all manifests can be read: %s", work->given_up);
    if (reason == NULL)
        return -ENOMEM;
    work->given_up = NULL;
    work->existing = existing;
    work->existing_count = count;
    return convergence_keep(context, work, reason);
}

int convergence_judge(struct convergence_context *context, struct convergence *work)
{
    const char *error = NULL;
    work->need = NEED_NOTHING;
    work->result->condition = SERVICE_UNASSIGNED;
    if (work->existing_count > 0) {
        int result = context->holds ? judge_held(context, work) : judge_existing(context, work);
        if (result != 0 || work->result->address_count > 0)
            return result;
    }
    if (context->pools->count == 0)
        return convergence_refuse(work, "no IPAddressPool is configured");
    if (is_impossible(work, &error))
        return convergence_refuse(work, error);
    if (work->request.families_error != NULL)
        return convergence_refuse(work, work->request.families_error);
    set_need(work);
    return 0;
}
