/* SPDX-License-Identifier: MIT */
/*
 * Log lines for people and for collectors: one line an event, as logfmt or as a JSON object, with
 * a time, a level, a message and fields.
 *
 *     log_info(&log, LOG_FIELDS({"address", text}), "announcing %s", text);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum log_level {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_NONE, /* nothing is logged */
};

enum log_format {
    LOG_FORMAT_LOGFMT,
    LOG_FORMAT_JSON,
};

/* Lines that nobody took, see log_write(). */
struct log_loss {
    unsigned long lines; /* not yet told of */
};

struct log {
    int fd;
    enum log_level level; /* the lowest that is written */
    enum log_format format;
    struct log_loss *loss; /* NULL: log_write() waits for who reads */
};

struct log_field {
    const char *key; /* NULL behind the last field */
    const char *value;
};

#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__, {NULL, NULL}})

/* Reads the names of MetalLB: all, debug, info, warn, error, none. */
bool log_level_parse(const char *text, enum log_level *level);

/*
 * Writes one line, in one write(2) up to PIPE_BUF bytes; fields may be NULL, and a field whose
 * value is NULL is left out.
 *
 * With a place to count losses, a reader of a pipe or socket that has stopped reading holds up the
 * program for a tenth of a second and no more: lines are dropped then, and a later one tells how
 * many.
 */
__attribute__((format(printf, 4, 5))) void log_write(const struct log *log, enum log_level level,
                                                     const struct log_field *fields,
                                                     const char *format, ...);

#define log_debug(log, fields, ...) log_write(log, LOG_LEVEL_DEBUG, fields, __VA_ARGS__)
#define log_info(log, fields, ...)  log_write(log, LOG_LEVEL_INFO, fields, __VA_ARGS__)
#define log_warn(log, fields, ...)  log_write(log, LOG_LEVEL_WARN, fields, __VA_ARGS__)
#define log_error(log, fields, ...) log_write(log, LOG_LEVEL_ERROR, fields, __VA_ARGS__)
