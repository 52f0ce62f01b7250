/* SPDX-License-Identifier: MIT */
#include "objects/admission.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "objects/merge.h"
#include "objects/pool_admission.h"

struct candidate {
    struct object *object;
    size_t order;
};

struct admission {
    const struct object_set *in_force;
    struct object_set *set;
    struct problem_list *problems;
    struct candidate *pools;
    size_t pool_count;
};

/* What a candidate is of its object: a Service comes before a status of it, and the remains of a
 * broken one come last. */
enum role {
    ROLE_WHOLE,
    ROLE_STATUS,
    ROLE_REMAINS,
};

static enum role role_of(const struct object *object)
{
    const struct service *service = (const struct service *)object;

    if (object->kind != OBJECT_SERVICE)
        return ROLE_WHOLE;
    if (service->broken)
        return ROLE_REMAINS;
    return service->status_only ? ROLE_STATUS : ROLE_WHOLE;
}

/* Versions of one thing stand together. */
static int compare_identity(const struct object *a, const struct object *b)
{
    int order;

    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    order = strcmp(a->namespace_, b->namespace_);
    if (order == 0)
        order = strcmp(a->name, b->name);
    if (order == 0)
        order = (int)role_of(a) - (int)role_of(b);
    return order;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;
    int order = compare_identity(left->object, right->object);

    if (order != 0)
        return order;
    return left->order < right->order ? -1 : 1;
}

static const struct candidate *choose(const struct admission *admission,
                                      const struct candidate *candidates, size_t count)
{
    const struct object *first = candidates[0].object;
    const struct object *held = NULL;

    if (admission->in_force != NULL && count > 1)
        held = object_set_find(admission->in_force, first->kind, first->namespace_, first->name);
    for (size_t i = 0; i < count && held != NULL; i++)
        if (strcmp(candidates[i].object->file, held->file) == 0)
            return &candidates[i];
    return &candidates[0];
}

/* Chooses one of several versions and reports the others. */
static const struct candidate *settle(const struct admission *admission,
                                      const struct candidate *candidates, size_t count)
{
    const struct candidate *chosen = choose(admission, candidates, count);

    for (size_t i = 0; i < count; i++) {
        const struct object *object = candidates[i].object;
        char name[OBJECT_NAME_SIZE];

        if (&candidates[i] == chosen)
            continue;
        object_describe(object, name, sizeof(name));
        problem_add(admission->problems, PROBLEM_ERROR, object->file, object->line, name,
                    "metadata.name", "the same object stands in %s:%u, which counts",
                    chosen->object->file, chosen->object->line);
    }
    return chosen;
}

static int admit_status(struct admission *admission, struct object *status)
{
    char name[OBJECT_NAME_SIZE];

    object_describe(status, name, sizeof(name));
    problem_add(admission->problems, PROBLEM_WARNING, status->file, status->line, name, "",
                "is only a status: no Service of this name can be read, so it has no effect");
    return object_list_insert(&admission->set->statuses, status);
}

static int admit_merged(struct admission *admission, struct object *service, struct object *status)
{
    struct object *merged =
        service_with_status((const struct service *)service, (const struct service *)status);
    int result;

    if (merged == NULL)
        return -ENOMEM;
    result = object_set_insert(admission->set, merged);
    object_unref(merged);
    return result;
}

/* Length of the run of versions of one thing. */
static size_t run_length(const struct candidate *candidates, size_t count)
{
    size_t length = 1;

    while (length < count && compare_identity(candidates[0].object, candidates[length].object) == 0)
        length++;
    return length;
}

static bool same_name(const struct object *a, const struct object *b)
{
    return a->kind == b->kind && strcmp(a->namespace_, b->namespace_) == 0 &&
           strcmp(a->name, b->name) == 0;
}

/* Chooses among the versions in one role of the object at hand; NULL if there are none. */
static const struct candidate *settle_role(const struct admission *admission,
                                           const struct candidate *candidates, size_t count,
                                           enum role role, size_t *taken)
{
    size_t length;

    if (*taken == count || !same_name(candidates[0].object, candidates[*taken].object) ||
        role_of(candidates[*taken].object) != role)
        return NULL;
    candidates += *taken;
    length = run_length(candidates, count - *taken);
    *taken += length;
    /* What remains of broken objects was reported with them. */
    return role == ROLE_REMAINS ? candidates : settle(admission, candidates, length);
}

static int admit_service(struct admission *admission, const struct candidate *whole,
                         const struct candidate *status, const struct candidate *remains)
{
    if (whole != NULL && status != NULL)
        return admit_merged(admission, whole->object, status->object);
    if (whole != NULL)
        return object_set_insert(admission->set, whole->object);
    if (status != NULL)
        return admit_status(admission, status->object);
    return object_list_insert(&admission->set->statuses, remains->object);
}

/* Takes the first object with all its versions; returns how many candidates these were, or 0
 * without memory. */
static size_t admit_next(struct admission *admission, const struct candidate *candidates,
                         size_t count)
{
    size_t taken = 0;
    const struct candidate *whole = settle_role(admission, candidates, count, ROLE_WHOLE, &taken);
    const struct candidate *status = settle_role(admission, candidates, count, ROLE_STATUS, &taken);
    const struct candidate *remains =
        settle_role(admission, candidates, count, ROLE_REMAINS, &taken);
    int result = 0;

    if (candidates[0].object->kind == OBJECT_SERVICE)
        result = admit_service(admission, whole, status, remains);
    else if (candidates[0].object->kind == OBJECT_IP_ADDRESS_POOL)
        admission->pools[admission->pool_count++] = *whole;
    else
        result = object_set_insert(admission->set, whole->object);
    return result == 0 ? taken : 0;
}

static int compare_order(const void *a, const void *b)
{
    return ((const struct candidate *)a)->order < ((const struct candidate *)b)->order ? -1 : 1;
}

static int admit_pools(struct admission *admission)
{
    struct ip_address_pool **pools = calloc(admission->pool_count + 1, sizeof(*pools));
    int result;

    if (pools == NULL)
        return -ENOMEM;
    if (admission->pool_count > 1)
        qsort(admission->pools, admission->pool_count, sizeof(*admission->pools), compare_order);
    for (size_t i = 0; i < admission->pool_count; i++)
        pools[i] = (struct ip_address_pool *)admission->pools[i].object;
    result = pool_admission_run(admission->in_force, pools, admission->pool_count, admission->set,
                                admission->problems);
    free(pools);
    return result;
}

static int admit_all(struct admission *admission, const struct candidate *candidates, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t length = admit_next(admission, candidates + i, count - i);

        if (length == 0)
            return -ENOMEM;
        i += length;
    }
    return admit_pools(admission);
}

int admission_run(const struct object_set *in_force, struct object *const *candidates, size_t count,
                  struct object_set *set, struct problem_list *problems)
{
    struct admission admission = {.in_force = in_force, .set = set, .problems = problems};
    struct candidate *sorted = calloc(count + 1, sizeof(*sorted));
    int result = -ENOMEM;

    object_set_init(set);
    admission.pools = calloc(count + 1, sizeof(*admission.pools));
    if (sorted != NULL && admission.pools != NULL) {
        for (size_t i = 0; i < count; i++)
            sorted[i] = (struct candidate){.object = candidates[i], .order = i};
        qsort(sorted, count, sizeof(*sorted), compare_candidates);
        result = admit_all(&admission, sorted, count);
    }
    if (result != 0)
        object_set_clear(set);
    free(admission.pools);
    free(sorted);
    return result;
}
