/* SPDX-License-Identifier: MIT */
#include "speaker/ownership/announcing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/sorted.h"

static void entry_clear(struct announcing_entry *entry)
{
    free(entry->interfaces);
    entry->interfaces = NULL;
}

static int join_interfaces(const struct wanted_address *wanted, char **text)
{
    size_t size = 1;
    char *end;

    *text = NULL;
    if (wanted->interface_count == 0)
        return 0;
    for (size_t i = 0; i < wanted->interface_count; i++)
        size += strlen(wanted->interfaces[i]) + 2;
    *text = malloc(size);
    if (*text == NULL)
        return -ENOMEM;
    end = *text;
    for (size_t i = 0; i < wanted->interface_count; i++)
        end = stpcpy(stpcpy(end, i == 0 ? "" : ", "), wanted->interfaces[i]);
    return 0;
}

/* The names of an entry again, in one block with the text that they point into. */
static int split_interfaces(const struct announcing_entry *entry, struct wanted_address *wanted)
{
    size_t length;
    char *copy;
    char *rest = NULL;

    if (entry->interfaces == NULL)
        return 0;
    length = strlen(entry->interfaces);
    wanted->interfaces = malloc((length + 1) * sizeof(*wanted->interfaces) + length + 1);
    if (wanted->interfaces == NULL)
        return -ENOMEM;
    copy = (char *)(wanted->interfaces + length + 1);
    memcpy(copy, entry->interfaces, length + 1);
    for (char *name = strtok_r(copy, ", ", &rest); name != NULL; name = strtok_r(NULL, ", ", &rest))
        wanted->interfaces[wanted->interface_count++] = name;
    return 0;
}

static bool same_interfaces(const struct announcing_entry *a, const struct announcing_entry *b)
{
    if (a->interfaces == NULL || b->interfaces == NULL)
        return a->interfaces == b->interfaces;
    return strcmp(a->interfaces, b->interfaces) == 0;
}

static void free_entries(struct announcing_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        entry_clear(&entries[i]);
    free(entries);
}

static struct announcing_entry *make_entries(const struct wanted_address *wanted, size_t count)
{
    struct announcing_entry *entries = calloc(count + 1, sizeof(*entries));

    if (entries == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        entries[i].address = wanted[i].address;
        if (join_interfaces(&wanted[i], &entries[i].interfaces) != 0) {
            free_entries(entries, count);
            return NULL;
        }
    }
    return entries;
}

struct difference {
    const struct wanted_address *wanted;
    size_t wanted_count;
    bool keep_missing;
    bool (*given_up)(void *context, const struct mlb_address *address);
    announcing_apply apply;
    void *context;
    struct announcing_entry *next; /* an entry for each wanted address */
};

static int order(const struct difference *difference, size_t wanted,
                 const struct announcing_entry *old, size_t left)
{
    if (wanted == difference->wanted_count)
        return 1;
    if (left == 0)
        return -1;
    return mlb_address_compare(&difference->wanted[wanted].address, &old->address);
}

static bool stop(struct difference *difference, const struct mlb_address *address)
{
    struct wanted_address gone = {.address = *address};

    if (difference->keep_missing && !difference->given_up(difference->context, address))
        return false;
    return difference->apply(difference->context, ANNOUNCING_STOP, &gone) == 0;
}

/* Stops what is not wanted, so that an address that moves away is silent before others start.
 * What stays keeps its entry; what is gone has family 0 afterwards. */
static void stop_missing(struct announcing *announcing, struct difference *difference)
{
    size_t wanted = 0;

    for (size_t i = 0; i < announcing->count; i++) {
        struct announcing_entry *entry = &announcing->entries[i];

        while (order(difference, wanted, entry, 1) < 0)
            wanted++;
        if (order(difference, wanted, entry, 1) == 0)
            continue;
        if (stop(difference, &entry->address)) {
            entry_clear(entry);
            entry->address.family = MLB_FAMILY_NONE;
        }
    }
}

static void hush(struct announcing_entry *entry, announcing_apply apply, void *context)
{
    struct wanted_address wanted = {.address = entry->address};

    if (entry->silent)
        return;
    (void)apply(context, ANNOUNCING_SILENCE, &wanted);
    entry->silent = true;
}

static void move_entry(struct announcing_entry *from, struct announcing_entry *to)
{
    *to = *from;
    from->interfaces = NULL;
}

/* Starts or changes one wanted address; tells whether it is announced afterwards. old is NULL for
 * one that is not announced; result holds its entry. */
