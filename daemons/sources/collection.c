/* SPDX-License-Identifier: MIT */
#include "sources/collection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/sorted.h"

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

static void clear_files(struct collection_root *root)
{
    for (size_t i = 0; i < root->count; i++)
        manifest_file_free(root->files[i]);
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

static int compare_path(const void *path, const void *item)
{
    return strcmp(path, (*(struct manifest_file *const *)item)->path);
}

/* Index of the file of a path, or of the first behind it. */
static size_t search(const struct collection_root *root, const char *path)
{
    return sorted_position(path, root->files, root->count, sizeof(struct manifest_file *),
                           compare_path);
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

    if (files == NULL)
        return -ENOMEM;
    root->files = files;
    *file = manifest_file_new(path);
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
    manifest_file_free(file);
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
    struct manifest_file *file;
    int result;

    clear_files(root);
    root->unknown = false;
    result = insert(root, 0, root->path, &file);
    return result < 0 ? result : manifest_file_read_stream(file, descriptor);
}
