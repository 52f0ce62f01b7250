/* SPDX-License-Identifier: MIT */
#include "sources/state_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sources/state_lock.h"

#define PAUSE_FIRST_MILLISECONDS 100
#define PAUSE_LAST_MILLISECONDS  3000

struct state_worker {
    char *path;
    int event;
    pthread_t thread;
    /* The thread's own. */
    struct state_files files;
    int lock;
    struct state_batch failed; /* written in part, or not at all */
    unsigned pause;
    /* Guarded by the mutex. */
    pthread_mutex_t mutex;
    pthread_cond_t wake; /* of the thread */
    pthread_cond_t done; /* for those who wait */
    struct state_batch waiting;
    bool has_waiting;
    bool stopped;
    bool lost;
    uint64_t durable;
    struct problem_list problems;
};

static struct timespec after(unsigned milliseconds)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += milliseconds / 1000;
    time.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return time;
}

static void notify(struct state_worker *worker)
{
    uint64_t one = 1;

    /* Full it is readable already. */
    if (write(worker->event, &one, sizeof(one)) < 0 && errno != EAGAIN)
        abort();
    pthread_cond_broadcast(&worker->done);
}

static bool is_same_directory(const struct state_worker *worker)
{
    struct stat held;
    struct stat now;

    return fstat(worker->files.root, &held) == 0 && stat(worker->path, &now) == 0 &&
           held.st_ino == now.st_ino && held.st_dev == now.st_dev;
}

/* Somebody removed or replaced the directory: what stands at its path now is taken. */
static int take_other_directory(struct state_worker *worker)
{
    char holder[384];
    int lock = -1;
    int root;
    int result;

    snprintf(worker->files.path, sizeof(worker->files.path), "lock");
    if (mkdir(worker->path, 0755) != 0 && errno != EEXIST)
        return -errno;
    root = open(worker->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return -errno;
    result = state_lock_take(root, &lock, holder, sizeof(holder));
    if (result != 0) {
        close(root);
        return result;
    }
    state_files_close(&worker->files);
    close(worker->lock);
    state_files_init(&worker->files, root);
    worker->lock = lock;
    return 1;
}

/* Returns 0, 1 if what was recorded is lost, or a negative errno. */
static int write_batch(struct state_worker *worker, struct state_batch *batch)
{
    int result = is_same_directory(worker) ? 0 : take_other_directory(worker);

    if (result < 0 || (result == 1 && !batch->complete))
        return result;
    return state_batch_write(batch, &worker->files);
}

static void set_problem(struct state_worker *worker, int error)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", worker->path, state_files_path(&worker->files));
    problem_list_clear(&worker->problems);
    problem_add(&worker->problems, PROBLEM_ERROR, path, 0, "", "",
                "cannot be written: %s; what is recorded stays, and it is tried again",
                strerror(error));
}

/* Waits for work or for the end of a pause; false when the thread is to end. */
static bool wait_for_work(struct state_worker *worker)
{
    struct timespec until = after(worker->pause);

    while (!worker->stopped && worker->pause > 0)
        if (pthread_cond_timedwait(&worker->wake, &worker->mutex, &until) == ETIMEDOUT)
            break;
    while (!worker->stopped && worker->failed.items == NULL && !worker->has_waiting)
        pthread_cond_wait(&worker->wake, &worker->mutex);
    return !worker->stopped;
}

/* Takes what is to be written next: what failed, with what came since where there is memory. */
static struct state_batch take_batch(struct state_worker *worker)
{
    struct state_batch batch = worker->failed;

    memset(&worker->failed, 0, sizeof(worker->failed));
    if (!worker->has_waiting ||
        (batch.items != NULL && state_batch_merge(&batch, &worker->waiting) != 0))
        return batch;
    batch = worker->waiting;
    memset(&worker->waiting, 0, sizeof(worker->waiting));
    worker->has_waiting = false;
    return batch;
}

