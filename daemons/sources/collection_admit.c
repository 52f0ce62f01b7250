/* SPDX-License-Identifier: MIT */
/* Gathers what the files of a collection hold, and has it admitted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "objects/admission.h"
#include "sources/collection.h"

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
