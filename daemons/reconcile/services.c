/* SPDX-License-Identifier: MIT */
#include "reconcile/services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/convergence.h"

struct service_reconciler {
    char *load_balancer_class;
    struct arena arena;            /* what the last results point to */
    struct remembered *remembered; /* in the arena, by id */
    size_t remembered_count;
};

/* What a service was given in the last run. */
struct remembered {
    const char *id;
    struct mlb_address addresses[MLB_ASSIGNMENT_ADDRESSES_MAX];
    size_t count;
};

/* One run: everything that becomes the reconciler's once it succeeded. */
struct run {
    const struct service_reconciler *reconciler;
    const struct object_set *objects;
    struct arena *arena;
    struct pool_choice pools;
    struct convergence_context context;
    struct service_result *results;
    size_t result_count;
    struct convergence *works; /* services to serve, in creation order once sorted */
    size_t work_count;
    struct convergence *orphans; /* statuses whose service is not known */
    struct service_result *orphan_results;
    size_t orphan_count;
    struct pool_result *pool_results;
};

int service_reconciler_new(const struct service_reconciler_options *options,
                           struct service_reconciler **reconciler)
{
    struct service_reconciler *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return -ENOMEM;
    if (options != NULL && options->load_balancer_class != NULL) {
        made->load_balancer_class = strdup(options->load_balancer_class);
        if (made->load_balancer_class == NULL) {
            free(made);
            return -ENOMEM;
        }
    }
    *reconciler = made;
    return 0;
}

void service_reconciler_free(struct service_reconciler *reconciler)
{
    if (reconciler == NULL)
        return;
    arena_clear(&reconciler->arena);
    free(reconciler->load_balancer_class);
    free(reconciler);
}

static int compare_remembered(const void *key, const void *item)
{
    return strcmp(key, ((const struct remembered *)item)->id);
}

static int compare_remembered_items(const void *left, const void *right)
{
    return strcmp(((const struct remembered *)left)->id, ((const struct remembered *)right)->id);
}

/* The status counts; where it shows nothing, what was given but is not written yet. */
static void find_existing(const struct run *run, struct convergence *work)
{
    const struct service_reconciler *reconciler = run->reconciler;
    work->existing = work->service->ingress;
    work->existing_count = work->service->ingress_count;
    if (work->existing_count > 0 || reconciler->remembered_count == 0)
        return;
    const struct remembered *found =
        bsearch(work->request.id, reconciler->remembered, reconciler->remembered_count,
                sizeof(*found), compare_remembered);
    if (found == NULL)
        return;
    work->existing = found->addresses;
    work->existing_count = found->count;
}

static int add_work(struct run *run, const struct service *service, struct convergence *work,
                    struct service_result *result)
{
    result->service = service;
    work->service = service;
    work->result = result;
    if (service_request_read(service, run->arena, &work->request) != 0)
        return -ENOMEM;
    find_existing(run, work);
    return 0;
}

static int add_other_class(struct run *run, const struct service *service)
{
    const char *class = service->load_balancer_class;
    struct service_result *result = &run->results[run->result_count++];
    result->service = service;
    result->condition = SERVICE_OTHER_CLASS;
    result->error =
        class == NULL || class[0] == '\0'
            ? arena_copy(run->arena, "a service without a loadBalancerClass is not "
                                     "served here")
            : arena_format(run->arena, "loadBalancerClass %s is not served here", class);
    return result->error == NULL ? -ENOMEM : 0;
}

static int add_service(struct run *run, const struct service *service)
{
    if (!service->is_load_balancer) {
        if (service->ingress_count == 0)
            return 0;
        struct service_result *result = &run->results[run->result_count++];
        result->service = service;
        result->condition = SERVICE_NOT_BALANCED;
        result->changed = true;
        return 0;
    }
    if (!service_has_class(service, run->reconciler->load_balancer_class))
        return add_other_class(run, service);
    return add_work(run, service, &run->works[run->work_count++],
                    &run->results[run->result_count++]);
}

/* What a Service holds that is not known may only be given away once it is known to be gone. */
static int collect_orphans(struct run *run)
{
    const struct object_list *list = &run->objects->statuses;
    size_t count = run->objects->incomplete ? list->count : 0;
    run->orphans = arena_allocate(run->arena, count, sizeof(*run->orphans));
    run->orphan_results = arena_allocate(run->arena, count, sizeof(*run->orphan_results));
    if (run->orphans == NULL || run->orphan_results == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct service *status = (const struct service *)list->items[i];
        size_t at = run->orphan_count;
        if (status->ingress_count == 0)
            continue;
        run->orphan_count++;
        if (add_work(run, status, &run->orphans[at], &run->orphan_results[at]) != 0)
            return -ENOMEM;
    }
    return 0;
}

static int compare_creation(const void *left, const void *right)
{
    const struct object *a = &((const struct convergence *)left)->service->object;
    const struct object *b = &((const struct convergence *)right)->service->object;
    if (a->created != b->created)
        return a->created < b->created ? -1 : 1;
    int order = strcmp(a->namespace_, b->namespace_);
    return order != 0 ? order : strcmp(a->name, b->name);
}

