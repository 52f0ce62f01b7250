/* SPDX-License-Identifier: MIT */
/* Labels, and whether selectors match them as the Kubernetes API does it. */
#include <string.h>

#include "common/sorted.h"
#include "objects/objects.h"

static int compare_key(const void *key, const void *item)
{
    return strcmp(key, ((const struct label *)item)->key);
}

const char *labels_get(const struct labels *labels, const char *key)
{
    const struct label *label =
        sorted_find(key, labels->items, labels->count, sizeof(*labels->items), compare_key);

    return label == NULL ? NULL : label->value;
}

bool string_list_contains(const struct string_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

static bool requirement_holds(const struct selector_requirement *requirement,
                              const struct labels *labels)
{
    const char *value = labels_get(labels, requirement->key);

    switch (requirement->operator) {
    case SELECTOR_IN:
        return value != NULL && string_list_contains(&requirement->values, value);
    case SELECTOR_NOT_IN:
        /* An object without the label is not in any set of values, so it matches. */
        return value == NULL || !string_list_contains(&requirement->values, value);
    case SELECTOR_EXISTS:
        return value != NULL;
    case SELECTOR_DOES_NOT_EXIST:
        return value == NULL;
    }
    return false;
}

bool selector_matches(const struct selector *selector, const struct labels *labels)
{
    for (size_t i = 0; i < selector->count; i++)
        if (!requirement_holds(&selector->requirements[i], labels))
            return false;
    return true;
}

bool selector_list_matches(const struct selector_list *list, const struct labels *labels)
{
    for (size_t i = 0; i < list->count; i++)
        if (selector_matches(&list->items[i], labels))
            return true;
    return false;
}
