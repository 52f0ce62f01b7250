/* SPDX-License-Identifier: MIT */
#include "reconcile/services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/service_run.h"

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
    made->keeps_records = options != NULL && options->keeps_records;
    *reconciler = made;
    return 0;
}

void service_reconciler_free(struct service_reconciler *reconciler)
{
    if (reconciler == NULL)
        return;
    service_entries_clear(&reconciler->entries);
    service_entries_clear(&reconciler->gone);
    for (size_t i = 0; i < reconciler->pool_count; i++)
        object_unref(&reconciler->pools[i]->object);
    free(reconciler->pools);
    mlb_allocator_free(reconciler->allocator);
    arena_clear(&reconciler->results);
    free(reconciler->load_balancer_class);
    free(reconciler->hold);
    free(reconciler);
}

static int restore(struct service_entries *entries, const struct service_record *record)
{
    struct service_entry *entry = service_entries_find(entries, record->namespace_, record->name);
    char *terms = NULL;
    if (record->terms != NULL && record->terms[0] != '\0' &&
        (terms = strdup(record->terms)) == NULL)
        return -ENOMEM;
    if (entry == NULL) {
        entry = service_entry_new(record->namespace_, record->name);
        if (entry == NULL || service_entries_reserve(entries, 1) != 0) {
            service_entry_free(entry);
            free(terms);
            return -ENOMEM;
        }
        service_entries_insert(entries, entry);
    }
    free(entry->terms);
    entry->terms = terms;
    entry->result.terms = terms != NULL ? terms : "";
    memcpy(entry->result.addresses, record->addresses, sizeof(record->addresses));
    entry->result.address_count = record->address_count;
    entry->from_record = true;
    return 0;
}

int service_reconciler_restore(struct service_reconciler *reconciler,
                               const struct service_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (restore(&reconciler->entries, &records[i]) != 0) {
            service_entries_clear(&reconciler->entries);
            return -ENOMEM;
        }
    }
    return 0;
}

int service_reconciler_hold(struct service_reconciler *reconciler, const char *reason)
{
    char *copy = reason == NULL ? NULL : strdup(reason);
    if (reason != NULL && copy == NULL)
        return -ENOMEM;
    free(reconciler->hold);
    reconciler->hold = copy;
    reconciler->stale = true;
    return 0;
}

/* Other kinds than services and these do not decide about addresses. */
#define DECISIVE_KINDS (OBJECT_BIT(OBJECT_IP_ADDRESS_POOL) | OBJECT_BIT(OBJECT_NAMESPACE))

static bool must_be_complete(const struct service_reconciler *reconciler,
                             const struct object_set *objects, const struct object_changes *changes)
{
    return changes == NULL || changes->footing || (changes->kinds & DECISIVE_KINDS) != 0 ||
           objects->incomplete || objects->broken || reconciler->held || reconciler->stale ||
           reconciler->allocator == NULL;
}

/* A complete run fills an allocator of its own, so that a failure leaves the former one alone. */
static int prepare_allocator(struct service_run *run)
{
    if (run->changes != NULL) {
        run->context.allocator = run->reconciler->allocator;
        return 0;
    }
    if (mlb_allocator_new(&run->context.allocator, NULL) != MLB_OK)
        return -ENOMEM;
    const struct mlb_pool **pools = arena_allocate(&run->scratch, run->pools.count, sizeof(*pools));
    if (pools == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->pools.count; i++)
        pools[i] = run->pools.by_name[i]->pool;
    /* Pools in force do not overlap: whoever made the objects saw to it. */
    int32_t code = mlb_allocator_set_pools(run->context.allocator, pools, run->pools.count, NULL);
    return code == MLB_OK ? 0 : -ENOMEM;
}

static int64_t creation_of(const struct service_work *work)
{
    const struct service *service = work->convergence.service;
    return service == NULL ? 0 : service->object.created;
}

