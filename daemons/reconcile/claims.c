/* SPDX-License-Identifier: MIT */
#include "reconcile/claims.h"

#include <errno.h>
#include <string.h>

#include "reconcile/request.h"
#include "reconcile/services.h"

/* A service that names its addresses and has no status: the speakers take it at its word. */
static bool is_pinned(const struct standing_context *context, const struct service *service)
{
    const char *list = service_annotation(service, "loadBalancerIPs");
    bool requests = (list != NULL && list[0] != '\0') ||
                    (service->load_balancer_ip != NULL && service->load_balancer_ip[0] != '\0');
    return requests && service->ingress_count == 0 && service->is_load_balancer &&
           service_has_class(service, context->options->load_balancer_class);
}

static int note_refusal(struct arena *arena, struct claims *claims,
                        const struct service_request *request, const struct service_result *result)
{
    struct announcement_warning *note = &claims->notes[claims->note_count++];
    char text[MLB_ADDRESS_TEXT_SIZE] = "";
    if (request->wanted_count > 0 &&
        mlb_address_format(&request->wanted[0], text, sizeof(text), NULL) != MLB_OK)
        return -ENOMEM;
    note->address = arena_copy(arena, text);
    note->message = arena_format(arena, "the request of %s is not granted: %s", request->id,
                                 result->error == NULL ? "its address is taken" : result->error);
    return note->address == NULL || note->message == NULL ? -ENOMEM : 0;
}

/* A refused request still stands for its addresses, so that they are listed with a reason. */
static int add_pinned(struct arena *arena, struct claims *claims,
                      const struct service_result *result)
{
    struct service_request request;
    if (service_request_read(result->service, arena, &request) != 0)
        return -ENOMEM;
    bool granted = result->condition == SERVICE_ASSIGNED;
    if (!granted && note_refusal(arena, claims, &request, result) != 0)
        return -ENOMEM;
    if (request.wanted_count == 0)
        return 0;
    struct mlb_address *addresses =
        arena_allocate(arena, MLB_ASSIGNMENT_ADDRESSES_MAX, sizeof(*addresses));
    if (addresses == NULL)
        return -ENOMEM;
    memcpy(addresses, request.wanted, sizeof(request.wanted));
    claims->items[claims->count++] = (struct standing){.service = result->service,
                                                       .addresses = addresses,
                                                       .address_count = request.wanted_count,
                                                       .reason = granted ? NULL : "ipNotAllowed"};
    return 0;
}

/* What the controller would grant is what may be announced, so its reconciler is asked. */
static int add_all_pinned(const struct standing_context *context, struct arena *arena,
                          struct claims *claims, const bool *pinned)
{
    const struct object_set *objects = context->landscape->objects;
    const struct object_list *list = &objects->lists[OBJECT_SERVICE];
    struct service_reconciler_options options = {.load_balancer_class =
                                                     context->options->load_balancer_class};
    struct service_reconciler *reconciler = NULL;
    struct service_results results;
    if (service_reconciler_new(&options, &reconciler) != 0)
        return -ENOMEM;
    int code = service_reconciler_run(reconciler, objects, NULL, &results);
    size_t at = 0;
    for (size_t i = 0; code == 0 && i < results.service_count; i++) {
        const struct service_result *result = service_results_at(&results, i);
        while (at < list->count && (const struct service *)list->items[at] != result->service)
            at++;
        if (at < list->count && pinned[at])
            code = add_pinned(arena, claims, result);
    }
    service_reconciler_free(reconciler);
    return code;
}

int claims_collect(const struct standing_context *context, struct arena *arena,
                   struct claims *claims)
{
    const struct object_list *list = &context->landscape->objects->lists[OBJECT_SERVICE];
    bool *pinned = arena_allocate(arena, list->count, sizeof(*pinned));
    claims->items = arena_allocate(arena, list->count, sizeof(*claims->items));
    claims->notes = arena_allocate(arena, list->count, sizeof(*claims->notes));
    if (pinned == NULL || claims->items == NULL || claims->notes == NULL)
        return -ENOMEM;
    bool any = false;
    for (size_t i = 0; i < list->count; i++) {
        const struct service *service = (const struct service *)list->items[i];
        pinned[i] = is_pinned(context, service);
        any = any || pinned[i];
        if (service->ingress_count > 0)
            claims->items[claims->count++] =
                (struct standing){.service = service,
                                  .addresses = service->ingress,
                                  .address_count = service->ingress_count};
    }
    return any ? add_all_pinned(context, arena, claims, pinned) : 0;
}
