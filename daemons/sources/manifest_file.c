/* SPDX-License-Identifier: MIT */
#include "sources/manifest_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/manifest_version.h"

/* Two writes within one tick of the kernel's clock (10 ms at most) may leave the same time of
 * change: a file read so soon after its change is read again at the next look. */
#define RACY_NANOSECONDS 20000000

struct text {
    char *bytes;
    size_t length;
};

void object_array_clear(struct object_array *array)
{
    for (size_t i = 0; i < array->count; i++)
        object_unref(array->items[i]);
    free(array->items);
    memset(array, 0, sizeof(*array));
}

struct manifest_file *manifest_file_new(const char *path)
{
    struct manifest_file *file = calloc(1, sizeof(*file));

    if (file == NULL)
        return NULL;
    file->path = strdup(path);
    if (file->path == NULL) {
        free(file);
        return NULL;
    }
    return file;
}

void manifest_file_free(struct manifest_file *file)
{
    object_array_clear(&file->objects);
    object_array_clear(&file->borrowed);
    problem_list_clear(&file->problems);
    free(file->path);
    free(file);
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static struct file_version version_of(const struct stat *status)
{
    return (struct file_version){
        .device = status->st_dev,
        .inode = status->st_ino,
        .size = status->st_size,
        .modified = status->st_mtim,
        .changed = status->st_ctim,
    };
}

static bool is_version(const struct stat *status, const struct file_version *version)
{
    return status->st_ino == version->inode && status->st_dev == version->device &&
           status->st_size == version->size && same_time(&status->st_mtim, &version->modified) &&
           same_time(&status->st_ctim, &version->changed);
}

static bool is_racy(const struct manifest_file *file)
{
    const struct timespec *changed = &file->version.modified;
    int64_t age = ((int64_t)file->read.tv_sec - changed->tv_sec) * 1000000000 +
                  (file->read.tv_nsec - changed->tv_nsec);

    return age < RACY_NANOSECONDS;
}

/* FNV-1a: tells versions of one file apart; nobody gains by a collision of his own file. */
static uint64_t hash_text(const struct text *text)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < text->length; i++)
        hash = (hash ^ (unsigned char)text->bytes[i]) * 1099511628211u;
    return hash;
}

/* Reads to the end, or one byte beyond what a manifest may have. */
static int read_text(int descriptor, size_t expected, struct text *text)
{
    size_t capacity = (expected < MANIFEST_SIZE_MAX ? expected : MANIFEST_SIZE_MAX) + 4096;
    char *bytes = malloc(capacity);
    size_t length = 0;

    while (bytes != NULL && length <= MANIFEST_SIZE_MAX) {
        ssize_t got = read(descriptor, bytes + length, capacity - length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int error = errno;

            free(bytes);
            return -error;
        }
        if (got == 0) {
            *text = (struct text){bytes, length};
            return 0;
        }
        length += (size_t)got;
        if (length == capacity) {
            char *grown = realloc(bytes, capacity * 2);

            if (grown == NULL) {
                free(bytes);
                return -ENOMEM;
            }
            bytes = grown;
            capacity *= 2;
        }
    }
    if (bytes == NULL)
        return -ENOMEM;
    *text = (struct text){bytes, length};
    return 0;
}

static enum manifest_format format_of(const char *path)
{
    const char *dot = strrchr(path, '.');

    if (dot != NULL && strcmp(dot, ".json") == 0)
        return MANIFEST_JSON;
    if (dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0))
        return MANIFEST_YAML;
    return MANIFEST_GUESS;
}

static int take_text(struct manifest_file *file, const struct text *text,
                     const struct object_set *in_force, bool hold)
{
    struct problem_list problems = {0};
    struct manifest_version version = {0};
    struct manifest manifest;
    int result = manifest_parse(file->path, text->bytes, text->length, format_of(file->path),
                                &manifest, &problems);

    if (result == 0 && !manifest_version_make(file, in_force, &manifest, &version))
        result = -ENOMEM;
    if (result != 0) {
        manifest_version_clear(&version);
        manifest_clear(&manifest);
        problem_list_clear(&problems);
        return result;
    }
    object_array_clear(&file->objects);
    object_array_clear(&file->borrowed);
    problem_list_clear(&file->problems);
    file->objects = version.objects;
    file->borrowed = version.borrowed;
    file->problems = problems;
    file->unknown = version.unknown && (hold || file->unknown);
    file->has_version = file->has_version || !manifest.truncated;
    manifest_clear(&manifest);
    return 1;
}

