/* SPDX-License-Identifier: MIT */
/*
 * The manifests as a source: a change starts a short quiet time, after which all files are looked
 * at once, so that a rename or the exchange of a directory is seen as one change.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "sources/collection.h"
#include "sources/manifests.h"
#include "sources/small_change.h"
#include "sources/watch.h"

#define SETTLE_MILLISECONDS 20
#define RESCAN_MILLISECONDS 2000

/* Files that were changed shortly before the start may be half-written by somebody of whom no event
 * tells: until he must have finished, nothing is taken for gone. */
#define YOUTH_MILLISECONDS 2000

/* The full comparison is for what no event told: it takes no more than this share of the time. */
#define RESCAN_SHARE 100

/* However much else happens, a change is read this many quiet times after it. */
#define SETTLE_TIMES_MAX 3

struct source_manifests {
    struct source source;
    struct collection collection;
    struct watch *watch;
    int epoll;
    int settle; /* timer, armed while a change waits */
    int rescan; /* timer, periodic */
    int youth;  /* timer, armed while the source is young */
    unsigned settle_milliseconds;
    unsigned youth_milliseconds;
    unsigned rescan_milliseconds;
    uint64_t first_change; /* milliseconds; 0: none waits */
    bool unadmitted;       /* what was admitted last was not all, or not settled */
    bool young;            /* files were changed shortly before the start, which is not long ago */
    struct object_set set;
    struct object_changes changes;
    struct small_change last; /* what changes points to */
    struct problem_list problems;
};

static uint64_t now_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct source_manifests *of(struct source *source)
{
    return (struct source_manifests *)source;
}

static int fd(const struct source *source)
{
    return ((const struct source_manifests *)source)->epoll;
}

static const struct object_set *objects(const struct source *source)
{
    return &((const struct source_manifests *)source)->set;
}

static const struct object_changes *changes(const struct source *source)
{
    return &((const struct source_manifests *)source)->changes;
}

static const struct problem_list *problems(const struct source *source)
{
    return &((const struct source_manifests *)source)->problems;
}

static void arm_after(int timer, unsigned milliseconds, bool periodic)
{
    struct itimerspec time = {0};

    time.it_value.tv_sec = milliseconds / 1000;
    time.it_value.tv_nsec = (long)(milliseconds % 1000) * 1000000;
    if (periodic)
        time.it_interval = time.it_value;
    timerfd_settime(timer, 0, &time, NULL);
}

/* A change was seen: look when it is quiet, but not much later than the first change wants it. */
static void settle(struct source_manifests *source)
{
    uint64_t now = now_milliseconds();
    uint64_t latest;
    unsigned wait = source->settle_milliseconds;

    if (source->first_change == 0)
        source->first_change = now;
    latest = source->first_change + (uint64_t)SETTLE_TIMES_MAX * source->settle_milliseconds;
    if (now + wait > latest)
        wait = latest > now ? (unsigned)(latest - now) : 1;
    arm_after(source->settle, wait, false);
}

/* Watches what the last look has read. True if something is watched that was not. */
static bool follow(struct source_manifests *source)
{
    watch_begin(source->watch);
    for (size_t i = 0; i < source->collection.count; i++) {
        const struct collection_root *root = &source->collection.roots[i];

        watch_entry(source->watch, root->path);
        for (size_t j = 0; j < root->directories.count; j++)
            watch_directory(source->watch, root->directories.items[j]);
    }
    return watch_end(source->watch) > 0;
}

static bool busy(const char *path, void *context)
{
    const struct source_manifests *source = context;

    return watch_is_busy(source->watch, path, now_milliseconds());
}

static int admit(struct source_manifests *source, const struct object_set *in_force)
{
    struct problem_list found = {0};
    struct object_set set;
    int result = collection_admit(&source->collection, in_force, &set, &found);

    if (result != 0) {
        problem_list_clear(&found);
        return result;
    }
    set.incomplete |= source->young;
    object_set_clear(&source->set);
    problem_list_clear(&source->problems);
    source->set = set;
    source->changes = (struct object_changes){.footing = true};
    source->problems = found;
    return 1;
}

/* What was changed shortly before it was watched is not trusted for a while. */
static void be_young(struct source_manifests *source)
{
    if (!collection_is_younger(&source->collection, (int64_t)source->youth_milliseconds * 1000000))
        return;
    source->young = true;
    arm_after(source->youth, source->youth_milliseconds, false);
}

static int look(struct source_manifests *source)
{
    int result = collection_scan(&source->collection, &source->set, busy, source);
    bool changed = result != 0;

    /* Who writes meanwhile is heard only now: what was read of his file may be half of it. */
    if (watch_read(source->watch, now_milliseconds()))
        source->collection.unsettled = true;
    /* What happened in a directory before it was watched is seen by a second look. */
    if (follow(source)) {
        source->collection.unsettled = true;
        be_young(source);
    }
    if (source->collection.unsettled || result < 0)
        settle(source);
    if (result < 0 || (!changed && (!source->unadmitted || source->collection.unsettled))) {
        source->unadmitted |= result < 0;
        return result;
    }
    result = admit(source, &source->set);
    if (result < 0)
        settle(source);
    source->unadmitted = result < 0 || source->collection.unsettled;
    return result;
}

/* Looks at the files that events were about. Returns 1, 0, a negative errno, or -EAGAIN if all
 * files must be looked at. */
