/* SPDX-License-Identifier: MIT */
#include "sources/watch.h"

#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "sources/listing.h"

#define EVENTS                                                                          \
    (IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR)

/* Who keeps a file open without writing to it has no claim for longer. */
#define BUSY_MILLISECONDS 1000

struct watched {
    int descriptor;
    char *directory;
    char *entry; /* only this name in it matters; NULL: all that can be manifests */
    bool wanted;
};

struct busy_file {
    char *path;
    uint64_t written; /* milliseconds */
};

struct watch {
    int descriptor;
    struct watched *items;
    size_t count;
    size_t added;
    struct busy_file *busy;
    size_t busy_count;
    struct path_list files; /* that events were about since watch_take_files() */
    bool any;               /* any file may have changed since */
};

int watch_new(struct watch **watch)
{
    struct watch *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return -ENOMEM;
    made->descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (made->descriptor < 0) {
        int error = errno;

        free(made);
        return -error;
    }
    *watch = made;
    return 0;
}

static void clear_watched(struct watched *item)
{
    free(item->directory);
    free(item->entry);
}

void watch_free(struct watch *watch)
{
    if (watch == NULL)
        return;
    for (size_t i = 0; i < watch->count; i++)
        clear_watched(&watch->items[i]);
    for (size_t i = 0; i < watch->busy_count; i++)
        free(watch->busy[i].path);
    free(watch->items);
    free(watch->busy);
    path_list_clear(&watch->files);
    close(watch->descriptor);
    free(watch);
}

int watch_fd(const struct watch *watch)
{
    return watch->descriptor;
}

void watch_begin(struct watch *watch)
{
    watch->added = 0;
    for (size_t i = 0; i < watch->count; i++)
        watch->items[i].wanted = false;
}