static void settle(struct state_worker *worker, struct state_batch *batch, int result)
{
    if (result == 0) {
        worker->durable = batch->sequence;
        worker->lost &= !batch->complete;
    }
    if (result >= 0) {
        worker->lost |= result == 1;
        worker->pause = 0;
        problem_list_clear(&worker->problems);
        state_batch_clear(batch);
    } else {
        worker->failed = *batch;
        worker->pause = worker->pause == 0 ? PAUSE_FIRST_MILLISECONDS : worker->pause * 2;
        if (worker->pause > PAUSE_LAST_MILLISECONDS)
            worker->pause = PAUSE_LAST_MILLISECONDS;
        set_problem(worker, -result);
    }
    notify(worker);
}

static void *work(void *context)
{
    struct state_worker *worker = context;

    pthread_mutex_lock(&worker->mutex);
    while (wait_for_work(worker)) {
        struct state_batch batch = take_batch(worker);
        bool useless = worker->lost && !batch.complete;
        int result = 1;

        if (!useless) {
            pthread_mutex_unlock(&worker->mutex);
            result = write_batch(worker, &batch);
            pthread_mutex_lock(&worker->mutex);
        }
        settle(worker, &batch, result);
    }
    pthread_mutex_unlock(&worker->mutex);
    return NULL;
}

static void init_conditions(struct state_worker *worker)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->wake, &attributes);
    pthread_cond_init(&worker->done, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* Signals are for the other threads. */
static int start_thread(struct state_worker *worker)
{
    sigset_t all;
    sigset_t former;
    int result;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    result = pthread_create(&worker->thread, NULL, work, worker);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return -result;
}

static void release(struct state_worker *worker)
{
    pthread_cond_destroy(&worker->wake);
    pthread_cond_destroy(&worker->done);
    pthread_mutex_destroy(&worker->mutex);
    if (worker->event >= 0)
        close(worker->event);
    free(worker->path);
    free(worker);
}

int state_worker_new(const char *path, int root, int lock, struct state_worker **worker)
{
    struct state_worker *made = calloc(1, sizeof(*made));
    int result = 0;

    if (made == NULL)
        return -ENOMEM;
    init_conditions(made);
    state_files_init(&made->files, root);
    made->lock = lock;
    made->path = strdup(path);
    made->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->path == NULL)
        result = -ENOMEM;
    else if (made->event < 0)
        result = -errno;
    if (result == 0)
        result = start_thread(made);
    if (result != 0) {
        release(made);
        return result;
    }
    *worker = made;
    return 0;
}

void state_worker_free(struct state_worker *worker)
{
    if (worker == NULL)
        return;
    pthread_mutex_lock(&worker->mutex);
    worker->stopped = true;
    pthread_cond_broadcast(&worker->wake);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
    state_batch_clear(&worker->failed);
    state_batch_clear(&worker->waiting);
    problem_list_clear(&worker->problems);
    state_files_close(&worker->files);
    close(worker->lock);
    release(worker);
}

int state_worker_fd(const struct state_worker *worker)
{
    return worker->event;
}

int state_worker_give(struct state_worker *worker, struct state_batch *batch)
{
    int result = 0;

    pthread_mutex_lock(&worker->mutex);
    if (worker->has_waiting)
        result = state_batch_merge(&worker->waiting, batch);
    if (result == 0) {
        worker->waiting = *batch;
        worker->has_waiting = true;
        pthread_cond_signal(&worker->wake);
    }
    pthread_mutex_unlock(&worker->mutex);
    return result;
}

bool state_worker_report(struct state_worker *worker, uint64_t *durable,
                         struct problem_list *problems)
{
    uint64_t times;
    bool lost;

    if (read(worker->event, &times, sizeof(times)) < 0 && errno != EAGAIN)
        abort();
    pthread_mutex_lock(&worker->mutex);
    *durable = worker->durable;
    lost = worker->lost;
    problem_list_append(problems, &worker->problems);
    pthread_mutex_unlock(&worker->mutex);
    return lost;
}

void state_worker_wait(struct state_worker *worker, uint64_t sequence, unsigned milliseconds)
{
    struct timespec until = after(milliseconds);

    pthread_mutex_lock(&worker->mutex);
    while (worker->durable < sequence &&
           pthread_cond_timedwait(&worker->done, &worker->mutex, &until) != ETIMEDOUT)
        continue;
    pthread_mutex_unlock(&worker->mutex);
}
