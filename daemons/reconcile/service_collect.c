/* SPDX-License-Identifier: MIT */
/* Which services a run looks at, and what each of them has so far. */
#include <errno.h>
#include <string.h>

#include "reconcile/service_run.h"
#include "reconcile/service_terms.h"

/* What counts as held: the memory of the reconciler or the status, as the options say. */
static void find_existing(const struct service_run *run, struct service_work *work)
{
    struct convergence *convergence = &work->convergence;
    const struct service *service = convergence->service;
    const struct service_result *memory = &work->entry->result;
    bool has_status = service != NULL && service->ingress_count > 0;
    bool from_memory = memory->address_count > 0 && (run->reconciler->keeps_records || !has_status);
    work->former = from_memory ? memory->addresses : NULL;
    work->former_count = from_memory ? memory->address_count : 0;
    if (!from_memory && has_status) {
        work->former = service->ingress;
        work->former_count = service->ingress_count;
    }
    convergence->existing = work->former;
    convergence->existing_count = work->former_count;
    convergence->recorded_terms = from_memory ? memory->terms : NULL;
}

static int read_request(struct service_run *run, struct service_work *work)
{
    struct convergence *convergence = &work->convergence;
    if (service_request_read(convergence->service, &run->scratch, &convergence->request) != 0)
        return -ENOMEM;
    work->result.terms = service_terms_write(&convergence->request, &run->scratch);
    if (work->result.terms == NULL)
        return -ENOMEM;
    if (convergence->existing_count == 0)
        work->tier = TIER_NOTHING;
    else if (convergence->recorded_terms == NULL)
        work->tier = TIER_STATUS;
    else
        work->tier = strcmp(convergence->recorded_terms, work->result.terms) == 0
                         ? TIER_SAME_TERMS
                         : TIER_CHANGED_TERMS;
    work->is_served = true;
    return 0;
}

/* Of a service that another implementation serves. */
static int set_other_class(struct service_run *run, struct service_work *work)
{
    const char *class = work->convergence.service->load_balancer_class;
    work->result.condition = SERVICE_OTHER_CLASS;
    work->result.error =
        class == NULL || class[0] == '\0'
            ? "a service without a loadBalancerClass is not served here"
            : arena_format(&run->scratch, "loadBalancerClass %s is not served here", class);
    return work->result.error == NULL ? -ENOMEM : 0;
}

/* What the service is to the controller now. */
static int classify(struct service_run *run, struct service_work *work)
{
    const struct service *service = work->convergence.service;
    bool remembers = work->entry->result.address_count > 0;
    find_existing(run, work);
    if (service != NULL && service->is_load_balancer &&
        service_has_class(service, run->reconciler->load_balancer_class))
        return read_request(run, work);
    if (run->context.holds && remembers) {
        work->convergence.existing = work->entry->result.addresses;
        work->convergence.existing_count = work->entry->result.address_count;
        work->convergence.recorded_terms = work->entry->result.terms;
        work->is_orphan = true;
        work->tier = TIER_SAME_TERMS;
        return 0;
    }
    work->former = work->entry->result.addresses;
    work->former_count = work->entry->result.address_count;
    if (service != NULL && service->is_load_balancer)
        return set_other_class(run, work);
    work->is_gone = service == NULL || service->ingress_count == 0;
    work->result.condition = SERVICE_NOT_BALANCED;
    return 0;
}

/* Adds a service by what is known of it: one of both may be NULL. */
static int add(struct service_run *run, const struct service *service, struct service_entry *entry)
{
    struct service_work *work = &run->works[run->work_count];
    if (entry == NULL &&
        (service == NULL || (!service->is_load_balancer && service->ingress_count == 0)))
        return 0;
    *work = (struct service_work){.entry = entry, .result = {.terms = ""}};
    if (entry == NULL) {
        work->entry = service_entry_new(service->object.namespace_, service->object.name);
        if (work->entry == NULL)
            return -ENOMEM;
        work->is_new = true;
    }
    run->work_count++;
    work->entry->in_run = true;
    work->convergence.service = service;
    work->convergence.id = work->entry->id;
    work->convergence.result = &work->result;
    return classify(run, work);
}

