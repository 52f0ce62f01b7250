/* SPDX-License-Identifier: MIT */
#include "objects/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objects/kinds.h"
#include "objects/tree.h"

/* A List in a List in a List is somebody's mistake. */
#define LIST_DEPTH_MAX 4

/* A mapping that should hold an object, and what its List says of its kind. */
struct document {
    struct field_context *context;
    const struct tree_value *root;
    const char *kind; /* NULL: it says so itself */
    size_t kind_length;
    const char *api_version;
    unsigned depth;
};

static void free_identity(struct manifest_identity *identity)
{
    free(identity->namespace_);
    free(identity->name);
    object_unref(identity->remains);
}

void manifest_clear(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++)
        object_unref(manifest->items[i]);
    for (size_t i = 0; i < manifest->broken_count; i++)
        free_identity(&manifest->broken[i]);
    free(manifest->items);
    free(manifest->broken);
    memset(manifest, 0, sizeof(*manifest));
}

/* Makes room for one item more. */
static bool grow(void **items, size_t count, size_t *capacity, size_t size)
{
    size_t wanted = *capacity == 0 ? 8 : *capacity * 2;
    void *grown;

    if (count < *capacity)
        return true;
    grown = reallocarray(*items, wanted, size);
    if (grown == NULL)
        return false;
    *items = grown;
    *capacity = wanted;
    return true;
}

/* Takes over the object. */
static int add_object(struct manifest *manifest, struct object *object)
{
    void *items = manifest->items;

    if (!grow(&items, manifest->count, &manifest->capacity, sizeof(*manifest->items))) {
        object_unref(object);
        return -ENOMEM;
    }
    manifest->items = items;
    manifest->items[manifest->count++] = object;
    return 0;
}

/* A broken Service still has the addresses that its status records: they are in use. */
static struct object *remains_of(struct object *object)
{
    struct service *service = (struct service *)object;

    if (object->kind != OBJECT_SERVICE || service->ingress_count == 0)
        return NULL;
    service->broken = true;
    return object_ref(object);
}

static int add_broken(struct manifest *manifest, struct object *object)
{
    struct manifest_identity identity = {.kind = object->kind};
    void *items = manifest->broken;

    identity.namespace_ = strdup(object->namespace_);
    identity.name = strdup(object->name);
    if (identity.name == NULL || identity.namespace_ == NULL ||
        !grow(&items, manifest->broken_count, &manifest->broken_capacity,
              sizeof(*manifest->broken))) {
        free_identity(&identity);
        return -ENOMEM;
    }
    identity.remains = remains_of(object);
    manifest->broken = items;
    manifest->broken[manifest->broken_count++] = identity;
    return 0;
}

/* Names the object for its problems as far as it can be named. */
static void describe(const struct field *root, const struct kind *kind, char *buffer, size_t size)
{
    const struct tree_value *metadata = tree_get(root->value, "metadata");
    const struct tree_value *name = tree_get(metadata, "name");
    const struct tree_value *namespace_ = tree_get(metadata, "namespace");
    const char *name_text = name != NULL && name->text != NULL ? name->text : "";
    const char *namespace_text =
        namespace_ != NULL && namespace_->kind == TREE_STRING && namespace_->text[0] != '\0'
            ? namespace_->text
            : "default";

    if (kind->namespaced)
        snprintf(buffer, size, "%s/%s/%s", kind->name, namespace_text, name_text);
    else
        snprintf(buffer, size, "%s/%s", kind->name, name_text);
}

static int read_object(const struct document *document, const struct kind *kind,
                       struct manifest *manifest)
{
    struct field_context *context = document->context;
    struct field root = field_root(context, document->root);
    struct object *object = calloc(1, kind->size);
    char name[OBJECT_NAME_SIZE];
    bool named;
    int result = 0;

    if (object == NULL)
        return -ENOMEM;
    describe(&root, kind, name, sizeof(name));
    context->object = name;
    context->errors = 0;
    named = metadata_read(&root, kind, object);
    if (named && !context->no_memory)
        kind->read(&root, object);
    context->object = "";
    if (context->no_memory) {
        object_unref(object);
        return -ENOMEM;
    }
    if (named && context->errors == 0)
        return add_object(manifest, object);
    if (named)
        result = add_broken(manifest, object);
    else
        manifest->nameless = true;
    object_unref(object);
    return result;
}

static int read_document(const struct document *document, struct manifest *manifest);

/* Reads the items of a List; a List of a kind gives its items their kind.
 * NOLINTNEXTLINE(misc-no-recursion) */
static int read_list(const struct document *list, struct manifest *manifest,
                     const char *api_version, const char *item_kind, size_t item_kind_length)
{
    struct field root = field_root(list->context, list->root);
    struct field items = field_member(&root, "items");
    size_t count;

    if (list->depth == LIST_DEPTH_MAX) {
        field_error(&root, "Lists are nested too deeply");
        manifest->nameless = true;
        return 0;
    }
    count = field_count(&items);
    if (field_present(&items) && items.value->kind != TREE_SEQUENCE)
        manifest->nameless = true;
    for (size_t i = 0; i < count; i++) {
        struct document document = {
            .context = list->context,
            .root = items.value->members[i].value,
            .kind = item_kind,
            .kind_length = item_kind_length,
            .api_version = api_version,
            .depth = list->depth + 1,
        };
        int result = read_document(&document, manifest);

        if (result != 0)
            return result;
    }
    return 0;
}

