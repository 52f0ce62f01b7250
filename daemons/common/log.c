/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/json_writer.h"

/* How long a reader that falls behind is waited for. */
#define PATIENCE_MILLISECONDS 100

static const char *const level_names[] = {"debug", "info", "warn", "error"};

bool log_level_parse(const char *text, enum log_level *level)
{
    static const struct {
        const char *name;
        enum log_level level;
    } names[] = {
        {"all", LOG_LEVEL_DEBUG}, {"debug", LOG_LEVEL_DEBUG}, {"info", LOG_LEVEL_INFO},
        {"warn", LOG_LEVEL_WARN}, {"error", LOG_LEVEL_ERROR}, {"none", LOG_LEVEL_NONE},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i].name) == 0) {
            *level = names[i].level;
            return true;
        }
    return false;
}

/* logfmt has no standard; its readers agree that white space, '=' and '"' end a bare value. */
static bool needs_quotes(const char *value)
{
    if (*value == '\0')
        return true;
    while (*value != '\0') {
        unsigned char byte = (unsigned char)*value;
        size_t length = utf8_character_length(value);

        if (length == 0 || byte <= ' ' || byte == 0x7f || strchr("=\"\\", byte) != NULL)
            return true;
        value += length;
    }
    return false;
}

static void write_logfmt_field(FILE *stream, const char *key, const char *value)
{
    bool quotes = needs_quotes(value);

    fprintf(stream, "%s=%s", key, quotes ? "\"" : "");
    json_write_escaped(stream, value);
    if (quotes)
        fputc('"', stream);
}

static void write_logfmt(FILE *stream, const struct log_field *fields)
{
    const char *separator = "";

    for (; fields->key != NULL; fields++) {
        if (fields->value == NULL)
            continue;
        fputs(separator, stream);
        write_logfmt_field(stream, fields->key, fields->value);
        separator = " ";
    }
}

static void write_json(struct json_writer *writer, const struct log_field *fields)
{
    for (; fields->key != NULL; fields++) {
        if (fields->value == NULL)
            continue;
        json_text_member(writer, fields->key, fields->value);
    }
}

static void write_line(FILE *stream, enum log_format format, const struct log_field *first,
                       const struct log_field *second)
{
    static const struct log_field none = {NULL, NULL};

    if (second == NULL)
        second = &none;
    if (format == LOG_FORMAT_JSON) {
        struct json_writer writer = {.stream = stream};

        json_begin_object(&writer);
        write_json(&writer, first);
        write_json(&writer, second);
        json_end_object(&writer);
    } else {
        write_logfmt(stream, first);
        if (second->key != NULL)
            fputc(' ', stream);
        write_logfmt(stream, second);
    }
    fputc('\n', stream);
}

/* RFC 3339 in UTC with milliseconds. */
static void format_time(char *buffer, size_t size)
{
    struct timespec now;
    struct tm parts;
    char seconds[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(buffer, size, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
}

/* Tells whether PIPE_BUF bytes can be written without waiting for long. After a loss the reader
 * gets no second chance to hold us up until it reads again. */
static bool has_room(const struct log *log)
{
    struct pollfd output = {.fd = log->fd, .events = POLLOUT};

    if (log->loss == NULL)
        return true;
    return poll(&output, 1, log->loss->lines > 0 ? 0 : PATIENCE_MILLISECONDS) > 0;
}

static bool write_all(const struct log *log, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written;

        if (!has_room(log))
            return false;
        written = write(log->fd, bytes, length < PIPE_BUF ? length : PIPE_BUF);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

/* NULL without memory. */
static char *make_line(const struct log *log, enum log_level level, const char *message,
                       const struct log_field *fields, size_t *length)
{
    char now[48];
    char *line = NULL;
    FILE *stream = open_memstream(&line, length);

    if (stream == NULL)
        return NULL;
    format_time(now, sizeof(now));
    write_line(stream, log->format,
               LOG_FIELDS({"ts", now}, {"level", level_names[level]}, {"msg", message}), fields);
    if (fclose(stream) == 0)
        return line;
    free(line);
    return NULL;
}

static bool write_message(const struct log *log, enum log_level level, const char *message,
                          const struct log_field *fields)
{
    size_t length = 0;
    char *line = make_line(log, level, message, fields, &length);
    bool written = line == NULL || write_all(log, line, length);

    free(line);
    return written;
}

static bool tell_of_loss(const struct log *log)
{
    char message[96];

    if (log->loss == NULL || log->loss->lines == 0)
        return true;
    snprintf(message, sizeof(message), "%lu lines were lost: nobody read the log",
             log->loss->lines);
    if (!write_message(log, LOG_LEVEL_WARN, message, NULL))
        return false;
    log->loss->lines = 0;
    return true;
}

void log_write(const struct log *log, enum log_level level, const struct log_field *fields,
               const char *format, ...)
{
    char *message = NULL;
    va_list arguments;
    int result;

    if (level < log->level || level >= LOG_LEVEL_NONE)
        return;
    va_start(arguments, format);
    result = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (result < 0)
        return;
    if ((!tell_of_loss(log) || !write_message(log, level, message, fields)) && log->loss != NULL)
        log->loss->lines++;
    free(message);
}
