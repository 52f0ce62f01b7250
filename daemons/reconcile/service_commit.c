/* SPDX-License-Identifier: MIT */
/* How what came out of a run becomes what the reconciler remembers, and what is told of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/service_run.h"

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_addresses(const struct mlb_address *a, size_t a_count, const struct mlb_address *b,
                           size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) {
        if (mlb_address_compare(&a[i], &b[i]) != 0)
            return false;
    }
    return true;
}

static bool copy_texts(struct service_work *work)
{
    const struct service_result *result = &work->result;
    if (result->error != NULL && !same_text(result->error, work->entry->result.error) &&
        (work->error = strdup(result->error)) == NULL)
        return false;
    return same_text(result->terms, work->entry->result.terms) || result->terms[0] == '\0' ||
           (work->terms = strdup(result->terms)) != NULL;
}

/* Why a service lost what it had, or has nothing; in memory that lasts as long as the results. */
static int find_reason(struct service_run *run, const struct service_work *work,
                       struct service_change *change)
{
    const char *given_up = work->convergence.given_up;
    const char *error = work->result.error;
    if (work->is_gone && error == NULL)
        error = work->convergence.service == NULL ? "the Service is gone"
                                                  : "the Service is not of type LoadBalancer";
    if (given_up == NULL && error == NULL)
        return 0;
    if (given_up != NULL && error != NULL && work->result.address_count == 0 &&
        strcmp(given_up, error) != 0)
        change->reason = arena_format(&run->results, "%s; %s", given_up, error);
    else
        change->reason = arena_copy(&run->results, given_up != NULL ? given_up : error);
    return change->reason == NULL ? -ENOMEM : 0;
}

static enum service_change_kind kind_of(const struct service_work *work)
{
    const struct service_result *result = &work->result;
    bool same =
        same_addresses(result->addresses, result->address_count, work->former, work->former_count);
    if (!work->is_served && !work->is_orphan)
        return SERVICE_CHANGE_RELEASED;
    if (result->address_count == 0)
        return SERVICE_CHANGE_REFUSED;
    if (work->former_count == 0)
        return SERVICE_CHANGE_ASSIGNED;
    if (!same)
        return SERVICE_CHANGE_MOVED;
    return work->is_new || work->entry->from_record ? SERVICE_CHANGE_KEPT : SERVICE_CHANGE_TERMS;
}

/* Whether anything that is told of a service is news. */
static bool is_news(const struct service_work *work)
{
    const struct service_result *now = &work->result;
    const struct service_result *before = &work->entry->result;
    if (work->is_new)
        return work->is_served;
    if (work->entry->from_record || work->is_gone || now->condition != before->condition)
        return true;
    if (!work->is_served && !work->is_orphan)
        return before->address_count > 0;
    return !same_addresses(now->addresses, now->address_count, before->addresses,
                           before->address_count) ||
           !same_text(now->pool, before->pool) || !same_text(now->error, before->error) ||
           !same_text(now->terms, before->terms);
}

static int note_change(struct service_run *run, const struct service_work *work)
{
    struct service_change *change = &run->service_changes[run->change_count];
    if (!is_news(work))
        return 0;
    run->change_count++;
    *change = (struct service_change){.kind = kind_of(work),
                                      .namespace_ = work->entry->result.namespace_,
                                      .name = work->entry->result.name,
                                      .former_count = work->former_count};
    if (change->kind != SERVICE_CHANGE_RELEASED)
        change->result = &work->entry->result;
    change->recorded = change->kind == SERVICE_CHANGE_KEPT && work->entry->from_record &&
                       same_text(work->result.terms, work->entry->result.terms);
    if (change->former_count > MLB_ASSIGNMENT_ADDRESSES_MAX)
        change->former_count = MLB_ASSIGNMENT_ADDRESSES_MAX;
    if (change->former_count > 0)
        memcpy(change->former, work->former, change->former_count * sizeof(*work->former));
    return find_reason(run, work, change);
}

static int compare_changes(const void *left, const void *right)
{
    const struct service_change *a = left;
    const struct service_change *b = right;
    int order = strcmp(a->namespace_, b->namespace_);
    return order != 0 ? order : strcmp(a->name, b->name);
}

static bool differs_from_status(const struct service_work *work)
{
    const struct service *service = work->convergence.service;
    if (work->result.condition == SERVICE_OTHER_CLASS || service == NULL)
        return false;
    return !same_addresses(work->result.addresses, work->result.address_count, service->ingress,
                           service->ingress_count);
}

static int list_changes(struct service_run *run)
{
    run->service_changes =
        arena_allocate(&run->results, run->work_count, sizeof(*run->service_changes));
    if (run->service_changes == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->work_count; i++) {
        run->works[i].result.changed = differs_from_status(&run->works[i]);
        if (note_change(run, &run->works[i]) != 0)
            return -ENOMEM;
    }
    if (run->changes != NULL && run->change_count > 1)
        qsort(run->service_changes, run->change_count, sizeof(*run->service_changes),
              compare_changes);
    return 0;
}

