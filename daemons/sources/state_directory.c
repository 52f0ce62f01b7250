/* SPDX-License-Identifier: MIT */
#include "sources/state_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/state_load.h"
#include "sources/state_lock.h"
#include "sources/state_outcomes.h"
#include "sources/state_worker.h"

struct state_directory {
    struct sink sink;
    struct state_outcomes outcomes; /* which of them can be recorded */
    struct state_worker *worker;
};

static int fd(const struct sink *sink)
{
    return state_worker_fd(((const struct state_directory *)sink)->worker);
}

static int take_outcomes(struct sink *sink, const struct outcomes *outcomes)
{
    struct state_directory *directory = (struct state_directory *)sink;
    struct outcomes fit;
    struct state_batch batch;
    int result = state_outcomes_select(&directory->outcomes, outcomes, &fit);

    if (result == 0) {
        result = state_batch_init(&batch, &fit);
        state_outcomes_free(outcomes, &fit);
    }
    if (result != 0)
        return result;
    batch.sequence = sink->written + 1;
    result = state_worker_give(directory->worker, &batch);
    if (result != 0)
        state_batch_clear(&batch);
    return result;
}

static bool dispatch(struct sink *sink)
{
    struct state_directory *directory = (struct state_directory *)sink;
    struct problem_list problems = {0};
    uint64_t durable = 0;
    bool changed;
    bool lost = state_worker_report(directory->worker, &durable, &problems);

    problem_list_append(&problems, &directory->outcomes.problems);
    changed = durable != sink->durable || lost != sink->wants_all ||
              !problem_list_equal(&problems, &sink->problems);
    sink->durable = durable;
    sink->wants_all = lost;
    problem_list_clear(&sink->problems);
    sink->problems = problems;
    return changed;
}

static bool flush(struct sink *sink, unsigned milliseconds)
{
    struct state_directory *directory = (struct state_directory *)sink;

    state_worker_wait(directory->worker, sink->written, milliseconds);
    dispatch(sink);
    return sink_is_durable(sink);
}

static void destroy(struct sink *sink)
{
    struct state_directory *directory = (struct state_directory *)sink;

    state_worker_free(directory->worker);
    state_outcomes_clear(&directory->outcomes);
    problem_list_clear(&sink->problems);
    free(directory);
}

static const struct sink_operations operations = {
    .fd = fd,
    .write = take_outcomes,
    .dispatch = dispatch,
    .flush = flush,
    .free = destroy,
};

static int lock(const char *path, int root, int *descriptor, char *error, size_t error_size)
{
    char holder[384];
    int result = state_lock_take(root, descriptor, holder, sizeof(holder));

    if (result == -EBUSY)
        snprintf(error, error_size, "%s: another controller has this state directory: %s", path,
                 holder);
    else if (result != 0)
        snprintf(error, error_size, "%s/lock: %s", path, strerror(-result));
    return result;
}

static int load(const char *path, int root, struct state_records *records,
                struct problem_list *problems, char *error, size_t error_size)
{
    struct state_files files;
    int copy = fcntl(root, F_DUPFD_CLOEXEC, 0);
    int result;

    if (copy < 0)
        return -errno;
    state_files_init(&files, copy);
    result = state_load(path, &files, records, problems);
    state_files_close(&files);
    if (result != 0)
        snprintf(error, error_size, "%s: its records cannot be listed: %s", path,
                 strerror(-result));
    return result;
}

/* Takes both descriptors over. */
static int make(const char *path, int root, int lock_descriptor,
                const struct state_records *records, struct sink **sink)
{
    struct state_directory *made = calloc(1, sizeof(*made));
    int result = made == NULL ? -ENOMEM : state_outcomes_init(&made->outcomes, records);

    if (result == 0)
        result = state_worker_new(path, root, lock_descriptor, &made->worker);
    if (result != 0) {
        if (made != NULL)
            state_outcomes_clear(&made->outcomes);
        free(made);
        close(root);
        close(lock_descriptor);
        return result;
    }
    made->sink.operations = &operations;
    *sink = &made->sink;
    return 0;
}

int state_directory_open(const char *path, struct state_records *records,
                         struct problem_list *problems, struct sink **sink, char *error,
                         size_t error_size)
{
    int lock_descriptor = -1;
    int root;
    int result;

    memset(records, 0, sizeof(*records));
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        snprintf(error, error_size, "%s: cannot be made: %s", path, strerror(errno));
        return -errno;
    }
    root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        return -errno;
    }
    result = lock(path, root, &lock_descriptor, error, error_size);
    if (result == 0)
        result = load(path, root, records, problems, error, error_size);
    if (result != 0) {
        if (lock_descriptor >= 0)
            close(lock_descriptor);
        close(root);
        return result;
    }
    result = make(path, root, lock_descriptor, records, sink);
    if (result != 0) {
        state_records_clear(records);
        snprintf(error, error_size, "%s: %s", path, strerror(-result));
    }
    return result;
}