/* Whether a kind of this name in this group is another kind than ours: many projects have a
 * "Service" of their own. */
static bool is_of_other_group(const struct kind *kind, const char *api_version)
{
    return strchr(kind->api_versions[0], '/') == NULL && strchr(api_version, '/') != NULL;
}

static int read_kind(const struct document *document, const char *kind_text, size_t length,
                     const char *api_version, struct manifest *manifest)
{
    struct field root = field_root(document->context, document->root);
    struct field version_field = field_member(&root, "apiVersion");
    const struct kind *kind = kind_find(kind_text, length);

    if (kind == NULL || is_of_other_group(kind, api_version)) {
        field_notice(&root, "kind %.*s of %s is not read here and is ignored",
                     length > 100 ? 100 : (int)length, kind_text, api_version);
        return 0;
    }
    if (!kind_has_version(kind, api_version)) {
        field_error(&version_field, "must be %s for the kind %s but is \"%.100s\"",
                    kind->api_versions[0], kind->name, api_version);
        manifest->nameless = true;
        return 0;
    }
    return read_object(document, kind, manifest);
}

/* The depth is bounded by LIST_DEPTH_MAX. NOLINTNEXTLINE(misc-no-recursion) */
static int read_typed(const struct document *document, struct manifest *manifest)
{
    struct field root = field_root(document->context, document->root);
    struct field kind_field = field_member(&root, "kind");
    struct field version_field = field_member(&root, "apiVersion");
    const char *kind = field_present(&kind_field) ? field_text(&kind_field) : document->kind;
    const char *version =
        field_present(&version_field) ? field_text(&version_field) : document->api_version;
    size_t length;

    if (kind == NULL || version == NULL) {
        if (kind == NULL && !field_present(&kind_field))
            field_error(&kind_field, "is required");
        if (version == NULL && !field_present(&version_field))
            field_error(&version_field, "is required");
        manifest->nameless = true;
        return 0;
    }
    length = field_present(&kind_field) ? strlen(kind) : document->kind_length;
    if (length == 4 && memcmp(kind, "List", 4) == 0 && strcmp(version, "v1") == 0)
        return read_list(document, manifest, NULL, NULL, 0);
    if (length > 4 && memcmp(kind + length - 4, "List", 4) == 0 &&
        kind_find(kind, length - 4) != NULL)
        return read_list(document, manifest, version, kind, length - 4);
    return read_kind(document, kind, length, version, manifest);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static int read_document(const struct document *document, struct manifest *manifest)
{
    struct field root = field_root(document->context, document->root);

    if (document->root == NULL || document->root->kind == TREE_NULL)
        return 0;
    if (!field_is_mapping(&root)) {
        manifest->nameless = true;
        return 0;
    }
    return read_typed(document, manifest);
}

/* One document, whatever the format. */
struct reader {
    struct tree_reader *yaml; /* NULL for JSON */
    struct tree_json_position json;
};

static enum tree_result next_root(struct reader *reader, struct tree_arena *arena,
                                  const struct tree_value **root, struct tree_error *error)
{
    if (reader->yaml != NULL)
        return tree_yaml_next(reader->yaml, arena, root, error);
    return tree_json_next(&reader->json, arena, root, error);
}

static int read_all(struct reader *reader, struct field_context *context, struct manifest *manifest)
{
    for (;;) {
        struct tree_arena arena = {0};
        struct tree_error error = {0};
        const struct tree_value *root = NULL;
        enum tree_result result = next_root(reader, &arena, &root, &error);
        struct document document = {.context = context, .root = root};
        int status = 0;

        if (result == TREE_DOCUMENT)
            status = read_document(&document, manifest);
        tree_arena_clear(&arena);
        if (result == TREE_ERROR) {
            manifest->truncated = true;
            problem_add(context->problems, PROBLEM_ERROR, context->file, error.line, "", "", "%s",
                        error.message);
        }
        if (result == TREE_NO_MEMORY)
            status = -ENOMEM;
        if (status != 0 || result != TREE_DOCUMENT)
            return status;
    }
}

static bool looks_like_json(const char *text, size_t length)
{
    size_t offset = 0;

    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        offset = 3;
    while (offset < length && strchr(" \t\r\n", text[offset]) != NULL && text[offset] != '\0')
        offset++;
    return offset < length && (text[offset] == '{' || text[offset] == '[');
}

int manifest_parse(const char *file_name, const char *text, size_t length,
                   enum manifest_format format, struct manifest *manifest,
                   struct problem_list *problems)
{
    struct field_context context = {.file = file_name, .object = "", .problems = problems};
    struct reader reader = {.json = {.text = text, .length = length, .line = 1}};
    int result;

    memset(manifest, 0, sizeof(*manifest));
    if (length > MANIFEST_SIZE_MAX) {
        manifest->truncated = true;
        problem_add(problems, PROBLEM_ERROR, file_name, 0, "", "",
                    "larger than %u MiB, which is the most that is read", MANIFEST_SIZE_MAX >> 20);
        return 0;
    }
    if (format == MANIFEST_GUESS)
        format = looks_like_json(text, length) ? MANIFEST_JSON : MANIFEST_YAML;
    if (format == MANIFEST_YAML) {
        reader.yaml = tree_yaml_open(text, length);
        if (reader.yaml == NULL)
            return -ENOMEM;
    }
    result = read_all(&reader, &context, manifest);
    tree_yaml_close(reader.yaml);
    if (result != 0)
        manifest_clear(manifest);
    return result;
}