static int look_at_files(struct source_manifests *source, const struct path_list *paths)
{
    struct small_change change;
    int result = small_change_read(&change, &source->collection, paths, &source->set, busy, source);

    /* As in look(): who writes meanwhile is heard only now. */
    if (result == 0 && (watch_read(source->watch, now_milliseconds()) || change.deferred))
        result = -EAGAIN;
    if (result == 0 && change.changed) {
        result = small_change_apply(&change, &source->set);
        if (result == 0)
            result = -EAGAIN;
    }
    source->unadmitted |= change.changed && result != 1;
    if (result != 1) {
        small_change_clear(&change);
        return result;
    }
    small_change_clear(&source->last);
    source->last = change;
    source->changes = (struct object_changes){.kinds = OBJECT_BIT(OBJECT_SERVICE),
                                              .services = source->last.keys,
                                              .service_count = source->last.key_count};
    return 1;
}

static int look_settled(struct source_manifests *source)
{
    struct path_list paths;
    bool exact = watch_take_files(source->watch, &paths) && !source->unadmitted && !source->young &&
                 !source->collection.unsettled;
    int result = exact && paths.count > 0 ? look_at_files(source, &paths) : -EAGAIN;

    path_list_clear(&paths);
    return result == -EAGAIN ? look(source) : result;
}

static bool expired(int timer)
{
    uint64_t times;

    return read(timer, &times, sizeof(times)) == (ssize_t)sizeof(times);
}

/* Looks at everything, and the more seldom the longer that takes. */
static int compare_all(struct source_manifests *source)
{
    uint64_t began = now_milliseconds();
    int result = look(source);
    uint64_t pace = (now_milliseconds() - began) * RESCAN_SHARE;

    if (pace < source->rescan_milliseconds)
        pace = source->rescan_milliseconds;
    arm_after(source->rescan, pace < UINT32_MAX ? (unsigned)pace : UINT32_MAX, true);
    return result;
}

static int dispatch(struct source *base)
{
    struct source_manifests *source = of(base);
    bool rescan = expired(source->rescan);

    if (watch_read(source->watch, now_milliseconds()))
        settle(source);
    if (expired(source->youth)) {
        source->young = false;
        source->unadmitted = true;
        settle(source);
    }
    if (expired(source->settle)) {
        source->first_change = 0;
        return look_settled(source);
    }
    /* While a change waits, half of it may be there: it gets its look in a moment. */
    return rescan && source->first_change == 0 ? compare_all(source) : 0;
}

static void close_descriptor(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

static void destroy(struct source *base)
{
    struct source_manifests *source = of(base);

    collection_clear(&source->collection);
    small_change_clear(&source->last);
    object_set_clear(&source->set);
    problem_list_clear(&source->problems);
    watch_free(source->watch);
    close_descriptor(source->settle);
    close_descriptor(source->rescan);
    close_descriptor(source->youth);
    close_descriptor(source->epoll);
    free(source);
}

static int wait_for(int epoll, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};

    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno;
}

static int open_descriptors(struct source_manifests *source)
{
    int result = watch_new(&source->watch);

    if (result != 0)
        return result;
    source->epoll = epoll_create1(EPOLL_CLOEXEC);
    source->settle = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    source->rescan = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    source->youth = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (source->epoll < 0 || source->settle < 0 || source->rescan < 0 || source->youth < 0)
        return -errno;
    result = wait_for(source->epoll, watch_fd(source->watch));
    if (result == 0)
        result = wait_for(source->epoll, source->settle);
    if (result == 0)
        result = wait_for(source->epoll, source->rescan);
    if (result == 0)
        result = wait_for(source->epoll, source->youth);
    return result;
}

static int start(struct source_manifests *source)
{
    int result;

    follow(source);
    result = collection_scan(&source->collection, NULL, NULL, NULL);
    if (result < 0)
        return result;
    if (follow(source) || source->collection.unsettled)
        settle(source);
    be_young(source);
    result = admit(source, NULL);
    if (result < 0)
        return result;
    source->unadmitted = source->collection.unsettled;
    arm_after(source->rescan, source->rescan_milliseconds, true);
    source->source.generation = 1;
    return 0;
}

static const struct source_operations operations = {
    .fd = fd,
    .dispatch = dispatch,
    .objects = objects,
    .changes = changes,
    .problems = problems,
    .free = destroy,
};

static unsigned or_default(unsigned value, unsigned standard)
{
    return value == 0 ? standard : value;
}

int source_manifests_new(const char *const *paths, size_t count,
                         const struct manifests_options *options, struct source **source)
{
    static const struct manifests_options none = {0};
    struct source_manifests *made;
    int result;

    if (options == NULL)
        options = &none;
    for (size_t i = 0; i < count; i++)
        if (strcmp(paths[i], "-") == 0)
            return -EINVAL;
    made = calloc(1, sizeof(*made));
    if (made == NULL)
        return -ENOMEM;
    made->source.operations = &operations;
    made->settle_milliseconds = or_default(options->settle_milliseconds, SETTLE_MILLISECONDS);
    made->youth_milliseconds = or_default(options->youth_milliseconds, YOUTH_MILLISECONDS);
    made->rescan_milliseconds = or_default(options->rescan_milliseconds, RESCAN_MILLISECONDS);
    made->epoll = -1;
    made->settle = -1;
    made->rescan = -1;
    made->youth = -1;
    result = collection_init(&made->collection, paths, count);
    if (result == 0)
        result = open_descriptors(made);
    if (result == 0)
        result = start(made);
    if (result != 0) {
        destroy(&made->source);
        return result;
    }
    *source = &made->source;
    return 0;
}
