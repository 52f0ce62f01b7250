/* SPDX-License-Identifier: MIT */
#include "sources/collection.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "objects/admission.h"

int collection_init(struct collection *collection, const char *const *paths, size_t count)
{
    memset(collection, 0, sizeof(*collection));
    collection->roots = calloc(count + 1, sizeof(*collection->roots));
    if (collection->roots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        collection->roots[i].path = strdup(paths[i]);
        if (collection->roots[i].path == NULL) {
            collection_clear(collection);
            return -ENOMEM;
        }
        collection->roots[i].unknown = true;
        collection->count++;
    }
    return 0;
}

static void free_file(struct manifest_file *file)
{
    manifest_file_clear(file);
    free(file);
}

static void clear_files(struct collection_root *root)
{
    for (size_t i = 0; i < root->count; i++)
        free_file(root->files[i]);
    free(root->files);
    root->files = NULL;
    root->count = 0;
}

void collection_clear(struct collection *collection)
{
    for (size_t i = 0; i < collection->count; i++) {
        struct collection_root *root = &collection->roots[i];

        clear_files(root);
        path_list_clear(&root->directories);
        problem_list_clear(&root->problems);
        free(root->path);
    }
    free(collection->roots);
    memset(collection, 0, sizeof(*collection));
}

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

/* Takes the path over. */
static struct manifest_file *new_file(char **path)
{
    struct manifest_file *file = calloc(1, sizeof(*file));

    if (file == NULL)
        return NULL;
    file->path = *path;
    *path = NULL;
    return file;
}

static int compare_path(const struct collection_root *root, size_t file,
                        const struct path_list *paths, size_t path)
{
    if (file == root->count)
        return 1;
    return path == paths->count ? -1 : strcmp(root->files[file]->path, paths->items[path]);
}

/* Makes a file for each path that is not known, in order; they take the paths over at the end. */
static int make_files(const struct collection_root *root, struct path_list *paths,
                      struct manifest_file **made)
{
    size_t count = 0;
    size_t old = 0;

    for (size_t new = 0; new < paths->count; new ++) {
        while (compare_path(root, old, paths, new) < 0)
            old++;
        if (compare_path(root, old, paths, new) == 0)
            continue;
        made[count] = calloc(1, sizeof(**made));
        if (made[count] == NULL)
            return -ENOMEM;
        count++;
    }
    return 0;
}

static void join(struct collection_root *root, struct path_list *paths, bool keep,
                 struct manifest_file **made, struct manifest_file **files, struct look *look)
{
    size_t count = 0;
    size_t old = 0;
    size_t new = 0;

