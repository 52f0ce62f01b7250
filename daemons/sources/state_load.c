/* SPDX-License-Identifier: MIT */
#include "sources/state_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Largest record: two addresses, some names, the terms of 4 096 ports. */
#define RECORD_SIZE_MAX (256 * 1024)

struct loading {
    const char *path;
    struct state_records *records;
    size_t capacity;
    struct problem_list *problems;
    char *text;
};

static int read_text(int descriptor, char *text, size_t *length)
{
    struct stat status;

    *length = 0;
    if (fstat(descriptor, &status) != 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    while (*length < RECORD_SIZE_MAX) {
        ssize_t got = read(descriptor, text + *length, RECORD_SIZE_MAX - *length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        *length += (size_t)got;
    }
    return -EFBIG;
}

static bool grow(struct loading *loading)
{
    size_t capacity = loading->capacity == 0 ? 64 : loading->capacity * 2;
    struct state_record *items;

    if (loading->records->count < loading->capacity)
        return true;
    items = reallocarray(loading->records->items, capacity, sizeof(*items));
    if (items == NULL)
        return false;
    loading->records->items = items;
    loading->capacity = capacity;
    return true;
}

static int note_unreadable(struct state_records *records, const char *namespace_, const char *name)
{
    char **items = reallocarray(records->unreadable, records->unreadable_count + 1, sizeof(*items));

    if (items == NULL)
        return -ENOMEM;
    records->unreadable = items;
    if (asprintf(&items[records->unreadable_count], "%s/%s", namespace_, name) < 0)
        return -ENOMEM;
    records->unreadable_count++;
    return 0;
}

static int take_record(const char *namespace_, const char *name, int descriptor, void *context)
{
    struct loading *loading = context;
    char path[PATH_MAX];
    size_t length = 0;
    int result = descriptor < 0 ? descriptor : read_text(descriptor, loading->text, &length);

    snprintf(path, sizeof(path), "%s/services/%s/%s.json", loading->path, namespace_, name);
    if (!grow(loading))
        return -ENOMEM;
    if (result != 0) {
        problem_add(loading->problems, PROBLEM_ERROR, path, 0, "", "", "cannot be read: %s",
                    strerror(-result));
    } else {
        result =
            state_record_read(path, loading->text, length, namespace_, name,
                              &loading->records->items[loading->records->count], loading->problems);
        if (result == -ENOMEM)
            return result;
    }
    if (result != 0)
        return note_unreadable(loading->records, namespace_, name);
    loading->records->count++;
    return 0;
}

void state_records_clear(struct state_records *records)
{
    for (size_t i = 0; i < records->count; i++)
        state_record_clear(&records->items[i]);
    for (size_t i = 0; i < records->unreadable_count; i++)
        free(records->unreadable[i]);
    free(records->unreadable);
    free(records->items);
    memset(records, 0, sizeof(*records));
}

int state_load(const char *path, struct state_files *files, struct state_records *records,
               struct problem_list *problems)
{
    struct loading loading = {.path = path, .records = records, .problems = problems};
    int result;

    memset(records, 0, sizeof(*records));
    loading.text = malloc(RECORD_SIZE_MAX);
    if (loading.text == NULL)
        return -ENOMEM;
    result = state_files_walk(files, take_record, &loading);
    free(loading.text);
    if (result != 0)
        state_records_clear(records);
    return result;
}