static int collect(struct run *run)
{
    const struct object_list *list = &run->objects->lists[OBJECT_SERVICE];
    run->results = arena_allocate(run->arena, list->count, sizeof(*run->results));
    run->works = arena_allocate(run->arena, list->count, sizeof(*run->works));
    if (run->results == NULL || run->works == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < list->count; i++) {
        if (add_service(run, (const struct service *)list->items[i]) != 0)
            return -ENOMEM;
    }
    qsort(run->works, run->work_count, sizeof(*run->works), compare_creation);
    return 0;
}

static int set_pools(struct run *run)
{
    const struct mlb_pool **pools = arena_allocate(run->arena, run->pools.count, sizeof(*pools));
    if (pools == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->pools.count; i++)
        pools[i] = run->pools.by_name[i]->pool;
    /* Pools in force do not overlap: whoever made the objects saw to it. */
    int32_t code = mlb_allocator_set_pools(run->context.allocator, pools, run->pools.count, NULL);
    return code == MLB_OK ? 0 : -ENOMEM;
}

static int converge(struct run *run)
{
    for (size_t i = 0; i < run->work_count; i++) {
        if (run->works[i].existing_count > 0 &&
            convergence_judge(&run->context, &run->works[i]) != 0)
            return -ENOMEM;
    }
    for (size_t i = 0; i < run->orphan_count; i++) {
        if (convergence_keep(&run->context, &run->orphans[i],
                             "kept: the service itself is not known while manifests are broken") !=
            0)
            return -ENOMEM;
    }
    for (size_t i = 0; i < run->work_count; i++) {
        if (run->works[i].existing_count == 0 &&
            convergence_judge(&run->context, &run->works[i]) != 0)
            return -ENOMEM;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < run->work_count; i++) {
            bool requested = run->works[i].need == NEED_REQUESTED;
            if (requested == (pass == 0) &&
                convergence_allocate(&run->context, &run->works[i]) != 0)
                return -ENOMEM;
            if (requested && pass == 0)
                run->works[i].need = NEED_NOTHING;
        }
    }
    return 0;
}

static bool differs(const struct service_result *result)
{
    if (result->address_count != result->service->ingress_count)
        return true;
    for (size_t i = 0; i < result->address_count; i++) {
        if (mlb_address_compare(&result->addresses[i], &result->service->ingress[i]) != 0)
            return true;
    }
    return false;
}

static void mark_changed(struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++) {
        if (run->results[i].condition != SERVICE_OTHER_CLASS)
            run->results[i].changed = differs(&run->results[i]);
    }
}

static int count_pools(struct run *run)
{
    run->pool_results = arena_allocate(run->arena, run->pools.count, sizeof(*run->pool_results));
    if (run->pool_results == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->pools.count; i++) {
        struct pool_result *result = &run->pool_results[i];
        result->pool = run->pools.by_name[i];
        result->counters.struct_size = sizeof(result->counters);
        if (mlb_allocator_pool_counters(run->context.allocator, result->pool->object.name,
                                        &result->counters) != MLB_OK)
            return -ENOMEM;
    }
    return 0;
}

static int run_all(struct run *run)
{
    if (pool_choice_init(&run->pools, run->objects, run->arena) != 0 ||
        mlb_allocator_new(&run->context.allocator) != MLB_OK)
        return -ENOMEM;
    run->context.objects = run->objects;
    run->context.pools = &run->pools;
    run->context.arena = run->arena;
    int result = 0;
    if (set_pools(run) != 0 || collect(run) != 0 || collect_orphans(run) != 0 ||
        converge(run) != 0 || count_pools(run) != 0)
        result = -ENOMEM;
    mlb_allocator_free(run->context.allocator);
    if (result == 0)
        mark_changed(run);
    return result;
}

/* Copies what services hold, because their objects may be gone at the next run. */
static struct remembered *remember(const struct run *run, size_t *count)
{
    struct remembered *items =
        arena_allocate(run->arena, run->work_count, sizeof(struct remembered));
    if (items == NULL)
        return NULL;
    *count = 0;
    for (size_t i = 0; i < run->work_count; i++) {
        const struct service_result *result = run->works[i].result;
        if (result->address_count == 0)
            continue;
        struct remembered *item = &items[(*count)++];
        item->id = run->works[i].request.id;
        memcpy(item->addresses, result->addresses, sizeof(item->addresses));
        item->count = result->address_count;
    }
    qsort(items, *count, sizeof(*items), compare_remembered_items);
    return items;
}

int service_reconciler_run(struct service_reconciler *reconciler, const struct object_set *objects,
                           struct service_results *results)
{
    struct arena arena = {0};
    struct run run = {.reconciler = reconciler, .objects = objects, .arena = &arena};
    size_t count = 0;
    struct remembered *remembered = run_all(&run) == 0 ? remember(&run, &count) : NULL;
    if (remembered == NULL) {
        arena_clear(&arena);
        return -ENOMEM;
    }
    arena_clear(&reconciler->arena);
    reconciler->arena = arena;
    reconciler->remembered = remembered;
    reconciler->remembered_count = count;
    *results = (struct service_results){.services = run.results,
                                        .service_count = run.result_count,
                                        .orphans = run.orphan_results,
                                        .orphan_count = run.orphan_count,
                                        .pools = run.pool_results,
                                        .pool_count = run.pools.count};
    return 0;
}
