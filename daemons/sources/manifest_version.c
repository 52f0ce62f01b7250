/* SPDX-License-Identifier: MIT */
#include "sources/manifest_version.h"

#include <stdlib.h>
#include <string.h>

static bool has_name(const struct object *object, enum object_kind kind, const char *namespace_,
                     const char *name)
{
    return object->kind == kind && strcmp(object->namespace_, namespace_) == 0 &&
           strcmp(object->name, name) == 0;
}

static bool append(struct object_array *array, struct object *object)
{
    /* Grows at powers of two. */
    if ((array->count & (array->count - 1)) == 0) {
        struct object **items =
            reallocarray(array->items, array->count == 0 ? 1 : array->count * 2, sizeof(*items));

        if (items == NULL)
            return false;
        array->items = items;
    }
    array->items[array->count++] = object_ref(object);
    return true;
}

static struct object *find_in(const struct object_array *array,
                              const struct manifest_identity *identity)
{
    for (size_t i = 0; i < array->count; i++)
        if (has_name(array->items[i], identity->kind, identity->namespace_, identity->name))
            return array->items[i];
    return NULL;
}

void manifest_version_clear(struct manifest_version *version)
{
    object_array_clear(&version->objects);
    object_array_clear(&version->borrowed);
}

static bool is_remains(const struct object *object)
{
    return object->kind == OBJECT_SERVICE && ((const struct service *)object)->broken;
}

/* The last good version of a broken object stays. */
static bool keep_broken(const struct manifest_file *file, const struct object_set *in_force,
                        const struct manifest_identity *identity, struct manifest_version *version)
{
    struct object *object = find_in(&file->objects, identity);

    if (object != NULL && !is_remains(object))
        return append(&version->objects, object);
    object = find_in(&file->borrowed, identity);
    if (object == NULL && in_force != NULL)
        object = object_set_find(in_force, identity->kind, identity->namespace_, identity->name);
    if (object != NULL)
        return append(&version->borrowed, object);
    version->unknown = true;
    return identity->remains == NULL || append(&version->objects, identity->remains);
}

static bool stands_in(const struct manifest *manifest, const struct object *object)
{
    for (size_t i = 0; i < manifest->count; i++)
        if (has_name(manifest->items[i], object->kind, object->namespace_, object->name))
            return true;
    for (size_t i = 0; i < manifest->broken_count; i++)
        if (has_name(object, manifest->broken[i].kind, manifest->broken[i].namespace_,
                     manifest->broken[i].name))
            return true;
    return false;
}

/* An object that cannot be named may be any of those that seem to be missing. */
static bool keep_missing(const struct manifest_file *file, const struct manifest *manifest,
                         struct manifest_version *version)
{
    if (!file->has_version)
        version->unknown = true;
    for (size_t i = 0; i < file->objects.count; i++)
        if (!stands_in(manifest, file->objects.items[i]) &&
            !append(&version->objects, file->objects.items[i]))
            return false;
    return true;
}

bool manifest_version_make(const struct manifest_file *file, const struct object_set *in_force,
                           const struct manifest *manifest, struct manifest_version *version)
{
    if (manifest->truncated && file->has_version) {
        /* A text that breaks off keeps its last version in whole. */
        for (size_t i = 0; i < file->objects.count; i++)
            if (!append(&version->objects, file->objects.items[i]))
                return false;
        for (size_t i = 0; i < file->borrowed.count; i++)
            if (!append(&version->borrowed, file->borrowed.items[i]))
                return false;
        version->unknown = file->unknown;
        return true;
    }
    for (size_t i = 0; i < manifest->count; i++)
        if (!append(&version->objects, manifest->items[i]))
            return false;
    for (size_t i = 0; i < manifest->broken_count; i++)
        if (!keep_broken(file, in_force, &manifest->broken[i], version))
            return false;
    if (manifest->truncated)
        version->unknown = true;
    return !manifest->nameless || keep_missing(file, manifest, version);
}
