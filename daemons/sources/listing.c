/* SPDX-License-Identifier: MIT */
#include "sources/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int path_list_add(struct path_list *list, char *path)
{
    if (path != NULL && list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        char **items = reallocarray(list->items, capacity, sizeof(*items));

        if (items == NULL) {
            free(path);
            return -ENOMEM;
        }
        list->items = items;
        list->capacity = capacity;
    }
    if (path == NULL)
        return -ENOMEM;
    list->items[list->count++] = path;
    return 0;
}

void path_list_clear(struct path_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    memset(list, 0, sizeof(*list));
}

void listing_clear(struct listing *listing)
{
    path_list_clear(&listing->files);
    path_list_clear(&listing->directories);
}

bool listing_is_manifest_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL &&
           (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 || strcmp(dot, ".json") == 0);
}

static char *join(const char *directory, const char *name)
{
    size_t length = strlen(directory);
    char *path = NULL;

    if (asprintf(&path, "%s%s%s", directory, length > 0 && directory[length - 1] == '/' ? "" : "/",
                 name) < 0)
        return NULL;
    return path;
}

static bool is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* What a directory is in a state directory. */
enum level {
    LEVEL_ROOT,
    LEVEL_SERVICES,  /* services/: holds a directory a namespace and no files of its own */
    LEVEL_NAMESPACE, /* services/<namespace>/ */
};

static int read_level(const char *directory, enum level level, struct listing *listing,
                      struct problem_list *problems);

/* Reads a directory below; one that cannot be read leaves the listing partial. */
static int read_below(const char *path, enum level level, struct listing *listing,
                      struct problem_list *problems)
{
    int result = read_level(path, level, listing, problems);

    /* Who lists a directory while it is removed finds nothing, as it should be. */
    if (result == 0 || result == -ENOMEM || result == -ENOENT)
        return result == -ENOMEM ? result : 0;
    listing->partial = true;
    problem_add(problems, PROBLEM_ERROR, path, 0, "", "",
                "cannot be read, and what it held stays: %s", strerror(-result));
    return 0;
}

/* A state directory also has pools/, which holds no manifests, and a lock. */
static bool belongs_to_state(const char *name)
{
    return strcmp(name, "pools") == 0 || strcmp(name, "lock") == 0;
}

static void ignore(const char *path, const char *reason, struct problem_list *problems)
{
    problem_add(problems, PROBLEM_NOTICE, path, 0, "", "", "is ignored: %s", reason);
}

static int take_directory(char *path, const char *name, enum level level, struct listing *listing,
                          struct problem_list *problems)
{
    int result = 0;

    if (level == LEVEL_SERVICES)
        result = read_below(path, LEVEL_NAMESPACE, listing, problems);
    else if (level == LEVEL_ROOT && strcmp(name, "services") == 0)
        result = read_below(path, LEVEL_SERVICES, listing, problems);
    free(path);
    return result;
}

static int take_name(const char *directory, const char *name, enum level level,
                     struct listing *listing, struct problem_list *problems)
{
    char *path;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return 0;
    path = join(directory, name);
    if (path == NULL)
        return -ENOMEM;
    if (name[0] == '.') {
        ignore(path, "its name begins with a dot", problems);
        free(path);
        return 0;
    }
    if (is_directory(path))
        return take_directory(path, name, level, listing, problems);
    if (level != LEVEL_SERVICES && listing_is_manifest_name(name))
        return path_list_add(&listing->files, path);
    if (level != LEVEL_ROOT || !belongs_to_state(name))
        ignore(path,
               level == LEVEL_SERVICES ? "only directories are read here"
                                       : "its name does not end in .yaml, .yml or .json",
               problems);
    free(path);
    return 0;
}

static int read_names(DIR *stream, const char *directory, enum level level, struct listing *listing,
                      struct problem_list *problems)
{
    for (;;) {
        const struct dirent *entry;
        int result;

        errno = 0;
        entry = readdir(stream);
        if (entry == NULL)
            return -errno;
        result = take_name(directory, entry->d_name, level, listing, problems);
        if (result != 0)
            return result;
    }
}

/* Three levels at most. NOLINTNEXTLINE(misc-no-recursion) */
static int read_level(const char *directory, enum level level, struct listing *listing,
                      struct problem_list *problems)
{
    DIR *stream = opendir(directory);
    int result;

    if (stream == NULL)
        return -errno;
    result = path_list_add(&listing->directories, strdup(directory));
    if (result == 0)
        result = read_names(stream, directory, level, listing, problems);
    closedir(stream);
    return result;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int compare_notices(const void *a, const void *b)
{
    return strcmp(((const struct problem *)a)->file, ((const struct problem *)b)->file);
}

int listing_read(const char *directory, struct listing *listing, struct problem_list *problems)
{
    size_t before = problems->count;
    int result;

    memset(listing, 0, sizeof(*listing));
    result = read_level(directory, LEVEL_ROOT, listing, problems);
    if (result != 0) {
        listing_clear(listing);
        return result;
    }
    if (listing->files.count > 1)
        qsort(listing->files.items, listing->files.count, sizeof(char *), compare_paths);
    /* A directory has no order of its own, and the same state must say the same. */
    if (problems->count > before + 1)
        qsort(problems->items + before, problems->count - before, sizeof(*problems->items),
              compare_notices);
    return 0;
}