/* Notes that what a file holds is not known; what it held stays. Returns whether this is news. */
static int note_unknown(struct manifest_file *file, enum problem_severity severity,
                        const char *message, bool hold)
{
    struct problem_list problems = {0};
    int changed;

    problem_add(&problems, severity, file->path, 0, "", "", "%s", message);
    changed = !problem_list_equal(&problems, &file->problems);
    problem_list_clear(&file->problems);
    file->problems = problems;
    if (!file->has_version && hold)
        file->unknown = true;
    file->was_read = false;
    return changed;
}

static int note_failure(struct manifest_file *file, const char *reason, bool hold)
{
    char message[256];

    snprintf(message, sizeof(message), "cannot be read%s: %s",
             file->has_version ? ", and what it held stays" : "", reason);
    return note_unknown(file, PROBLEM_ERROR, message, hold);
}

/* Who writes in place empties a file first, perhaps just after the watch was asked: what was
 * written that shortly ago is read at another look. */
#define FRESH_NANOSECONDS INT64_C(15000000)

/* A file that has been empty for so long is meant to be. */
#define EMPTY_NANOSECONDS INT64_C(2000000000)

/* Whether a file was changed less than so long ago, or in the future of this clock. */
static bool is_younger(const struct timespec *changed, int64_t nanoseconds)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)(now.tv_sec - changed->tv_sec) * 1000000000 + now.tv_nsec - changed->tv_nsec <
           nanoseconds;
}

bool manifest_file_is_younger(const struct manifest_file *file, int64_t nanoseconds)
{
    return file->was_read && is_younger(&file->version.modified, nanoseconds);
}

static bool is_being_written(const struct manifest_file *file, int descriptor)
{
    struct stat status;

    return file->has_version && fstat(descriptor, &status) == 0 &&
           is_younger(&status.st_mtim, FRESH_NANOSECONDS);
}

static int read_opened(struct manifest_file *file, int descriptor, const struct stat *status,
                       const struct object_set *in_force, bool hold)
{
    struct text text = {0};
    struct timespec now;
    uint64_t hash;
    bool differs;
    int result;

    clock_gettime(CLOCK_REALTIME, &now);
    result = read_text(descriptor, (size_t)status->st_size, &text);
    if (result == -ENOMEM)
        return result;
    if (result != 0)
        return note_failure(file, strerror(-result), hold);
    if (text.length == 0 && is_younger(&status->st_mtim, EMPTY_NANOSECONDS)) {
        /* Nothing tells whether it was closed like this; somebody may be about to write it. */
        free(text.bytes);
        file->deferred = file->has_version && file->objects.count > 0;
        if (file->has_version)
            return 0;
        return note_unknown(file, PROBLEM_NOTICE, "is empty, as a file is while it is written",
                            true);
    }
    hash = hash_text(&text);
    differs = !file->was_read || hash != file->hash;
    file->deferred = differs && is_being_written(file, descriptor);
    if (file->deferred) {
        free(text.bytes);
        return 0;
    }
    result = differs ? take_text(file, &text, in_force, hold) : 0;
    free(text.bytes);
    if (result < 0)
        return result;
    file->version = version_of(status);
    file->read = now;
    file->hash = hash;
    file->was_read = true;
    return result;
}

static bool is_dangling_link(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

static int fail_to_open(struct manifest_file *file, int error, bool hold)
{
    if (error == ENOENT && !is_dangling_link(file->path)) {
        /* Nothing tells what it held, until a look finds that it is really gone. */
        file->unknown |= hold && !file->has_version;
        return -error;
    }
    if (error == ENOMEM)
        return -error;
    return note_failure(file, error == ENOENT ? "it is a link to nothing" : strerror(error), hold);
}

int manifest_file_update(struct manifest_file *file, const struct object_set *in_force, bool hold)
{
    struct stat status;
    int descriptor;
    int result;

    file->deferred = false;
    if (file->was_read && stat(file->path, &status) == 0 && is_version(&status, &file->version) &&
        !is_racy(file))
        return 0;
    /* Opening a FIFO for reading would wait for a writer. */
    descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return fail_to_open(file, errno, hold);
    if (fstat(descriptor, &status) != 0)
        result = note_failure(file, strerror(errno), hold);
    else if (!S_ISREG(status.st_mode))
        result = note_failure(file, "it is not a regular file", hold);
    else
        result = read_opened(file, descriptor, &status, in_force, hold);
    close(descriptor);
    return result;
}

int manifest_file_read_stream(struct manifest_file *file, int descriptor)
{
    struct text text = {0};
    int result = read_text(descriptor, 0, &text);

    if (result == 0) {
        result = take_text(file, &text, NULL, true);
        free(text.bytes);
    }
    if (result < 0 && result != -ENOMEM)
        note_failure(file, strerror(-result), true);
    return result == -ENOMEM ? result : 0;
}
