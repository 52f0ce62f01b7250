/* SPDX-License-Identifier: MIT */
#include "sources/sink.h"

int sink_fd(const struct sink *sink)
{
    return sink->operations->fd(sink);
}

int sink_write(struct sink *sink, const struct outcomes *outcomes)
{
    int result = sink->operations->write(sink, outcomes);

    if (result == 0)
        sink->written++;
    return result;
}

bool sink_dispatch(struct sink *sink)
{
    return sink->operations->dispatch(sink);
}

bool sink_is_durable(const struct sink *sink)
{
    return sink->durable == sink->written;
}

bool sink_flush(struct sink *sink, unsigned milliseconds)
{
    return sink->operations->flush(sink, milliseconds);
}

const struct problem_list *sink_problems(const struct sink *sink)
{
    return &sink->problems;
}

void sink_free(struct sink *sink)
{
    if (sink != NULL)
        sink->operations->free(sink);
}
