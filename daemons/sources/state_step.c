/* SPDX-License-Identifier: MIT */
#include "sources/state_step.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sources/state_record.h"

bool state_page_open(struct state_page *page)
{
    page->stream = open_memstream(&page->bytes, &page->size);
    return page->stream != NULL;
}

void state_page_close(struct state_page *page)
{
    if (page->stream != NULL)
        fclose(page->stream);
    free(page->bytes);
}

bool state_step_concerns(const struct state_outcome *item, bool late)
{
    return late ? item->late : !item->late || item->interim;
}

static int write_temporary(struct state_files *files, struct state_page *page,
                           struct state_outcome *item, bool interim, bool sync)
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

int state_step_place_one(struct state_files *files, struct state_outcome *item, bool interim)
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

bool state_step_ends_namespace(const struct state_batch *batch, size_t index)
{
    return index + 1 == batch->count || strcmp(batch->items[index]->outcome.namespace_,
                                               batch->items[index + 1]->outcome.namespace_) != 0;
}

/* Some of the items, in order, with files and a page of their own. */
struct slice {
    const struct state_batch *batch;
    struct state_files *files;
    struct state_page *page;
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
    return state_step_place_one(slice->files, item, !slice->late && item->interim);
}

static void *run_slice(void *context)
{
    struct slice *slice = context;
    const struct state_batch *batch = slice->batch;

    for (size_t i = slice->first; i < slice->last && slice->result == 0; i++)
        if (state_step_concerns(batch->items[i], slice->late) && !batch->items[i]->outcome.remove)
            slice->result = slice->step(slice, batch->items[i]);
    return NULL;
}

/* Where the second half begins: each thread has namespaces of its own. */
static size_t middle_of(const struct state_batch *batch)
{
    size_t middle = batch->count / 2;

    while (middle > 0 && !state_step_ends_namespace(batch, middle - 1))
        middle--;
    return middle;
}

/* Takes the second half to a thread of its own; false, with nothing done, if there can be none. */
static bool run_in_two(struct slice *slice)
{
    struct state_files files;
    struct state_page page = {0};
    struct slice other = *slice;
    int root = fcntl(slice->files->root, F_DUPFD_CLOEXEC, 0);
    pthread_t thread;
    bool started;

    if (root < 0)
        return false;
    state_files_init(&files, root);
    other.files = &files;
    other.page = &page;
    other.first = middle_of(slice->batch);
    started = state_page_open(&page) && pthread_create(&thread, NULL, run_slice, &other) == 0;
    if (started) {
        slice->last = other.first;
        run_slice(slice);
        pthread_join(thread, NULL);
        slice->files->made |= files.made;
        if (slice->result == 0 && other.result != 0) {
            slice->result = other.result;
            memcpy(slice->files->path, files.path, sizeof(files.path));
        }
    }
    state_page_close(&page);
    state_files_close(&files);
    return started;
}

/* Does one step for all items of a phase, with two threads where there are many. */
static int for_all(struct slice slice, bool many)
{
    if (!many || !run_in_two(&slice))
        run_slice(&slice);
    return slice.result;
}

int state_step_write(const struct state_batch *batch, struct state_files *files,
                     struct state_page *page, bool late, bool sync, bool many)
{
    struct slice slice = {.batch = batch,
                          .files = files,
                          .page = page,
                          .last = batch->count,
                          .late = late,
                          .sync = sync,
                          .step = write_item};

    return for_all(slice, many);
}

int state_step_place(const struct state_batch *batch, struct state_files *files, bool late,
                     bool many)
{
    struct slice slice = {
        .batch = batch, .files = files, .last = batch->count, .late = late, .step = place_item};

    return for_all(slice, many);
}