static int compare_creation(const struct service_work *a, const struct service_work *b)
{
    if (creation_of(a) != creation_of(b))
        return creation_of(a) < creation_of(b) ? -1 : 1;
    int order = strcmp(a->entry->result.namespace_, b->entry->result.namespace_);
    return order != 0 ? order : strcmp(a->entry->result.name, b->entry->result.name);
}

static int compare_works(const void *left, const void *right)
{
    const struct service_work *a = *(struct service_work *const *)left;
    const struct service_work *b = *(struct service_work *const *)right;
    if (a->tier != b->tier)
        return a->tier < b->tier ? -1 : 1;
    /* What is only known by its record holds its addresses before anybody is asked. */
    if (a->is_orphan != b->is_orphan)
        return a->is_orphan ? -1 : 1;
    return compare_creation(a, b);
}

static int compare_age(const void *left, const void *right)
{
    return compare_creation(*(struct service_work *const *)left,
                            *(struct service_work *const *)right);
}

/* Puts the works from an index on that take part into order; returns how many. */
static size_t line_up(struct service_run *run, size_t first)
{
    size_t count = 0;
    for (size_t i = first; i < run->work_count; i++) {
        if (run->works[i].is_served || run->works[i].is_orphan)
            run->order[count++] = &run->works[i];
    }
    if (count > 1)
        qsort(run->order, count, sizeof(struct service_work *), compare_works);
    return count;
}

static int judge(struct service_run *run, struct service_work *const *works, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct convergence *work = &works[i]->convergence;
        int result =
            works[i]->is_orphan
                ? convergence_keep(&run->context, work,
                                   "kept until all manifests can be read: the service itself "
                                   "is not known")
                : convergence_judge(&run->context, work);
        if (result != 0)
            return result;
    }
    return 0;
}

static int keep_orphans(struct service_run *run)
{
    for (size_t i = 0; i < run->orphan_count; i++) {
        if (convergence_keep(
                &run->context, &run->orphans[i],
                "kept until all manifests can be read: the service itself is not known") != 0)
            return -ENOMEM;
    }
    return 0;
}

/* While nobody may lose anything, who changes his terms is judged against what the others hold,
 * also those who change theirs. */
static int reserve_changed(struct service_run *run, size_t count)
{
    for (size_t i = 0; run->context.holds && i < count; i++) {
        if (run->order[i]->tier == TIER_CHANGED_TERMS &&
            convergence_reserve(&run->context, &run->order[i]->convergence) != 0)
            return -ENOMEM;
    }
    return 0;
}

/* Those that hold something come first, so that what they keep is not given away. */
static int judge_all(struct service_run *run, size_t first)
{
    size_t count = line_up(run, first);
    size_t holders = 0;
    while (holders < count && run->order[holders]->tier != TIER_NOTHING)
        holders++;
    int result = reserve_changed(run, holders);
    if (result == 0)
        result = judge(run, run->order, holders);
    if (result == 0)
        result = keep_orphans(run);
    return result == 0 ? judge(run, run->order + holders, count - holders) : result;
}

static int allocate(struct service_run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->work_count; i++) {
        if (run->works[i].is_served && run->works[i].convergence.need != NEED_NOTHING)
            run->order[count++] = &run->works[i];
    }
    if (count > 1)
        qsort(run->order, count, sizeof(struct service_work *), compare_age);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count; i++) {
            struct convergence *work = &run->order[i]->convergence;
            bool requested = work->need == NEED_REQUESTED;
            if (requested == (pass == 0) && convergence_allocate(&run->context, work) != 0)
                return -ENOMEM;
            if (requested && pass == 0)
                work->need = NEED_NOTHING;
        }
    }
    return 0;
}

/* Takes out of the allocator what services do not hold any more, or hold on other terms: who
 * changed his terms is judged against all others, not against what he was. */
