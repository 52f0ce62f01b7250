/* SPDX-License-Identifier: MIT */
#include "reconcile/service_entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct service_entry *service_entry_new(const char *namespace_, const char *name)
{
    size_t length = strlen(namespace_);
    size_t size = 2 * length + strlen(name) + 3;
    struct service_entry *entry = calloc(1, sizeof(*entry));
    char *texts = malloc(size);
    if (entry == NULL || texts == NULL) {
        free(entry);
        free(texts);
        return NULL;
    }
    memcpy(texts, namespace_, length + 1);
    snprintf(texts + length + 1, size - length - 1, "%s/%s", namespace_, name);
    entry->texts = texts;
    entry->id = texts + length + 1;
    entry->result.namespace_ = texts;
    entry->result.name = entry->id + length + 1;
    entry->result.terms = "";
    entry->result.condition = SERVICE_UNASSIGNED;
    return entry;
}

void service_entry_set_service(struct service_entry *entry, const struct service *service)
{
    /* Counting references is all that this changes in an object. */
    struct object *former = (struct object *)(uintptr_t)entry->result.service;
    if (service != NULL)
        object_ref((struct object *)(uintptr_t)service);
    entry->result.service = service;
    object_unref(former);
}

void service_entry_free(struct service_entry *entry)
{
    if (entry == NULL)
        return;
    service_entry_set_service(entry, NULL);
    free(entry->texts);
    free(entry->error);
    free(entry->terms);
    free(entry);
}

void service_entries_clear(struct service_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        service_entry_free(entries->items[i]);
    free(entries->items);
    memset(entries, 0, sizeof(*entries));
}

size_t service_entries_search(const struct service_entries *entries, const char *namespace_,
                              const char *name)
{
    size_t low = 0;
    size_t high = entries->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct service_result *result = &entries->items[middle]->result;
        int order = strcmp(result->namespace_, namespace_);
        if (order == 0)
            order = strcmp(result->name, name);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct service_entry *service_entries_find(const struct service_entries *entries,
                                           const char *namespace_, const char *name)
{
    size_t index = service_entries_search(entries, namespace_, name);
    if (index == entries->count)
        return NULL;
    struct service_entry *entry = entries->items[index];
    return strcmp(entry->result.namespace_, namespace_) == 0 &&
                   strcmp(entry->result.name, name) == 0
               ? entry
               : NULL;
}

int service_entries_reserve(struct service_entries *entries, size_t more)
{
    if (entries->capacity - entries->count >= more)
        return 0;
    size_t capacity = entries->count + more + entries->count / 4;
    struct service_entry **items = reallocarray(entries->items, capacity, sizeof(*entries->items));
    if (items == NULL)
        return -ENOMEM;
    entries->items = items;
    entries->capacity = capacity;
    return 0;
}

void service_entries_insert(struct service_entries *entries, struct service_entry *entry)
{
    size_t index = entries->count;
    /* Most often they come in order. */
    if (index > 0)
        index = service_entries_search(entries, entry->result.namespace_, entry->result.name);
    memmove(&entries->items[index + 1], &entries->items[index],
            (entries->count - index) * sizeof(struct service_entry *));
    entries->items[index] = entry;
    entries->count++;
}

void service_entries_remove(struct service_entries *entries, const struct service_entry *entry)
{
    size_t index = service_entries_search(entries, entry->result.namespace_, entry->result.name);
    entries->count--;
    memmove(&entries->items[index], &entries->items[index + 1],
            (entries->count - index) * sizeof(struct service_entry *));
}
