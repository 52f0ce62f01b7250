/* SPDX-License-Identifier: MIT */
#include "sources/source.h"

#include <stddef.h>

int source_fd(const struct source *source)
{
    return source->operations->fd(source);
}

int source_dispatch(struct source *source)
{
    int result = source->operations->dispatch(source);

    if (result > 0)
        source->generation++;
    return result;
}

const struct object_set *source_objects(const struct source *source)
{
    return source->operations->objects(source);
}

const struct object_changes *source_changes(const struct source *source)
{
    return source->operations->changes(source);
}

const struct problem_list *source_problems(const struct source *source)
{
    return source->operations->problems(source);
}

uint64_t source_generation(const struct source *source)
{
    return source->generation;
}

void source_free(struct source *source)
{
    if (source != NULL)
        source->operations->free(source);
}