static bool take_back(struct service_run *run)
{
    bool any = false;
    for (size_t i = 0; i < run->work_count; i++) {
        const struct service_work *work = &run->works[i];
        bool stays = (work->is_served && work->tier == TIER_SAME_TERMS) || work->is_orphan;
        if (!stays)
            any |=
                mlb_allocator_release(run->context.allocator, work->convergence.id, NULL) == MLB_OK;
    }
    return any;
}

static bool gave_up_any(const struct service_run *run)
{
    for (size_t i = 0; i < run->work_count; i++) {
        if (run->works[i].convergence.given_up != NULL)
            return true;
    }
    return false;
}

static int converge(struct service_run *run)
{
    bool freed = run->changes != NULL && take_back(run);
    size_t changed = run->work_count;
    int result = judge_all(run, 0);
    if (result != 0)
        return result;
    if (run->changes != NULL && (freed || gave_up_any(run))) {
        result = service_run_collect_waiting(run);
        if (result == 0)
            result = judge_all(run, changed);
        if (result != 0)
            return result;
    }
    return allocate(run);
}

static int count_pools(struct service_run *run)
{
    run->pool_results = arena_allocate(&run->results, run->pools.count, sizeof(*run->pool_results));
    if (run->pool_results == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->pools.count; i++) {
        struct pool_result *result = &run->pool_results[i];
        result->pool = run->pools.by_name[i];
        result->counters.struct_size = sizeof(result->counters);
        if (mlb_allocator_pool_counters(run->context.allocator, result->pool->object.name,
                                        &result->counters, NULL) != MLB_OK)
            return -ENOMEM;
    }
    return 0;
}

static int run_all(struct service_run *run)
{
    run->context.objects = run->objects;
    run->context.pools = &run->pools;
    run->context.arena = &run->scratch;
    run->context.holds = run->objects->incomplete || run->objects->broken;
    run->context.hold = run->reconciler->hold;
    if (pool_choice_init(&run->pools, run->objects, &run->scratch) != 0 ||
        prepare_allocator(run) != 0 || service_run_collect(run) != 0)
        return -ENOMEM;
    run->order = arena_allocate(&run->scratch, run->work_count + run->reconciler->waiting,
                                sizeof(struct service_work *));
    if (run->order == NULL || converge(run) != 0 || count_pools(run) != 0)
        return -ENOMEM;
    return service_run_prepare(run);
}

static void commit(struct service_run *run, struct service_results *results)
{
    struct service_reconciler *reconciler = run->reconciler;
    if (run->changes == NULL) {
        mlb_allocator_free(reconciler->allocator);
        reconciler->allocator = run->context.allocator;
        run->context.allocator = NULL;
    }
    service_run_commit(run);
    reconciler->held = run->context.holds;
    reconciler->stale = false;
    *results = (struct service_results){.services = &reconciler->entries,
                                        .service_count = reconciler->entries.count,
                                        .changes = run->service_changes,
                                        .change_count = run->change_count,
                                        .orphans = run->orphan_results,
                                        .orphan_count = run->orphan_count,
                                        .pools = run->pool_results,
                                        .pool_count = run->pools.count};
}

int service_reconciler_run(struct service_reconciler *reconciler, const struct object_set *objects,
                           const struct object_changes *changes, struct service_results *results)
{
    bool complete = must_be_complete(reconciler, objects, changes);
    struct service_run run = {
        .reconciler = reconciler, .objects = objects, .changes = complete ? NULL : changes};
    int result = run_all(&run);
    if (result == 0)
        commit(&run, results);
    else if (complete)
        mlb_allocator_free(run.context.allocator);
    else
        reconciler->stale = true;
    service_run_discard(&run);
    return result;
}

const struct service_result *service_results_at(const struct service_results *results, size_t index)
{
    return &results->services->items[index]->result;
}

const struct service_result *service_reconciler_find(const struct service_reconciler *reconciler,
                                                     const char *namespace_, const char *name)
{
    const struct service_entry *entry =
        service_entries_find(&reconciler->entries, namespace_, name);
    return entry == NULL ? NULL : &entry->result;
}
