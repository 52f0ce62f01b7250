/* SPDX-License-Identifier: MIT */
#include "objects/selector.h"

#include <stdlib.h>
#include <string.h>

#include "objects/names.h"

/* Comparing each with each other must stay cheap. */
#define SELECTORS_MAX 1000

static const char *const operators[] = {
    [SELECTOR_IN] = "In",
    [SELECTOR_NOT_IN] = "NotIn",
    [SELECTOR_EXISTS] = "Exists",
    [SELECTOR_DOES_NOT_EXIST] = "DoesNotExist",
    NULL,
};

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool same_strings(const struct string_list *a, const struct string_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return true;
}

/* Values are sorted, so that their order makes no difference. */
static bool same_requirement(const struct selector_requirement *a,
                             const struct selector_requirement *b)
{
    return strcmp(a->key, b->key) == 0 && a->operator== b->operator&&
                                          same_strings(&a->values, &b->values);
}

static bool same_selector(const struct selector *a, const struct selector *b)
{
    if (a->count != b->count || a->label_count != b->label_count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!same_requirement(&a->requirements[i], &b->requirements[i]))
            return false;
    return true;
}

static size_t bounded_count(const struct field *field)
{
    size_t count = field_count(field);

    if (count <= SELECTORS_MAX)
        return count;
    field_error(field, "must have at most %d items", SELECTORS_MAX);
    return 0;
}

/* Sorts the values, as selectors are compared with sorted ones. */
static void refuse_duplicates(const struct field *field, struct string_list *values)
{
    if (values->items == NULL || values->count == 0)
        return;
    qsort(values->items, values->count, sizeof(char *), compare_texts);
    for (size_t i = 1; i < values->count; i++)
        if (strcmp(values->items[i - 1], values->items[i]) == 0)
            field_error(field, "\"%s\" stands twice in the list", values->items[i]);
}

static void read_values(const struct field *expression, struct selector_requirement *requirement)
{
    struct field values = field_member(expression, "values");
    bool needs_values =
        requirement->operator== SELECTOR_IN || requirement->operator== SELECTOR_NOT_IN;
    size_t count = field_count(&values);

    if (needs_values && count == 0)
        field_error(&values, "must not be empty for the operator %s",
                    operators[requirement->operator]);
    if (!needs_values && count > 0)
        field_error(&values, "must be empty for the operator %s", operators[requirement->operator]);
    if (count == 0)
        return;
    requirement->values.items = field_allocate(&values, count, sizeof(char *));
    for (size_t i = 0; i < count && requirement->values.items != NULL; i++) {
        struct field item = field_item(&values, i);
        const char *text = field_present(&item) ? field_text(&item) : "";
        const char *wrong = text == NULL ? NULL : names_check_label_value(text);

        if (wrong != NULL)
            field_error(&item, "%s", wrong);
        if (text == NULL || wrong != NULL)
            continue;
        requirement->values.items[requirement->values.count] = field_copy(&item, text);
        if (requirement->values.items[requirement->values.count] != NULL)
            requirement->values.count++;
    }
    refuse_duplicates(&values, &requirement->values);
}

static void read_expression(const struct field *expression, struct selector *selector)
{
    struct selector_requirement *requirement = &selector->requirements[selector->count];
    struct field key = field_member(expression, "key");
    struct field operator= field_member(expression, "operator");
    const char *key_text = field_text(&key);
    const char *wrong;
    int word;

    if (!field_is_mapping(expression)) {
        if (!field_present(expression))
            field_error(expression, "must not be empty");
        return;
    }
    if (key_text == NULL && !field_present(&key))
        field_error(&key, "is required");
    wrong = key_text == NULL ? NULL : names_check_label_key(key_text);
    if (wrong != NULL)
        field_error(&key, "%s", wrong);
    word = field_word(&operator, operators);
    if (!field_present(&operator))
        field_error(&operator, "is required");
    if (key_text == NULL || wrong != NULL || word < 0)
        return;
    requirement->operator=(enum selector_operator) word;
    requirement->key = field_copy(&key, key_text);
    if (requirement->key == NULL)
        return;
    selector->count++;
    read_values(expression, requirement);
    for (size_t i = selector->label_count; i + 1 < selector->count; i++)
        if (same_requirement(&selector->requirements[i], requirement))
            field_error(expression, "stands twice in the selector");
}

static void add_label(const struct field *field, const struct label *label,
                      struct selector *selector)
{
    struct selector_requirement *requirement = &selector->requirements[selector->count];

    requirement->operator= SELECTOR_IN;
    requirement->key = field_copy(field, label->key);
    if (requirement->key == NULL)
        return;
    requirement->values.items = field_allocate(field, 1, sizeof(char *));
    selector->count++;
    selector->label_count++;
    if (requirement->values.items == NULL)
        return;
    requirement->values.items[0] = field_copy(field, label->value);
    requirement->values.count = requirement->values.items[0] == NULL ? 0 : 1;
}

static void free_labels(struct labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->items[i].key);
        free(labels->items[i].value);
    }
    free(labels->items);
}

void selector_read(const struct field *field, struct selector *selector)
{
    static const char *const known[] = {"matchLabels", "matchExpressions", NULL};
    struct field label_field = field_member(field, "matchLabels");
    struct field expressions = field_member(field, "matchExpressions");
    struct labels labels = {0};
    size_t count;

    if (!field_is_mapping(field))
        return;
    field_warn_of_unknown(field, known);
    field_labels(&label_field, true, &labels);
    count = bounded_count(&expressions);
    if (labels.count + count > 0)
        selector->requirements =
            field_allocate(field, labels.count + count, sizeof(*selector->requirements));
    if (selector->requirements != NULL && !field->context->no_memory) {
        for (size_t i = 0; i < labels.count; i++)
            add_label(&label_field, &labels.items[i], selector);
        for (size_t i = 0; i < count; i++) {
            struct field expression = field_item(&expressions, i);

            read_expression(&expression, selector);
        }
    }
    free_labels(&labels);
}

void selector_read_list(const struct field *field, struct selector_list *list)
{
    size_t count = bounded_count(field);

    if (count == 0)
        return;
    list->items = field_allocate(field, count, sizeof(*list->items));
    for (size_t i = 0; i < count && list->items != NULL; i++) {
        struct field item = field_item(field, i);
        unsigned errors = field->context->errors;

        if (!field_present(&item))
            field_error(&item, "must be a selector; {} matches everything");
        selector_read(&item, &list->items[list->count++]);
        for (size_t j = 0; j < i && errors == field->context->errors; j++)
            if (same_selector(&list->items[j], &list->items[i]))
                field_error(&item, "the same selector stands twice in the list");
    }
}
