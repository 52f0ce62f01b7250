/* SPDX-License-Identifier: MIT */
#include "speaker/group/followed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void followed_file_init(struct followed_file *file, const char *path, const char *inside)
{
    *file = (struct followed_file){.path = path, .inside = inside};
}

/* Returns a descriptor of the file itself or a negative errno. A FIFO must not block. */
static int open_file(const struct followed_file *file, struct stat *status)
{
    int descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int inner;

    if (descriptor < 0)
        return -errno;
    if (fstat(descriptor, status) == 0 && S_ISDIR(status->st_mode) && file->inside != NULL) {
        inner = openat(descriptor, file->inside, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (inner < 0)
            inner = -errno;
        close(descriptor);
        if (inner < 0)
            return inner;
        descriptor = inner;
        (void)fstat(descriptor, status);
    }
    if (S_ISREG(status->st_mode))
        return descriptor;
    close(descriptor);
    return S_ISDIR(status->st_mode) ? -EISDIR : -EINVAL;
}

static struct file_version version_of(const struct stat *status)
{
    return (struct file_version){
        .device = status->st_dev,
        .inode = status->st_ino,
        .size = (uint64_t)status->st_size,
        .changed_seconds = status->st_ctim.tv_sec,
        .changed_nanoseconds = status->st_ctim.tv_nsec,
    };
}

static bool same_version(const struct file_version *a, const struct file_version *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed_seconds == b->changed_seconds &&
           a->changed_nanoseconds == b->changed_nanoseconds;
}

/* Returns 0 or a negative errno. */
static int read_all(int descriptor, size_t maximum, char **text, size_t *length)
{
    char *bytes = malloc(maximum + 2);
    size_t used = 0;

    if (bytes == NULL)
        return -ENOMEM;
    while (used <= maximum) {
        ssize_t count = read(descriptor, bytes + used, maximum + 1 - used);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            int error = -errno;

            free(bytes);
            return error;
        }
        if (count == 0)
            break;
        used += (size_t)count;
    }
    if (used > maximum) {
        free(bytes);
        return -EFBIG;
    }
    bytes[used] = '\0';
    *text = bytes;
    *length = used;
    return 0;
}

int followed_file_read(struct followed_file *file, size_t maximum, char **text, size_t *length)
{
    static const struct file_version none = {0};
    struct stat status;
    struct file_version version = none;
    int descriptor = open_file(file, &status);
    int result = descriptor < 0 ? descriptor : 0;

    if (descriptor >= 0)
        version = version_of(&status);
    if (descriptor >= 0 && !same_version(&version, &file->read) &&
        (same_version(&version, &file->seen) || same_version(&none, &file->read))) {
        result = read_all(descriptor, maximum, text, length);
        if (result == 0) {
            file->read = version;
            result = 1;
        }
    }
    file->seen = version;
    if (descriptor >= 0)
        close(descriptor);
    return result;
}