static bool start(struct difference *difference, size_t index, struct announcing_entry *old,
                  struct announcing_entry *result)
{
    const struct wanted_address *wanted = &difference->wanted[index];
    struct announcing_entry *next = &difference->next[index];
    bool starts = old == NULL || old->silent;
    enum announcing_change change = starts ? ANNOUNCING_START : ANNOUNCING_INTERFACES;
    bool differs = starts || !same_interfaces(old, next);
    bool made = !wanted->silent;

    if (wanted->silent && old != NULL)
        hush(old, difference->apply, difference->context);
    if (!wanted->silent && differs)
        made = difference->apply(difference->context, change, wanted) == 0;
    if (!made && old == NULL)
        return false;
    move_entry(made ? next : old, result);
    return true;
}

/* One that nothing wants any more, but that is not given up either: it goes on as it was. */
static void go_on(struct difference *difference, struct announcing_entry *old,
                  struct announcing_entry *result)
{
    struct wanted_address wanted = {.address = old->address};

    if (old->silent && split_interfaces(old, &wanted) == 0) {
        old->silent = difference->apply(difference->context, ANNOUNCING_START, &wanted) != 0;
        free(wanted.interfaces);
    }
    move_entry(old, result);
}

static size_t merge(struct announcing *announcing, struct difference *difference,
                    struct announcing_entry *merged)
{
    size_t count = 0;
    size_t wanted = 0;
    size_t i = 0;

    while (wanted < difference->wanted_count || i < announcing->count) {
        struct announcing_entry *old = &announcing->entries[i];
        int direction;

        if (i < announcing->count && old->address.family == MLB_FAMILY_NONE) {
            i++;
            continue;
        }
        direction = order(difference, wanted, old, announcing->count - i);
        if (direction > 0) {
            go_on(difference, old, &merged[count++]);
        } else if (start(difference, wanted, direction == 0 ? old : NULL, &merged[count])) {
            count++;
        }
        i += direction >= 0 ? 1 : 0;
        wanted += direction <= 0 ? 1 : 0;
    }
    return count;
}

int announcing_set(struct announcing *announcing, const struct wanted_address *wanted,
                   size_t wanted_count, bool keep_missing,
                   bool (*given_up)(void *context, const struct mlb_address *address),
                   announcing_apply apply, void *context)
{
    struct difference difference = {
        .wanted = wanted,
        .wanted_count = wanted_count,
        .keep_missing = keep_missing,
        .given_up = given_up,
        .apply = apply,
        .context = context,
    };
    struct announcing_entry *merged;
    size_t count;

    difference.next = make_entries(wanted, wanted_count);
    merged = calloc(wanted_count + announcing->count + 1, sizeof(*merged));
    if (difference.next == NULL || merged == NULL) {
        free_entries(difference.next, difference.next == NULL ? 0 : wanted_count);
        free(merged);
        return -ENOMEM;
    }
    stop_missing(announcing, &difference);
    count = merge(announcing, &difference, merged);
    free_entries(difference.next, wanted_count);
    free_entries(announcing->entries, announcing->count);
    announcing->entries = merged;
    announcing->count = count;
    return 0;
}

void announcing_silence(struct announcing *announcing, const struct mlb_address *address,
                        announcing_apply apply, void *context)
{
    for (size_t i = 0; i < announcing->count; i++) {
        struct announcing_entry *entry = &announcing->entries[i];

        if (address == NULL || mlb_address_compare(&entry->address, address) == 0)
            hush(entry, apply, context);
    }
}

static int compare_entry(const void *key, const void *item)
{
    return mlb_address_compare(key, &((const struct announcing_entry *)item)->address);
}

bool announcing_has(const struct announcing *announcing, const struct mlb_address *address)
{
    const struct announcing_entry *entry =
        sorted_find(address, announcing->entries, announcing->count, sizeof(*announcing->entries),
                    compare_entry);

    return entry != NULL && !entry->silent;
}

void announcing_stop_all(struct announcing *announcing, announcing_apply apply, void *context)
{
    for (size_t i = 0; i < announcing->count; i++) {
        struct wanted_address gone = {.address = announcing->entries[i].address};

        (void)apply(context, ANNOUNCING_STOP, &gone);
    }
    announcing_clear(announcing);
}

void announcing_clear(struct announcing *announcing)
{
    free_entries(announcing->entries, announcing->count);
    *announcing = (struct announcing){0};
}
