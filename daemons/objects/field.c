/* SPDX-License-Identifier: MIT */
#include "objects/field.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objects/names.h"

#define PATH_SIZE 512

/* A wrong object is fully described by its first problems. */
#define ERRORS_MAX 100

struct field field_root(struct field_context *context, const struct tree_value *value)
{
    return (struct field){
        .context = context, .value = value, .line = value == NULL ? 0 : value->line};
}

static struct field child_of(const struct field *parent, const struct tree_value *value)
{
    struct field field = {.context = parent->context, .parent = parent, .line = parent->line};

    if (value != NULL)
        field.line = value->line;
    if (value != NULL && value->kind != TREE_NULL)
        field.value = value;
    return field;
}

struct field field_member(const struct field *parent, const char *key)
{
    struct field field = child_of(parent, tree_get(parent->value, key));

    field.key = key;
    return field;
}

struct field field_item(const struct field *parent, size_t index)
{
    struct field field = child_of(parent, parent->value->members[index].value);

    field.key = parent->value->members[index].key;
    field.index = index;
    return field;
}

bool field_present(const struct field *field)
{
    return field->value != NULL;
}

/* Writes the path; returns its length. The depth is that of the schema. */
static size_t write_path(const struct field *field, char *buffer, size_t size)
{
    const struct field *chain[16];
    size_t depth = 0;
    size_t length = 0;

    buffer[0] = '\0';
    for (; field->parent != NULL && depth < sizeof(chain) / sizeof(chain[0]); field = field->parent)
        chain[depth++] = field;
    while (depth > 0 && length < size) {
        const struct field *step = chain[--depth];

        if (step->key == NULL)
            length += (size_t)snprintf(buffer + length, size - length, "[%zu]", step->index);
        else
            length += (size_t)snprintf(buffer + length, size - length, "%s%s",
                                       length == 0 ? "" : ".", step->key);
    }
    return length;
}

__attribute__((format(printf, 3, 0))) static void report(const struct field *field,
                                                         enum problem_severity severity,
                                                         const char *format, va_list list)
{
    char path[PATH_SIZE];
    char message[1024];

    write_path(field, path, sizeof(path));
    vsnprintf(message, sizeof(message), format, list);
    problem_add(field->context->problems, severity, field->context->file, field->line,
                field->context->object, path, "%s", message);
}

void field_error(const struct field *field, const char *format, ...)
{
    va_list list;

    if (field->context->errors++ >= ERRORS_MAX)
        return;
    va_start(list, format);
    report(field, PROBLEM_ERROR, format, list);
    va_end(list);
}

void field_warning(const struct field *field, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    report(field, PROBLEM_WARNING, format, list);
    va_end(list);
}

void field_notice(const struct field *field, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    report(field, PROBLEM_NOTICE, format, list);
    va_end(list);
}

static const char *kind_name(enum tree_kind kind)
{
    static const char *const names[] = {
        [TREE_NULL] = "null",       [TREE_BOOL] = "a boolean",      [TREE_NUMBER] = "a number",
        [TREE_STRING] = "a string", [TREE_SEQUENCE] = "a sequence", [TREE_MAPPING] = "a mapping",
    };

    return names[kind];
}

/* An unquoted "fd00::" of YAML is the key "fd00:" without a value. */
static const struct tree_member *unquoted_address(const struct tree_value *value)
{
    if (value->kind == TREE_MAPPING && value->count == 1 &&
        value->members[0].value->kind == TREE_NULL && strchr(value->members[0].key, ':') != NULL)
        return &value->members[0];
    return NULL;
}

/* The value of a field if it is of a kind; else NULL, with an error if it is of another. */
static const struct tree_value *value_of(const struct field *field, enum tree_kind kind)
{
    const struct tree_member *address;

    if (field->value == NULL || field->value->kind == kind)
        return field->value;
    address = kind == TREE_STRING ? unquoted_address(field->value) : NULL;
    if (address != NULL)
        field_error(field, "must be a string but is a mapping: quote it, \"%s:\"", address->key);
    else if (kind == TREE_STRING &&
             (field->value->kind == TREE_NUMBER || field->value->kind == TREE_BOOL))
        field_error(field, "must be a string but is %s: quote it, \"%s\"",
                    kind_name(field->value->kind), field->value->text);
    else
        field_error(field, "must be %s but is %s", kind_name(kind), kind_name(field->value->kind));
    return NULL;
}

bool field_is_mapping(const struct field *field)
{
    return value_of(field, TREE_MAPPING) != NULL;
}

size_t field_count(const struct field *field)
{
    const struct tree_value *sequence = value_of(field, TREE_SEQUENCE);

    return sequence == NULL ? 0 : sequence->count;
}

const char *field_text(const struct field *field)
{
    const struct tree_value *string = value_of(field, TREE_STRING);

    return string == NULL ? NULL : string->text;
}

