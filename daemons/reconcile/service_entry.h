/* SPDX-License-Identifier: MIT */
/* What the reconciler keeps of each service between runs, in order of namespace and name. */
#pragma once

#include "reconcile/services.h"

struct service_entry {
    struct service_result result; /* the last one; texts are the entry's own */
    char *texts;                  /* namespace, name and id in one piece */
    const char *id;               /* "namespace/name" */
    char *error;                  /* memory of result.error, or NULL */
    char *terms;                  /* memory of result.terms, or NULL for "" */
    bool waits;                   /* it would take more than it has, as soon as there is some */
    bool from_record;             /* no run has looked at it yet */
    bool in_run;                  /* the present run looks at it */
    bool is_gone;                 /* it lives until the next results only */
};

struct service_entries {
    struct service_entry **items;
    size_t count;
    size_t capacity;
};

/* Returns an entry without addresses, or NULL. */
struct service_entry *service_entry_new(const char *namespace_, const char *name);

/* NULL is ignored. */
void service_entry_free(struct service_entry *entry);

/* Keeps the service of an entry alive in place of the former one; NULL for none. */
void service_entry_set_service(struct service_entry *entry, const struct service *service);

void service_entries_clear(struct service_entries *entries);

/* Index of the entry of a name, or of the first one behind it. */
size_t service_entries_search(const struct service_entries *entries, const char *namespace_,
                              const char *name);

/* Returns a borrowed entry or NULL. */
struct service_entry *service_entries_find(const struct service_entries *entries,
                                           const char *namespace_, const char *name);

/* Makes room for more entries, so that service_entries_insert() cannot fail. Returns 0 or -ENOMEM.
 */
int service_entries_reserve(struct service_entries *entries, size_t more);

/* Takes an entry over whose name is not there yet. */
void service_entries_insert(struct service_entries *entries, struct service_entry *entry);

/* Takes an entry out; the caller frees it. */
void service_entries_remove(struct service_entries *entries, const struct service_entry *entry);
