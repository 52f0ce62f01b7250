/* SPDX-License-Identifier: MIT */
/* How a batch gets to the disk: temporaries, one sync, renames, another sync, in two phases. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/state_batch.h"
#include "sources/state_record.h"

/* More files are made durable by one sync of the file system than each by itself. */
#define SINGLE_SYNCS_MAX 16

/* More files are written by two threads. */
#define PARALLEL_MIN 500

/* A text that is written into memory again and again. */
struct page {
    FILE *stream;
    char *bytes;
    size_t size;
};

struct writing {
    struct state_batch *batch;
    struct state_files *files;
    struct page page;
    struct mlb_address *given_up; /* sorted */
    size_t given_up_count;
};

static bool page_open(struct page *page)
{
    page->stream = open_memstream(&page->bytes, &page->size);
    return page->stream != NULL;
}

static void page_close(struct page *page)
{
    if (page->stream != NULL)
        fclose(page->stream);
    free(page->bytes);
}

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

static bool is_in_phase(const struct state_outcome *item, bool late)
{
    return late ? item->late : !item->late || item->interim;
}

static int write_temporary(struct state_files *files, struct page *page, struct state_outcome *item,
                           bool interim, bool sync)
{
    struct service_outcome outcome = item->outcome;
    int result;

    if (interim) {
        outcome.address_count = 0;
        outcome.reason = "its addresses are changing just now";
    }
    rewind(page->stream);
    state_record_write(page->stream, &outcome);
    if (fflush(page->stream) != 0)
        return -ENOMEM;
    result =
        state_files_write(files, outcome.namespace_, outcome.name, page->bytes, page->size, sync);
    item->written = result == 0;
    return result;
}

static int put_in_place(struct state_files *files, struct state_outcome *item, bool interim)
{
    const struct service_outcome *outcome = &item->outcome;
    int result = outcome->remove ? state_files_remove(files, outcome->namespace_, outcome->name)
                                 : state_files_rename(files, outcome->namespace_, outcome->name);

    if (result != 0)
        return result;
    item->written = false;
    memcpy(item->recorded, outcome->addresses, sizeof(item->recorded));
    item->recorded_count = interim ? 0 : outcome->address_count;
    return 0;
}

static bool is_last_of_namespace(const struct state_batch *batch, size_t index)
{
    return index + 1 == batch->count || strcmp(batch->items[index]->outcome.namespace_,
                                               batch->items[index + 1]->outcome.namespace_) != 0;
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

        if (is_in_phase(item, late)) {
            touched = true;
            removed |= item->outcome.remove;
        }
        if (!touched || !is_last_of_namespace(batch, i))
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

/* Some of the items, in order, with files and a page of their own. */
struct slice {
    struct writing *writing;
    struct state_files *files;
    struct page *page;
    size_t first;
    size_t last; /* behind it */
    bool late;
    bool sync;
    int (*step)(const struct slice *slice, struct state_outcome *item);
    int result;
};

static int write_item(const struct slice *slice, struct state_outcome *item)
{
    return write_temporary(slice->files, slice->page, item, !slice->late && item->interim,
                           slice->sync);
}

static int place_item(const struct slice *slice, struct state_outcome *item)
{
    return put_in_place(slice->files, item, !slice->late && item->interim);
}

static void *run_slice(void *context)
{
    struct slice *slice = context;
    struct state_batch *batch = slice->writing->batch;

    for (size_t i = slice->first; i < slice->last && slice->result == 0; i++)
        if (is_in_phase(batch->items[i], slice->late) && !batch->items[i]->outcome.remove)
            slice->result = slice->step(slice, batch->items[i]);
    return NULL;
}

/* Where the second half begins: each thread has namespaces of its own. */
static size_t middle_of(const struct state_batch *batch)
{
    size_t middle = batch->count / 2;

    while (middle > 0 && !is_last_of_namespace(batch, middle - 1))
        middle--;
    return middle;
}

/* Takes the second half to a thread of its own; false if there can be none. */
static bool run_beside(struct slice *slice, struct slice *other)
{
    struct state_files files;
    struct page page = {0};
    int root = fcntl(slice->files->root, F_DUPFD_CLOEXEC, 0);
    pthread_t thread;
    bool started;

    if (root < 0)
        return false;
    state_files_init(&files, root);
    other->files = &files;
    other->page = &page;
    started = page_open(&page) && pthread_create(&thread, NULL, run_slice, other) == 0;
    if (started) {
        run_slice(slice);
        pthread_join(thread, NULL);
        slice->files->made |= files.made;
        if (slice->result == 0 && other->result != 0)
            memcpy(slice->files->path, files.path, sizeof(files.path));
    }
    page_close(&page);
    state_files_close(&files);
    return started;
}

/* Does one step for all items of a phase, with two threads where there are many. */
static int for_all(struct writing *writing, bool late, bool sync, bool many,
                   int (*step)(const struct slice *slice, struct state_outcome *item))
{
    struct slice slice = {.writing = writing,
                          .files = writing->files,
                          .page = &writing->page,
                          .last = writing->batch->count,
                          .late = late,
                          .sync = sync,
                          .step = step};
    struct slice other = slice;

    if (many) {
        slice.last = middle_of(writing->batch);
        other.first = slice.last;
        if (run_beside(&slice, &other))
            return slice.result != 0 ? slice.result : other.result;
        slice.last = writing->batch->count;
    }
    run_slice(&slice);
    return slice.result;
}

static int write_phase(struct writing *writing, bool late)
{
    const struct state_batch *batch = writing->batch;
    size_t count = 0;
    size_t texts = 0;
    int result;

    for (size_t i = 0; i < batch->count; i++) {
        count += is_in_phase(batch->items[i], late);
        texts += is_in_phase(batch->items[i], late) && !batch->items[i]->outcome.remove;
    }
    if (count == 0)
        return 0;
    result = for_all(writing, late, texts <= SINGLE_SYNCS_MAX, texts > PARALLEL_MIN, write_item);
    if (result == 0 && texts > SINGLE_SYNCS_MAX)
        result = state_files_sync_all(writing->files);
    if (result == 0)
        result = for_all(writing, late, false, texts > PARALLEL_MIN, place_item);
    return result == 0 ? sync_names(writing, late, count > SINGLE_SYNCS_MAX) : result;
}

/* What gives addresses up only needs no space, and may make some: it goes first. */
static int write_removals(struct writing *writing)
{
    struct state_batch *batch = writing->batch;

    for (size_t i = 0; i < batch->count; i++) {
        struct state_outcome *item = batch->items[i];
        int result = item->outcome.remove ? put_in_place(writing->files, item, false) : 0;

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
    struct page *page = &writing->page;
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
    int result = page_open(&writing.page) ? write_all(&writing) : -ENOMEM;

    if (result != 0)
        abandon(&writing);
    free(writing.given_up);
    page_close(&writing.page);
    return result;
}
