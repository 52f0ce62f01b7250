/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "sources/collection.h"
#include "sources/manifests.h"

static int read_all(struct collection *collection)
{
    int result = collection_scan(collection, NULL, NULL, NULL);

    for (size_t i = 0; i < collection->count && result >= 0; i++)
        if (strcmp(collection->roots[i].path, "-") == 0)
            result = collection_read_stream(collection, i, STDIN_FILENO);
    return result < 0 ? result : 0;
}

int manifests_load(const char *const *paths, size_t count, struct object_set *set,
                   struct problem_list *problems)
{
    struct collection collection;
    int result;

    object_set_init(set);
    result = collection_init(&collection, paths, count);
    if (result != 0)
        return result;
    result = read_all(&collection);
    if (result == 0)
        result = collection_admit(&collection, NULL, set, problems);
    collection_clear(&collection);
    return result;
}
