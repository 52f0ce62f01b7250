/* SPDX-License-Identifier: MIT */
/* Looks at the paths of a collection, and reads the files that changed. */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "sources/collection.h"

/* What a look at the paths has found. */
struct look {
    const struct object_set *in_force;
    collection_busy *busy;
    void *context;
    bool first; /* nothing is known from before */
    bool changed;
    bool deferred;
    bool vanished; /* files have gone: what is new and broken may have held what they held */
};

/* Replaces the problems of a root; true if they are others than before. */
static bool set_problems(struct collection_root *root, struct problem_list *problems)
{
    bool changed = !problem_list_equal(&root->problems, problems);

    problem_list_clear(&root->problems);
    root->problems = *problems;
    return changed;
}

static int compare_path(const struct collection_root *root, size_t file,
                        const struct path_list *paths, size_t path)
{
    if (file == root->count)
        return 1;
    return path == paths->count ? -1 : strcmp(root->files[file]->path, paths->items[path]);
}

/* Makes a file for each path that is not known, in order. */
static int make_files(const struct collection_root *root, const struct path_list *paths,
                      struct manifest_file **made)
{
    size_t count = 0;
    size_t old = 0;

    for (size_t new = 0; new < paths->count; new ++) {
        while (compare_path(root, old, paths, new) < 0)
            old++;
        if (compare_path(root, old, paths, new) == 0)
            continue;
        made[count] = manifest_file_new(paths->items[new]);
        if (made[count] == NULL)
            return -ENOMEM;
        count++;
    }
    return 0;
}

static void join(struct collection_root *root, const struct path_list *paths, bool keep,
                 struct manifest_file **made, struct manifest_file **files, struct look *look)
{
    size_t count = 0;
    size_t old = 0;
    size_t new = 0;

    while (old < root->count || new < paths->count) {
        int order = compare_path(root, old, paths, new);

        if (order > 0) {
            files[count++] = *made++;
            new ++;
            continue;
        }
        new += order == 0;
        if (order == 0 || keep) {
            files[count++] = root->files[old++];
        } else {
            manifest_file_free(root->files[old++]);
            look->changed = true;
            look->vanished = true;
        }
    }
    free(root->files);
    root->files = files;
    root->count = count;
}

/* Joins the files known and the paths listed, both sorted. Files that are not listed go, unless
 * they are kept. */
static int merge_listing(struct collection_root *root, const struct path_list *paths, bool keep,
                         struct look *look)
{
    struct manifest_file **files =
        calloc(root->count + paths->count + 1, sizeof(struct manifest_file *));
    struct manifest_file **made = calloc(paths->count + 1, sizeof(struct manifest_file *));

    if (files == NULL || made == NULL || make_files(root, paths, made) != 0) {
        for (size_t i = 0; made != NULL && made[i] != NULL; i++)
            manifest_file_free(made[i]);
        free(made);
        free(files);
        return -ENOMEM;
    }
    join(root, paths, keep, made, files, look);
    free(made);
    return 0;
}

/* Whether a path still leads to the directory that was there before it was listed. */
static bool is_same_directory(const char *path, const struct stat *before)
{
    struct stat now;

    return stat(path, &now) == 0 && now.st_ino == before->st_ino && now.st_dev == before->st_dev;
}

static int look_at_directory(struct collection_root *root, const struct stat *status,
                             struct look *look)
{
    struct problem_list problems = {0};
    struct listing listing;
    bool emptied;
    int result = listing_read(root->path, &listing, &problems);

    if (result == 0 && !is_same_directory(root->path, status)) {
        /* Half of the names may be missing. */
        listing_clear(&listing);
        result = -ENOENT;
    }
    if (result == -ENOMEM) {
        problem_list_clear(&problems);
        return result;
    }
    if (result < 0) {
        problem_add(&problems, PROBLEM_ERROR, root->path, 0, "", "",
                    "cannot be read, and what it held stays: %s", strerror(-result));
        look->changed |= set_problems(root, &problems);
        return 0;
    }
    emptied = listing.files.count == 0 && root->count > 1;
    if (emptied)
        problem_add(&problems, PROBLEM_ERROR, root->path, 0, "", "",
                    "is empty at once, which is taken for a mistake: what it held stays");
    look->changed |= set_problems(root, &problems);
    result = merge_listing(root, &listing.files, emptied || listing.partial, look);
    if (result == 0) {
        path_list_clear(&root->directories);
        root->directories = listing.directories;
        memset(&listing.directories, 0, sizeof(listing.directories));
        root->was_directory = true;
        root->unknown = root->unknown && listing.partial;
    }
    listing_clear(&listing);
    return result;
}