static int compare(const struct service_entry *entry, const struct service *service)
{
    int order = strcmp(entry->result.namespace_, service->object.namespace_);
    return order != 0 ? order : strcmp(entry->result.name, service->object.name);
}

static bool make_room(struct service_run *run, size_t count)
{
    run->works = arena_allocate(&run->scratch, count, sizeof(*run->works));
    return run->works != NULL;
}

/* Walks services and entries, both in order. */
static int collect_all(struct service_run *run)
{
    const struct object_list *list = &run->objects->lists[OBJECT_SERVICE];
    const struct service_entries *entries = &run->reconciler->entries;
    size_t service = 0;
    size_t entry = 0;
    if (!make_room(run, list->count + entries->count))
        return -ENOMEM;
    while (service < list->count || entry < entries->count) {
        const struct service *next =
            service < list->count ? (const struct service *)list->items[service] : NULL;
        struct service_entry *known = entry < entries->count ? entries->items[entry] : NULL;
        int order = known == NULL ? 1 : next == NULL ? -1 : compare(known, next);
        if (add(run, order < 0 ? NULL : next, order > 0 ? NULL : known) != 0)
            return -ENOMEM;
        service += order >= 0;
        entry += order <= 0;
    }
    return 0;
}

static int collect_changed(struct service_run *run)
{
    const struct object_changes *changes = run->changes;
    if (!make_room(run, changes->service_count + run->reconciler->waiting))
        return -ENOMEM;
    for (size_t i = 0; i < changes->service_count; i++) {
        const struct service_key *key = &changes->services[i];
        const struct object *object =
            object_set_find(run->objects, OBJECT_SERVICE, key->namespace_, key->name);
        struct service_entry *entry =
            service_entries_find(&run->reconciler->entries, key->namespace_, key->name);
        if ((object != NULL || entry != NULL) &&
            add(run, (const struct service *)object, entry) != 0)
            return -ENOMEM;
    }
    return 0;
}

/* What a Service holds that is not known may only be given away once it is known to be gone. */
static int collect_orphans(struct service_run *run)
{
    const struct object_list *list = &run->objects->statuses;
    size_t count = run->context.holds ? list->count : 0;
    run->orphans = arena_allocate(&run->scratch, count, sizeof(*run->orphans));
    run->orphan_results = arena_allocate(&run->results, count, sizeof(*run->orphan_results));
    if (run->orphans == NULL || run->orphan_results == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct service *status = (const struct service *)list->items[i];
        struct convergence *orphan = &run->orphans[run->orphan_count];
        struct service_result *result = &run->orphan_results[run->orphan_count];
        if (status->ingress_count == 0 ||
            service_entries_find(&run->reconciler->entries, status->object.namespace_,
                                 status->object.name) != NULL)
            continue;
        run->orphan_count++;
        *result = (struct service_result){.namespace_ = status->object.namespace_,
                                          .name = status->object.name,
                                          .service = status};
        if (service_request_read(status, &run->scratch, &orphan->request) != 0)
            return -ENOMEM;
        orphan->service = status;
        orphan->id = orphan->request.id;
        orphan->result = result;
        orphan->existing = status->ingress;
        orphan->existing_count = status->ingress_count;
    }
    return 0;
}

int service_run_collect(struct service_run *run)
{
    if (run->changes != NULL)
        return collect_changed(run);
    int result = collect_all(run);
    return result == 0 ? collect_orphans(run) : result;
}

int service_run_collect_waiting(struct service_run *run)
{
    const struct service_entries *entries = &run->reconciler->entries;
    size_t waiting = run->reconciler->waiting;
    for (size_t i = 0; i < entries->count && waiting > 0; i++) {
        struct service_entry *entry = entries->items[i];
        waiting -= entry->waits;
        if (entry->waits && !entry->in_run && add(run, entry->result.service, entry) != 0)
            return -ENOMEM;
    }
    return 0;
}