int service_run_prepare(struct service_run *run)
{
    size_t added = 0;
    size_t gone = 0;
    for (size_t i = 0; i < run->work_count; i++) {
        if (!copy_texts(&run->works[i]))
            return -ENOMEM;
        added += run->works[i].is_new;
        gone += run->works[i].is_gone;
    }
    run->kept_pools = calloc(run->pools.count + 1, sizeof(struct ip_address_pool *));
    if (run->kept_pools == NULL || list_changes(run) != 0 ||
        service_entries_reserve(&run->gone, gone) != 0)
        return -ENOMEM;
    return service_entries_reserve(&run->reconciler->entries, added);
}

/* Takes a text over where it differs from the one that the entry has. */
static void replace_text(char **memory, const char **shown, const char *now, char **made,
                         const char *none)
{
    if (same_text(now, *shown))
        return;
    free(*memory);
    *memory = *made;
    *made = NULL;
    *shown = *memory != NULL ? *memory : none;
}

static bool waits(const struct service_work *work)
{
    return work->is_served &&
           (work->result.condition == SERVICE_UNASSIGNED ||
            (work->convergence.need == NEED_COMPLETION && work->result.address_count == 1));
}

static int compare_pool(const void *name, const void *item)
{
    return strcmp(name, (*(struct ip_address_pool *const *)item)->object.name);
}

/* The name as long as the reconciler keeps its pools; those of a small run are the same ones. */
static const char *lasting_pool_name(const struct service_reconciler *reconciler, const char *name)
{
    if (name == NULL)
        return NULL;
    struct ip_address_pool *const *found = bsearch(name, reconciler->pools, reconciler->pool_count,
                                                   sizeof(*reconciler->pools), compare_pool);
    return found == NULL ? NULL : (*found)->object.name;
}

static void update_entry(const struct service_reconciler *reconciler, struct service_work *work)
{
    struct service_entry *entry = work->entry;
    struct service_result *result = &entry->result;
    service_entry_set_service(entry, work->convergence.service);
    replace_text(&entry->error, &result->error, work->result.error, &work->error, NULL);
    replace_text(&entry->terms, &result->terms, work->result.terms, &work->terms, "");
    memcpy(result->addresses, work->result.addresses, sizeof(result->addresses));
    result->address_count = work->result.address_count;
    result->condition = work->result.condition;
    result->pool = lasting_pool_name(reconciler, work->result.pool);
    result->changed = work->result.changed;
    entry->waits = waits(work);
    entry->from_record = false;
    entry->in_run = false;
}

/* Entries that are gone live on until the next results, which no longer name them. */
static void drop_gone(struct service_run *run)
{
    struct service_entries *entries = &run->reconciler->entries;
    size_t kept = 0;
    if (run->changes != NULL) {
        for (size_t i = 0; i < run->gone.count; i++)
            service_entries_remove(entries, run->gone.items[i]);
        return;
    }
    for (size_t i = 0; i < entries->count; i++) {
        if (!entries->items[i]->is_gone)
            entries->items[kept++] = entries->items[i];
    }
    entries->count = kept;
}

static void release_pools(struct ip_address_pool **pools, size_t count)
{
    for (size_t i = 0; i < count; i++)
        object_unref(&pools[i]->object);
    free(pools);
}

/* The results point to names of these pools until the next complete run. */
static void keep_pools(struct service_run *run)
{
    struct service_reconciler *reconciler = run->reconciler;
    for (size_t i = 0; i < run->pools.count; i++)
        run->kept_pools[i] =
            (struct ip_address_pool *)object_ref((struct object *)(uintptr_t)run->pools.by_name[i]);
    reconciler->pools = run->kept_pools;
    reconciler->pool_count = run->pools.count;
    run->kept_pools = NULL;
}

void service_run_commit(struct service_run *run)
{
    struct service_reconciler *reconciler = run->reconciler;
    struct ip_address_pool **former = reconciler->pools;
    size_t former_count = reconciler->pool_count;
    if (run->changes == NULL)
        keep_pools(run);
    for (size_t i = 0; i < run->work_count; i++) {
        struct service_work *work = &run->works[i];
        reconciler->waiting -= work->entry->waits;
        update_entry(reconciler, work);
        reconciler->waiting += work->entry->waits;
        if (work->is_gone && work->is_new)
            continue;
        if (work->is_gone) {
            work->entry->is_gone = true;
            service_entries_insert(&run->gone, work->entry);
        } else if (work->is_new) {
            service_entries_insert(&reconciler->entries, work->entry);
            work->is_new = false;
        }
    }
    drop_gone(run);
    if (run->changes == NULL)
        release_pools(former, former_count);
    service_entries_clear(&reconciler->gone);
    reconciler->gone = run->gone;
    run->gone = (struct service_entries){0};
    arena_clear(&reconciler->results);
    reconciler->results = run->results;
    run->results = (struct arena){0};
}

void service_run_discard(struct service_run *run)
{
    for (size_t i = 0; i < run->work_count; i++) {
        struct service_work *work = &run->works[i];
        free(work->error);
        free(work->terms);
        work->entry->in_run = false;
        if (work->is_new)
            service_entry_free(work->entry);
    }
    service_entries_clear(&run->gone);
    free(run->kept_pools);
    arena_clear(&run->results);
    arena_clear(&run->scratch);
}
