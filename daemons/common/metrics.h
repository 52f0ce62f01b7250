/* SPDX-License-Identifier: MIT */
/* Writes metrics in Prometheus' text format, version 0.0.4. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct metric_label {
    const char *name;
    const char *value;
};

/* Begins a metric; type is "gauge" or "counter". */
void metrics_begin(FILE *stream, const char *name, const char *type, const char *help);

/* Writes one value of a metric with count labels. */
void metrics_value(FILE *stream, const char *name, const struct metric_label *labels, size_t count,
                   double value);

/* Begins a metric that has one value without labels, and writes it. */
void metrics_single(FILE *stream, const char *name, const char *type, const char *help,
                    double value);

/* Writes the metrics that every process has: processor time, memory, descriptors, start. */
void metrics_process(FILE *stream);
