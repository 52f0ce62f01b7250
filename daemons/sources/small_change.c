/* SPDX-License-Identifier: MIT */
#include "sources/small_change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void small_change_clear(struct small_change *change)
{
    object_array_clear(&change->before);
    object_array_clear(&change->after);
    for (size_t i = 0; i < change->key_count; i++) {
        free((char *)(uintptr_t)change->keys[i].namespace_);
        free((char *)(uintptr_t)change->keys[i].name);
    }
    free(change->keys);
    free(change->gone);
    memset(change, 0, sizeof(*change));
}

/* Adds all objects of a file. */
static int append(struct object_array *array, const struct manifest_file *file)
{
    struct object **items =
        reallocarray(array->items, array->count + file->objects.count + 1, sizeof(struct object *));

    if (items == NULL)
        return -ENOMEM;
    array->items = items;
    for (size_t i = 0; i < file->objects.count; i++)
        items[array->count++] = object_ref(file->objects.items[i]);
    return 0;
}

static bool is_plain(const struct manifest_file *file)
{
    return file->problems.count == 0 && file->borrowed.count == 0 && !file->unknown;
}

/* Whether a directory is empty at once is judged where all of it is seen. */
static bool would_be_empty(const struct small_change *change, const struct collection_root *root)
{
    size_t gone = 0;

    for (size_t i = 0; i < change->gone_count; i++)
        gone += change->gone[i].root == root;
    return gone == root->count || !root->was_directory;
}

static int note_gone(struct small_change *change, struct collection_root *root,
                     struct manifest_file *file)
{
    struct gone_file *gone = reallocarray(change->gone, change->gone_count + 1, sizeof(*gone));

    if (gone == NULL)
        return -ENOMEM;
    change->gone = gone;
    gone[change->gone_count++] = (struct gone_file){.root = root, .file = file};
    change->changed = true;
    change->is_small &= !would_be_empty(change, root);
    return 0;
}

/* Reads one file again; it may be gone. */
static int read_file(struct small_change *change, struct collection_root *root,
                     struct manifest_file *file, const struct object_set *in_force, bool is_new)
{
    int result = append(&change->before, file);

    if (result != 0)
        return result;
    change->is_small &= is_plain(file);
    result = manifest_file_update(file, in_force, false);
    if (result == -ENOENT && is_new) {
        collection_forget(root, file);
        return 0;
    }
    if (result == -ENOENT)
        return note_gone(change, root, file);
    if (result < 0)
        return result;
    change->changed |= result > 0;
    change->deferred |= file->deferred;
    change->is_small &= is_plain(file);
    return append(&change->after, file);
}

int small_change_read(struct small_change *change, struct collection *collection,
                      const struct path_list *paths, const struct object_set *in_force,
                      collection_busy *busy, void *context)
{
    memset(change, 0, sizeof(*change));
    change->is_small = true;
    for (size_t i = 0; i < paths->count; i++) {
        struct collection_root *root;
        struct manifest_file *file;
        int result;

        if (busy(paths->items[i], context)) {
            change->deferred = true;
            continue;
        }
        result = collection_find(collection, paths->items[i], &root, &file);
        if (result >= 0 && file != NULL)
            result = read_file(change, root, file, in_force, result == 1);
        else
            change->is_small = false;
        if (result < 0)
            return result;
    }
    return 0;
}

static bool is_whole_service(const struct object *object)
{
    const struct service *service = (const struct service *)object;

    return object->kind == OBJECT_SERVICE && !service->status_only && !service->broken;
}

static int compare_keys(const void *left, const void *right)
{
    const struct service_key *a = left;
    const struct service_key *b = right;
    int order = strcmp(a->namespace_, b->namespace_);

    return order != 0 ? order : strcmp(a->name, b->name);
}

static int add_key(struct small_change *change, const struct object *object)
{
    struct service_key *key = &change->keys[change->key_count];

    key->namespace_ = strdup(object->namespace_);
    key->name = strdup(object->name);
    change->key_count++;
    return key->namespace_ == NULL || key->name == NULL ? -ENOMEM : 0;
}

static void drop_repeated(struct small_change *change)
{
    size_t kept = 0;

    if (change->key_count > 1)
        qsort(change->keys, change->key_count, sizeof(*change->keys), compare_keys);
    for (size_t i = 0; i < change->key_count; i++) {
        if (kept == 0 || compare_keys(&change->keys[kept - 1], &change->keys[i]) != 0) {
            change->keys[kept++] = change->keys[i];
            continue;
        }
        free((char *)(uintptr_t)change->keys[i].namespace_);
        free((char *)(uintptr_t)change->keys[i].name);
    }
    change->key_count = kept;
}

/* Names all Services that it is about; 0 if it is about other things too. */
static int list_keys(struct small_change *change)
{
    const struct object_array *arrays[] = {&change->before, &change->after};

    change->keys = calloc(change->before.count + change->after.count + 1, sizeof(*change->keys));
    if (change->keys == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < arrays[i]->count; j++) {
            if (!is_whole_service(arrays[i]->items[j]))
                return 0;
            if (add_key(change, arrays[i]->items[j]) != 0)
                return -ENOMEM;
        }
    drop_repeated(change);
    return 1;
}

/* The only object of a name in an array; false if there are several. */
static bool find_only(const struct object_array *array, const struct service_key *key,
                      struct object **found)
{
    *found = NULL;
    for (size_t i = 0; i < array->count; i++) {
        struct object *object = array->items[i];

        if (strcmp(object->name, key->name) != 0 ||
            strcmp(object->namespace_, key->namespace_) != 0)
            continue;
        if (*found != NULL)
            return false;
        *found = object;
    }
    return true;
}

/* Whether no other file has a say about a Service: what is in force is just what these files held.
 */
static bool is_alone(const struct small_change *change, const struct object_set *set,
                     const struct service_key *key)
{
    struct object *before;
    struct object *after;

    return find_only(&change->before, key, &before) && find_only(&change->after, key, &after) &&
           object_set_find(set, OBJECT_SERVICE, key->namespace_, key->name) == before;
}

static int apply_key(const struct small_change *change, struct object_set *set,
                     const struct service_key *key)
{
    struct object *after;

    find_only(&change->after, key, &after);
    if (after != NULL)
        return object_set_insert(set, after);
    object_set_remove(set, OBJECT_SERVICE, key->namespace_, key->name);
    return 0;
}

/* Objects of one file are compared with each other: more are admitted as a whole. */
#define OBJECTS_MAX 2000

int small_change_apply(struct small_change *change, struct object_set *set)
{
    int result;

    if (!change->is_small || set->incomplete || set->broken || set->statuses.count > 0 ||
        change->before.count + change->after.count > OBJECTS_MAX)
        return 0;
    result = list_keys(change);
    for (size_t i = 0; result == 1 && i < change->key_count; i++)
        result = is_alone(change, set, &change->keys[i]);
    for (size_t i = 0; result == 1 && i < change->key_count; i++)
        if (apply_key(change, set, &change->keys[i]) != 0)
            result = -ENOMEM;
    for (size_t i = 0; result == 1 && i < change->gone_count; i++)
        collection_forget(change->gone[i].root, change->gone[i].file);
    return result;
}
