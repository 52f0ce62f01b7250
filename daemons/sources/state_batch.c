/* SPDX-License-Identifier: MIT */
#include "sources/state_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *copy_text(char **end, const char *text)
{
    char *copy = *end;

    if (text == NULL)
        return NULL;
    *end = stpcpy(copy, text) + 1;
    return copy;
}

static size_t text_size(const char *text)
{
    return text == NULL ? 0 : strlen(text) + 1;
}

static struct state_outcome *copy_outcome(const struct service_outcome *outcome)
{
    size_t size = text_size(outcome->namespace_) + text_size(outcome->name) +
                  text_size(outcome->pool) + text_size(outcome->reason) + text_size(outcome->terms);
    struct state_outcome *item = malloc(sizeof(*item) + size);
    char *end;

    if (item == NULL)
        return NULL;
    memset(item, 0, sizeof(*item));
    end = item->texts;
    item->outcome = *outcome;
    item->outcome.namespace_ = copy_text(&end, outcome->namespace_);
    item->outcome.name = copy_text(&end, outcome->name);
    item->outcome.pool = copy_text(&end, outcome->pool);
    item->outcome.reason = copy_text(&end, outcome->reason);
    item->outcome.terms = copy_text(&end, outcome->terms);
    memcpy(item->recorded, outcome->former, sizeof(item->recorded));
    item->recorded_count = outcome->former_count;
    if (outcome->remove)
        item->outcome.address_count = 0;
    return item;
}

static int copy_pools(struct state_batch *batch, const struct outcomes *outcomes)
{
    batch->pools = calloc(outcomes->pool_count + 1, sizeof(*batch->pools));
    if (batch->pools == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < outcomes->pool_count; i++) {
        batch->pools[i] = outcomes->pools[i];
        batch->pools[i].name = strdup(outcomes->pools[i].name);
        if (batch->pools[i].name == NULL)
            return -ENOMEM;
        batch->pool_count++;
    }
    return 0;
}

int state_batch_init(struct state_batch *batch, const struct outcomes *outcomes)
{
    memset(batch, 0, sizeof(*batch));
    batch->complete = outcomes->complete;
    batch->items = calloc(outcomes->service_count + 1, sizeof(struct state_outcome *));
    if (batch->items == NULL || copy_pools(batch, outcomes) != 0) {
        state_batch_clear(batch);
        return -ENOMEM;
    }
    for (size_t i = 0; i < outcomes->service_count; i++) {
        batch->items[i] = copy_outcome(&outcomes->services[i]);
        if (batch->items[i] == NULL) {
            state_batch_clear(batch);
            return -ENOMEM;
        }
        batch->count++;
    }
    return 0;
}

static void clear_pools(struct state_batch *batch)
{
    for (size_t i = 0; i < batch->pool_count; i++)
        free((char *)(uintptr_t)batch->pools[i].name);
    free(batch->pools);
}

void state_batch_clear(struct state_batch *batch)
{
    for (size_t i = 0; batch->items != NULL && i < batch->count; i++)
        free(batch->items[i]);
    free(batch->items);
    clear_pools(batch);
    memset(batch, 0, sizeof(*batch));
}

static int compare(const struct state_outcome *a, const struct state_outcome *b)
{
    int order = strcmp(a->outcome.namespace_, b->outcome.namespace_);

    return order != 0 ? order : strcmp(a->outcome.name, b->outcome.name);
}

int state_batch_merge(struct state_batch *earlier, struct state_batch *later)
{
    struct state_outcome **items =
        calloc(earlier->count + later->count + 1, sizeof(struct state_outcome *));
    size_t count = 0;
    size_t old = 0;
    size_t new = 0;

    if (items == NULL)
        return -ENOMEM;
    while (old < earlier->count || new < later->count) {
        int order = old == earlier->count ? 1
                    : new == later->count ? -1
                                          : compare(earlier->items[old], later->items[new]);

        if (order < 0 && later->complete) {
            free(earlier->items[old++]);
            continue;
        }
        if (order < 0) {
            items[count++] = earlier->items[old++];
            continue;
        }
        if (order == 0) {
            /* The earlier outcome never came to the disk, or only in part. */
            memcpy(later->items[new]->recorded, earlier->items[old]->recorded,
                   sizeof(later->items[new]->recorded));
            later->items[new]->recorded_count = earlier->items[old]->recorded_count;
            free(earlier->items[old++]);
        }
        items[count++] = later->items[new ++];
    }
    free(earlier->items);
    free(later->items);
    later->items = items;
    later->count = count;
    later->complete |= earlier->complete;
    clear_pools(earlier);
    memset(earlier, 0, sizeof(*earlier));
    return 0;
}