bool field_boolean(const struct field *field, bool *value)
{
    const struct tree_value *boolean = value_of(field, TREE_BOOL);

    if (boolean == NULL)
        return false;
    *value = strcmp(boolean->text, "true") == 0;
    return true;
}

bool field_integer(const struct field *field, int64_t least, int64_t most, int64_t *value)
{
    const struct tree_value *written = value_of(field, TREE_NUMBER);
    char *end = NULL;
    long long number;

    if (written == NULL)
        return false;
    errno = 0;
    number = strtoll(written->text, &end, 10);
    if (*end != '\0' || end == written->text || errno != 0) {
        field_error(field, "must be an integer but is %.40s", written->text);
        return false;
    }
    if (number < least || number > most) {
        field_error(field, "must be from %lld to %lld but is %lld", (long long)least,
                    (long long)most, number);
        return false;
    }
    *value = number;
    return true;
}

int field_word(const struct field *field, const char *const *words)
{
    const char *text = field_text(field);
    char list[256];
    size_t length = 0;

    if (text == NULL)
        return -1;
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    list[0] = '\0';
    for (int i = 0; words[i] != NULL && length < sizeof(list); i++)
        length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s", i == 0 ? "" : ", ",
                                   words[i]);
    field_error(field, "must be one of %s but is \"%.100s\"", list, text);
    return -1;
}

static bool is_among(const char *const *words, const char *text)
{
    for (; *words != NULL; words++)
        if (strcmp(*words, text) == 0)
            return true;
    return false;
}

void field_warn_of_unknown(const struct field *field, const char *const *known)
{
    if (field->value == NULL || field->value->kind != TREE_MAPPING)
        return;
    for (size_t i = 0; i < field->value->count; i++) {
        struct field item = field_item(field, i);

        if (!is_among(known, item.key))
            field_warning(&item, "is unknown and ignored; is it misspelt?");
    }
}

char *field_copy(const struct field *field, const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        field->context->no_memory = true;
    return copy;
}

void *field_allocate(const struct field *field, size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size);

    if (memory == NULL)
        field->context->no_memory = true;
    return memory;
}

static int compare_items(const void *a, const void *b)
{
    const struct tree_value *left = ((const struct field *)a)->value;
    const struct tree_value *right = ((const struct field *)b)->value;
    int order = strcmp(left->text, right->text);

    if (order != 0)
        return order;
    return ((const struct field *)a)->index < ((const struct field *)b)->index ? -1 : 1;
}

static void report_duplicates(struct field *items, size_t count)
{
    qsort(items, count, sizeof(*items), compare_items);
    for (size_t i = 1; i < count; i++)
        if (strcmp(items[i - 1].value->text, items[i].value->text) == 0)
            field_error(&items[i], "\"%.200s\" stands twice in the list", items[i].value->text);
}

void field_strings(const struct field *field, bool unique, struct string_list *list)
{
    size_t count = field_count(field);
    struct field *items;

    if (count == 0)
        return;
    items = field_allocate(field, count, sizeof(*items));
    list->items = field_allocate(field, count, sizeof(*list->items));
    for (size_t i = 0; i < count && items != NULL && list->items != NULL; i++) {
        struct field item = field_item(field, i);
        const char *text = field_text(&item);

        if (text == NULL || text[0] == '\0') {
            if (!field_present(&item) || text != NULL)
                field_error(&item, "must not be empty");
            continue;
        }
        list->items[list->count] = field_copy(&item, text);
        if (list->items[list->count] != NULL)
            items[list->count++] = item;
    }
    if (unique && items != NULL)
        report_duplicates(items, list->count);
    free(items);
}

static int compare_labels(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

static void add_label(const struct field *item, bool check_syntax, struct labels *labels)
{
    /* An annotation or label that is given as null counts as empty, as in the Kubernetes API. */
    const char *text = field_present(item) ? field_text(item) : "";
    struct label *label = &labels->items[labels->count];
    const char *wrong;

    if (text == NULL)
        return;
    wrong = check_syntax ? names_check_label_key(item->key) : NULL;
    if (wrong == NULL && check_syntax)
        wrong = names_check_label_value(text);
    if (wrong != NULL) {
        field_error(item, "%s", wrong);
        return;
    }
    label->key = field_copy(item, item->key);
    label->value = field_copy(item, text);
    labels->count++;
}

void field_labels(const struct field *field, bool check_syntax, struct labels *labels)
{
    size_t count;

    if (!field_is_mapping(field) || field->value->count == 0)
        return;
    count = field->value->count;
    labels->items = field_allocate(field, count, sizeof(*labels->items));
    for (size_t i = 0; i < count && labels->items != NULL; i++) {
        struct field item = field_item(field, i);

        add_label(&item, check_syntax, labels);
    }
    if (labels->items != NULL && labels->count > 0 && !field->context->no_memory)
        qsort(labels->items, labels->count, sizeof(*labels->items), compare_labels);
}
