/* SPDX-License-Identifier: MIT */
/* How a batch gets to the disk: temporaries, one sync, renames, another sync, in two phases. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources/state_record.h"
#include "sources/state_step.h"

/* More files are made durable by one sync of the file system than each by itself. */
#define SINGLE_SYNCS_MAX 16

/* More files are written by two threads. */
#define PARALLEL_MIN 500

struct writing {
    struct state_batch *batch;
    struct state_files *files;
    struct state_page page;
    struct mlb_address *given_up; /* sorted */
    size_t given_up_count;
};

static bool has(const struct mlb_address *addresses, size_t count,
                const struct mlb_address *address)
{
    for (size_t i = 0; i < count; i++)
        if (mlb_address_compare(&addresses[i], address) == 0)
            return true;
    return false;
}

static int compare_addresses(const void *a, const void *b)
{
    return mlb_address_compare(a, b);
}

static int collect_given_up(struct writing *writing)
{
    const struct state_batch *batch = writing->batch;

    writing->given_up =
        calloc(batch->count * MLB_ASSIGNMENT_ADDRESSES_MAX + 1, sizeof(*writing->given_up));
    if (writing->given_up == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < batch->count; i++) {
        const struct state_outcome *item = batch->items[i];

        for (size_t j = 0; j < item->recorded_count; j++)
            if (!has(item->outcome.addresses, item->outcome.address_count, &item->recorded[j]))
                writing->given_up[writing->given_up_count++] = item->recorded[j];
    }
    if (writing->given_up_count > 1)
        qsort(writing->given_up, writing->given_up_count, sizeof(*writing->given_up),
              compare_addresses);
    return 0;
}

/* Decides which phase an item belongs to. Who has shared an address that another gives up may share
 * it no longer: he is late too. */
static void plan(const struct writing *writing, struct state_outcome *item)
{
    const struct service_outcome *outcome = &item->outcome;
    bool gives_up = false;

    item->late = false;
    for (size_t i = 0; i < outcome->address_count; i++)
        if (bsearch(&outcome->addresses[i], writing->given_up, writing->given_up_count,
                    sizeof(*writing->given_up), compare_addresses) != NULL)
            item->late = true;
    for (size_t i = 0; i < item->recorded_count; i++)
        gives_up |= !has(outcome->addresses, outcome->address_count, &item->recorded[i]);
    item->interim = item->late && gives_up;
}

/* Makes what happened to names durable. */
static int sync_names(struct writing *writing, bool late, bool many)
{
    const struct state_batch *batch = writing->batch;
    bool touched = false;
    bool removed = false;
    int result = 0;

    for (size_t i = 0; i < batch->count && result == 0; i++) {
        const struct state_outcome *item = batch->items[i];

        if (state_step_concerns(item, late)) {
            touched = true;
            removed |= item->outcome.remove;
        }
        if (!touched || !state_step_ends_namespace(batch, i))
            continue;
        if (removed && state_files_remove_namespace(writing->files, item->outcome.namespace_))
            writing->files->made = true;
        else if (!many)
            result = state_files_sync(writing->files, item->outcome.namespace_);
        touched = false;
        removed = false;
    }
    if (result == 0 && many)
        return state_files_sync_all(writing->files);
    return result == 0 && writing->files->made ? state_files_sync(writing->files, NULL) : result;
}

static int write_phase(struct writing *writing, bool late)
{
    const struct state_batch *batch = writing->batch;
    size_t count = 0;
    size_t texts = 0;
    int result;

    for (size_t i = 0; i < batch->count; i++) {
        count += state_step_concerns(batch->items[i], late);
        texts += state_step_concerns(batch->items[i], late) && !batch->items[i]->outcome.remove;
    }
    if (count == 0)
        return 0;
    result = state_step_write(batch, writing->files, &writing->page, late,
                              texts <= SINGLE_SYNCS_MAX, texts > PARALLEL_MIN);
    if (result == 0 && texts > SINGLE_SYNCS_MAX)
        result = state_files_sync_all(writing->files);
    if (result == 0)
        result = state_step_place(batch, writing->files, late, texts > PARALLEL_MIN);
    return result == 0 ? sync_names(writing, late, count > SINGLE_SYNCS_MAX) : result;
}

/* What gives addresses up only needs no space, and may make some: it goes first. */
static int write_removals(struct writing *writing)
{
    struct state_batch *batch = writing->batch;

    for (size_t i = 0; i < batch->count; i++) {
        struct state_outcome *item = batch->items[i];
        int result = item->outcome.remove ? state_step_place_one(writing->files, item, false) : 0;

        if (result != 0)
            return result;
    }
    return 0;
}

static void abandon(struct writing *writing)
{
    for (size_t i = 0; i < writing->batch->count; i++) {
        struct state_outcome *item = writing->batch->items[i];

        if (item->written)
            state_files_abandon(writing->files, item->outcome.namespace_, item->outcome.name);
        item->written = false;
    }
}

static bool is_recorded(const struct state_batch *batch, const char *namespace_, const char *name)
{
    size_t low = 0;
    size_t high = batch->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct service_outcome *outcome = &batch->items[middle]->outcome;
        int order = strcmp(outcome->namespace_, namespace_);

        if (order == 0)
            order = strcmp(outcome->name, name);
        if (order == 0)
            return !outcome->remove;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Removes a record that is none of the batch. */
static int sweep(const char *namespace_, const char *name, int descriptor, void *context)
{
    const struct writing *writing = context;

    (void)descriptor;
    if (is_recorded(writing->batch, namespace_, name))
        return 0;
    return state_files_remove(writing->files, namespace_, name);
}

static bool is_pool(const char *name, void *context)
{
    const struct writing *writing = context;

    for (size_t i = 0; i < writing->batch->pool_count; i++)
        if (strcmp(writing->batch->pools[i].name, name) == 0)
            return true;
    return false;
}

static int write_pools(struct writing *writing)
{
    const struct state_batch *batch = writing->batch;
    struct state_page *page = &writing->page;
    int result = 0;

    for (size_t i = 0; i < batch->pool_count && result == 0; i++) {
        if (state_files_check_pool(batch->pools[i].name) != NULL)
            continue;
        rewind(page->stream);
        state_record_write_pool(page->stream, &batch->pools[i]);
        result = fflush(page->stream) != 0
                     ? -ENOMEM
                     : state_files_write_pool(writing->files, batch->pools[i].name, page->bytes,
                                              page->size);
    }
    return result == 0 ? state_files_keep_pools(writing->files, is_pool, writing) : result;
}

static int write_all(struct writing *writing)
{
    struct state_batch *batch = writing->batch;
    int result = batch->complete ? state_files_walk(writing->files, sweep, writing) : 0;

    if (result == 0)
        result = collect_given_up(writing);
    if (result != 0)
        return result;
    for (size_t i = 0; i < batch->count; i++)
        plan(writing, batch->items[i]);
    result = write_removals(writing);
    if (result == 0)
        result = write_phase(writing, false);
    if (result == 0)
        result = write_phase(writing, true);
    return result == 0 ? write_pools(writing) : result;
}

int state_batch_write(struct state_batch *batch, struct state_files *files)
{
    struct writing writing = {.batch = batch, .files = files};
    int result = state_page_open(&writing.page) ? write_all(&writing) : -ENOMEM;

    if (result != 0)
        abandon(&writing);
    free(writing.given_up);
    state_page_close(&writing.page);
    return result;
}