static bool same_entry(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

/* What cannot be watched is found by the slow comparison of all files. */
static bool add(struct watch *watch, const char *directory, const char *entry)
{
    int descriptor = inotify_add_watch(watch->descriptor, directory, EVENTS);
    struct watched item = {.descriptor = descriptor, .wanted = true};
    struct watched *items;

    if (descriptor < 0)
        return false;
    for (size_t i = 0; i < watch->count; i++) {
        struct watched *known = &watch->items[i];

        if (known->descriptor == descriptor && strcmp(known->directory, directory) == 0 &&
            same_entry(known->entry, entry)) {
            known->wanted = true;
            return true;
        }
    }
    items = reallocarray(watch->items, watch->count + 1, sizeof(*items));
    if (items == NULL)
        return false;
    watch->items = items;
    item.directory = strdup(directory);
    item.entry = entry == NULL ? NULL : strdup(entry);
    if (item.directory == NULL || (entry != NULL && item.entry == NULL)) {
        clear_watched(&item);
        return false;
    }
    items[watch->count++] = item;
    watch->added++;
    return true;
}

void watch_directory(struct watch *watch, const char *directory)
{
    add(watch, directory, NULL);
}

/* Cuts the last name off a path and returns it; NULL for a path that has none. */
static char *cut_name(char *path)
{
    size_t length = strlen(path);
    char *slash;

    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    slash = strrchr(path, '/');
    if (slash == NULL || slash[1] == '\0')
        return NULL;
    *slash = '\0';
    return slash + 1;
}

void watch_entry(struct watch *watch, const char *path)
{
    char *copy = NULL;
    char *name;

    /* A relative path is one below the working directory. */
    if (asprintf(&copy, "%s%s", path[0] == '/' ? "" : "./", path) < 0)
        return;
    for (name = cut_name(copy); name != NULL; name = cut_name(copy))
        if (add(watch, copy[0] == '\0' ? "/" : copy, name))
            break;
    free(copy);
}

static bool is_wanted(const struct watch *watch, int descriptor)
{
    for (size_t i = 0; i < watch->count; i++)
        if (watch->items[i].descriptor == descriptor && watch->items[i].wanted)
            return true;
    return false;
}

size_t watch_end(struct watch *watch)
{
    size_t kept = 0;

    for (size_t i = 0; i < watch->count; i++)
        if (!watch->items[i].wanted && !is_wanted(watch, watch->items[i].descriptor))
            inotify_rm_watch(watch->descriptor, watch->items[i].descriptor);
    for (size_t i = 0; i < watch->count; i++) {
        if (watch->items[i].wanted)
            watch->items[kept++] = watch->items[i];
        else
            clear_watched(&watch->items[i]);
    }
    watch->count = kept;
    return watch->added;
}

/* A path below the working directory is written with "./" or without. */
static bool same_path(const char *a, const char *b)
{
    a += strncmp(a, "./", 2) == 0 ? 2 : 0;
    b += strncmp(b, "./", 2) == 0 ? 2 : 0;
    return strcmp(a, b) == 0;
}

static void set_busy(struct watch *watch, const char *path, uint64_t now)
{
    struct busy_file *items;
    char *copy;

    for (size_t i = 0; i < watch->busy_count; i++)
        if (same_path(watch->busy[i].path, path)) {
            watch->busy[i].written = now;
            return;
        }
    items = reallocarray(watch->busy, watch->busy_count + 1, sizeof(*items));
    if (items == NULL)
        return;
    watch->busy = items;
    copy = strdup(path);
    if (copy != NULL)
        items[watch->busy_count++] = (struct busy_file){.path = copy, .written = now};
}

static void clear_busy(struct watch *watch, const char *path)
{
    for (size_t i = 0; i < watch->busy_count; i++)
        if (same_path(watch->busy[i].path, path)) {
            free(watch->busy[i].path);
            watch->busy[i] = watch->busy[--watch->busy_count];
            return;
        }
}

bool watch_is_busy(const struct watch *watch, const char *path, uint64_t now_milliseconds)
{
    for (size_t i = 0; i < watch->busy_count; i++)
        if (same_path(watch->busy[i].path, path))
            return now_milliseconds - watch->busy[i].written < BUSY_MILLISECONDS;
    return false;
}

/* Forgets those who kept a file open for too long, so that their number stays bounded. */
static void forget_idle(struct watch *watch, uint64_t now)
{
    for (size_t i = 0; i < watch->busy_count;)
        if (now - watch->busy[i].written >= BUSY_MILLISECONDS) {
            free(watch->busy[i].path);
            watch->busy[i] = watch->busy[--watch->busy_count];
        } else {
            i++;
        }
}

static char *path_of(const struct watched *item, const struct inotify_event *event)
{
    size_t length = strlen(item->directory);
    char *path = NULL;

    if (asprintf(&path, "%s%s%s", item->directory,
                 length > 0 && item->directory[length - 1] == '/' ? "" : "/", event->name) < 0)
        return NULL;
    return path;
}

static void note_writer(struct watch *watch, const char *path, uint32_t mask, uint64_t now)
{
    if ((mask & IN_MODIFY) != 0)
        set_busy(watch, path, now);
    else
        clear_busy(watch, path);
}

/* Many files at once are as well compared all. */
#define FILES_MAX 4096

/* Takes the path over. */
static void note_file(struct watch *watch, char *path)
{
    size_t count = watch->files.count;

    /* The events of one file mostly come together. */
    if (count > 0 && strcmp(watch->files.items[count - 1], path) == 0)
        free(path);
    else if (count == FILES_MAX || path_list_add(&watch->files, path) != 0)
        watch->any = true;
}

/* Editors and Kubernetes make files with a leading dot; of these only the link ..data counts. */
static bool can_matter(const struct inotify_event *event)
{
    if (event->len == 0 || (event->mask & IN_ISDIR) != 0)
        return true;
    if (event->name[0] == '.')
        return event->name[1] == '.';
    return listing_is_manifest_name(event->name) ||
           (event->mask & (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)) != 0;
}

static bool is_of_file(const struct watched *item, const struct inotify_event *event)
{
    return item->entry == NULL && event->len > 0 && (event->mask & IN_ISDIR) == 0 &&
           event->name[0] != '.' && listing_is_manifest_name(event->name);
}

/* Takes in what happened to one directory; true if it matters. */
static bool take_item(struct watch *watch, const struct watched *item,
                      const struct inotify_event *event, uint64_t now)
{
    bool matters = item->entry != NULL || can_matter(event);
    char *path;

    if (item->entry != NULL && event->len > 0 && strcmp(item->entry, event->name) != 0)
        return false;
    path = event->len > 0 ? path_of(item, event) : NULL;
    if (path != NULL)
        note_writer(watch, path, event->mask, now);
    if (path != NULL && is_of_file(item, event)) {
        note_file(watch, path);
        return matters;
    }
    watch->any |= matters;
    free(path);
    return matters;
}

static bool take_event(struct watch *watch, const struct inotify_event *event, uint64_t now)
{
    bool matters = (event->mask & IN_Q_OVERFLOW) != 0;

    watch->any |= matters;
    for (size_t i = 0; i < watch->count; i++)
        if (watch->items[i].descriptor == event->wd)
            matters |= take_item(watch, &watch->items[i], event, now);
    return matters;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool watch_take_files(struct watch *watch, struct path_list *paths)
{
    bool exact = !watch->any;
    size_t kept = 0;

    *paths = watch->files;
    memset(&watch->files, 0, sizeof(watch->files));
    watch->any = false;
    if (paths->count > 1)
        qsort(paths->items, paths->count, sizeof(char *), compare_paths);
    for (size_t i = 0; i < paths->count; i++) {
        if (kept > 0 && strcmp(paths->items[kept - 1], paths->items[i]) == 0)
            free(paths->items[i]);
        else
            paths->items[kept++] = paths->items[i];
    }
    paths->count = kept;
    return exact;
}

bool watch_read(struct watch *watch, uint64_t now_milliseconds)
{
    alignas(struct inotify_event) char buffer[8192];
    bool matters = false;

    forget_idle(watch, now_milliseconds);
    for (;;) {
        ssize_t length = read(watch->descriptor, buffer, sizeof(buffer));

        if (length <= 0)
            return matters;
        for (ssize_t offset = 0; offset < length;) {
            const struct inotify_event *event =
                (const struct inotify_event *)(const void *)(buffer + offset);

            matters |= take_event(watch, event, now_milliseconds);
            offset += (ssize_t)(sizeof(*event) + event->len);
        }
    }
}