static int look_at_file(struct collection_root *root, struct look *look)
{
    struct problem_list problems = {0};
    struct path_list paths = {.items = &root->path, .count = 1};
    int result = merge_listing(root, &paths, false, look);

    if (result != 0)
        return result;
    look->changed |= set_problems(root, &problems);
    root->was_directory = false;
    root->unknown = false;
    return 0;
}

/* Whether the directory that holds a path can be looked into, so that the path is really gone. */
static bool parent_is_there(const char *path)
{
    char *copy = strdup(path);
    struct stat status;
    bool there;

    if (copy == NULL)
        return false;
    there = stat(dirname(copy), &status) == 0 && S_ISDIR(status.st_mode);
    free(copy);
    return there;
}

static int look_at_missing(struct collection_root *root, int error, struct look *look)
{
    struct problem_list problems = {0};
    struct path_list none = {0};
    bool gone = error == ENOENT && !root->was_directory && parent_is_there(root->path);

    problem_add(&problems, PROBLEM_ERROR, root->path, 0, "", "", "cannot be read%s: %s",
                root->count > 0 && !gone ? ", and what it held stays" : "", strerror(error));
    look->changed |= set_problems(root, &problems);
    return gone ? merge_listing(root, &none, false, look) : 0;
}

static int look_at_root(struct collection_root *root, struct look *look)
{
    struct stat status;

    if (stat(root->path, &status) != 0)
        return look_at_missing(root, errno, look);
    if (S_ISDIR(status.st_mode))
        return look_at_directory(root, &status, look);
    return look_at_file(root, look);
}

static int update_files(struct collection_root *root, struct look *look)
{
    for (size_t i = 0; i < root->count; i++) {
        struct manifest_file *file = root->files[i];
        int result;

        if (look->busy != NULL && look->busy(file->path, look->context)) {
            look->deferred = true;
            continue;
        }
        result = manifest_file_update(file, look->in_force,
                                      look->first || look->vanished || root->fresh);
        if (result == -ENOMEM)
            return result;
        /* A file that vanished since it was listed is missing at the next look. */
        look->changed |= result > 0;
        look->deferred |= file->deferred;
    }
    return 0;
}

static bool is_stream(const struct collection_root *root)
{
    return strcmp(root->path, "-") == 0;
}

static int look_at_all(struct collection *collection, struct look *look)
{
    int result = 0;

    for (size_t i = 0; i < collection->count && result == 0; i++)
        if (!is_stream(&collection->roots[i]))
            result = look_at_root(&collection->roots[i], look);
    for (size_t i = 0; i < collection->count && result == 0; i++)
        if (!is_stream(&collection->roots[i]))
            result = update_files(&collection->roots[i], look);
    return result;
}

/* Files that change places while they are read one by one make an object seem to be missing from
 * all of them: what was seen counts when another look sees nothing new. */
#define LOOKS_MAX 4

int collection_scan(struct collection *collection, const struct object_set *in_force,
                    collection_busy *busy, void *context)
{
    bool changed = !collection->scanned;
    struct look look = {0};

    for (size_t i = 0; i < collection->count; i++)
        collection->roots[i].fresh = collection->roots[i].unknown;
    for (int i = 0; i < LOOKS_MAX && (i == 0 || look.changed); i++) {
        int result;

        look = (struct look){
            .in_force = in_force,
            .busy = busy,
            .context = context,
            .first = !collection->scanned,
        };
        result = look_at_all(collection, &look);
        if (result != 0)
            return result;
        changed |= look.changed;
    }
    collection->unsettled = look.changed || look.deferred;
    collection->scanned = true;
    return changed ? 1 : 0;
}