    while (old < root->count || new < paths->count) {
        int order = compare_path(root, old, paths, new);

        if (order > 0) {
            /* The path moves from the listing to the file. */
            files[count] = *made++;
            files[count++]->path = paths->items[new];
            paths->items[new ++] = NULL;
            continue;
        }
        new += order == 0;
        if (order == 0 || keep) {
            files[count++] = root->files[old++];
        } else {
            free_file(root->files[old++]);
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
static int merge_listing(struct collection_root *root, struct path_list *paths, bool keep,
                         struct look *look)
{
    struct manifest_file **files =
        calloc(root->count + paths->count + 1, sizeof(struct manifest_file *));
    struct manifest_file **made = calloc(paths->count + 1, sizeof(struct manifest_file *));

    if (files == NULL || made == NULL || make_files(root, paths, made) != 0) {
        for (size_t i = 0; made != NULL && made[i] != NULL; i++)
            free(made[i]);
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
    struct path_list paths = {0};
    char *path = strdup(root->path);
    int result;

    if (path == NULL)
        return -ENOMEM;
    paths.items = &path;
    paths.count = 1;
    result = merge_listing(root, &paths, false, look);
    free(path);
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

/* Index of the file of a path, or of the first behind it. */
static size_t search(const struct collection_root *root, const char *path)
{
    size_t low = 0;
    size_t high = root->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(root->files[middle]->path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether a path names an entry of a directory that was read. */
static bool holds_path(const struct collection_root *root, const char *path)
{
    const char *slash = strrchr(path, '/');

    for (size_t i = 0; slash != NULL && i < root->directories.count; i++) {
        const char *directory = root->directories.items[i];
        size_t length = strlen(directory);

        if (length > 0 && directory[length - 1] == '/')
            length--;
        if (length == (size_t)(slash - path) && strncmp(directory, path, length) == 0)
            return true;
    }
    return false;
}

static int insert(struct collection_root *root, size_t index, const char *path,
                  struct manifest_file **file)
{
    struct manifest_file **files = reallocarray(root->files, root->count + 1, sizeof(*files));
    char *copy = strdup(path);

    if (files != NULL)
        root->files = files;
    *file = files != NULL && copy != NULL ? new_file(&copy) : NULL;
    free(copy);
    if (*file == NULL)
        return -ENOMEM;
    memmove(&files[index + 1], &files[index],
            (root->count - index) * sizeof(struct manifest_file *));
    files[index] = *file;
    root->count++;
    return 1;
}

int collection_find(struct collection *collection, const char *path, struct collection_root **root,
                    struct manifest_file **file)
{
    *file = NULL;
    for (size_t i = 0; i < collection->count; i++) {
        size_t index = search(&collection->roots[i], path);

        *root = &collection->roots[i];
        if (index < (*root)->count && strcmp((*root)->files[index]->path, path) == 0) {
            *file = (*root)->files[index];
            return 0;
        }
    }
    for (size_t i = 0; i < collection->count; i++) {
        *root = &collection->roots[i];
        if (holds_path(*root, path))
            return insert(*root, search(*root, path), path, file);
    }
    return 0;
}

void collection_forget(struct collection_root *root, struct manifest_file *file)
{
    size_t index = search(root, file->path);

    root->count--;
    memmove(&root->files[index], &root->files[index + 1],
            (root->count - index) * sizeof(struct manifest_file *));
    free_file(file);
}

bool collection_is_younger(const struct collection *collection, int64_t nanoseconds)
{
    for (size_t i = 0; i < collection->count; i++)
        for (size_t j = 0; j < collection->roots[i].count; j++)
            if (manifest_file_is_younger(collection->roots[i].files[j], nanoseconds))
                return true;
    return false;
}

int collection_read_stream(struct collection *collection, size_t index, int descriptor)
{
    struct collection_root *root = &collection->roots[index];

    char *path = strdup("-");

    clear_files(root);
    root->files = calloc(1, sizeof(struct manifest_file *));
    root->unknown = false;
    if (root->files != NULL && path != NULL)
        root->files[0] = new_file(&path);
    free(path);
    if (root->files == NULL || root->files[0] == NULL)
        return -ENOMEM;
    root->count = 1;
    return manifest_file_read_stream(root->files[0], descriptor);
}

struct gathering {
    struct object **items;
    size_t count;
};

static size_t count_objects(const struct collection *collection)
{
    size_t count = 0;

    for (size_t i = 0; i < collection->count; i++)
        for (size_t j = 0; j < collection->roots[i].count; j++)
            count += collection->roots[i].files[j]->objects.count +
                     collection->roots[i].files[j]->borrowed.count;
    return count;
}

static bool is_gathered(const struct gathering *gathering, const struct object *object)
{
    for (size_t i = 0; i < gathering->count; i++)
        if (gathering->items[i]->kind == object->kind &&
            strcmp(gathering->items[i]->name, object->name) == 0 &&
            strcmp(gathering->items[i]->namespace_, object->namespace_) == 0)
            return true;
    return false;
}

/* Files by what they are on the disk, for those that several of the paths lead to. */
struct file_index {
    const struct manifest_file **items;
    size_t count;
};

static int compare_files(const void *left, const void *right)
{
    const struct file_version *a = &(*(const struct manifest_file *const *)left)->version;
    const struct file_version *b = &(*(const struct manifest_file *const *)right)->version;

    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return (a->device > b->device) - (a->device < b->device);
}

/* Adds the files of one more root. */
static int index_root(struct file_index *index, const struct collection_root *root)
{
    const struct manifest_file **items = reallocarray(index->items, index->count + root->count + 1,
                                                      sizeof(const struct manifest_file *));

    if (items == NULL)
        return -ENOMEM;
    index->items = items;
    for (size_t i = 0; i < root->count; i++)
        if (root->files[i]->was_read && root->files[i]->version.inode != 0)
            items[index->count++] = root->files[i];
    if (index->count > 1)
        qsort(items, index->count, sizeof(*items), compare_files);
    return 0;
}

/* A file that several of the paths lead to counts once. */
static bool stands_in_earlier_root(const struct file_index *index, const struct manifest_file *file)
{
    return index->count > 0 && file->was_read && file->version.inode != 0 &&
           bsearch(&file, index->items, index->count, sizeof(*index->items), compare_files) != NULL;
}

static void gather_file(const struct manifest_file *file, struct gathering *gathering)
{
    for (size_t i = 0; i < file->objects.count; i++)
        gathering->items[gathering->count++] = file->objects.items[i];
}

/* The last version of an object from another file counts only where no file has it any more. */
static void gather_borrowed(const struct manifest_file *file, struct gathering *gathering)
{
    for (size_t i = 0; i < file->borrowed.count; i++)
        if (!is_gathered(gathering, file->borrowed.items[i]))
            gathering->items[gathering->count++] = file->borrowed.items[i];
}

static bool gather_root(const struct collection_root *root, const struct file_index *earlier,
                        struct gathering *gathering, struct problem_list *problems)
{
    bool unknown = root->unknown;

    problem_list_append(problems, &root->problems);
    for (size_t i = 0; i < root->count; i++) {
        const struct manifest_file *file = root->files[i];

        if (stands_in_earlier_root(earlier, file))
            continue;
        gather_file(file, gathering);
        unknown |= file->unknown;
        problem_list_append(problems, &file->problems);
    }
    return unknown;
}

static int gather(const struct collection *collection, struct gathering *gathering,
                  struct problem_list *problems, bool *unknown)
{
    struct file_index index = {0};
    int result = 0;

    *unknown = collection->unsettled;
    for (size_t i = 0; i < collection->count && result == 0; i++) {
        *unknown |= gather_root(&collection->roots[i], &index, gathering, problems);
        if (i + 1 < collection->count)
            result = index_root(&index, &collection->roots[i]);
    }
    free(index.items);
    for (size_t i = 0; i < collection->count; i++)
        for (size_t j = 0; j < collection->roots[i].count; j++)
            gather_borrowed(collection->roots[i].files[j], gathering);
    return result;
}

int collection_admit(const struct collection *collection, const struct object_set *in_force,
                     struct object_set *set, struct problem_list *problems)
{
    struct gathering gathering = {0};
    bool unknown;
    int result;

    object_set_init(set);
    gathering.items = calloc(count_objects(collection) + 1, sizeof(struct object *));
    if (gathering.items == NULL)
        return -ENOMEM;
    result = gather(collection, &gathering, problems, &unknown);
    if (result == 0)
        result = admission_run(in_force, gathering.items, gathering.count, set, problems);
    if (result == 0) {
        set->incomplete |= unknown;
        set->broken = problem_list_has_errors(problems);
        admission_review(set, problems);
    }
    free(gathering.items);
    return result;
}
