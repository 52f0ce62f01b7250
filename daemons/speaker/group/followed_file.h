/* SPDX-License-Identifier: MIT */
/*
 * A small file that is read again when it changes: looked at once a second, because it may be
 * replaced by way of a symbolic link above it (Kubernetes) or on another host (NFS), which inotify
 * does not tell.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLLOWED_FILE_SECONDS 1.

struct file_version {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    int64_t changed_seconds;
    long changed_nanoseconds;
};

struct followed_file {
    const char *path;   /* borrowed */
    const char *inside; /* name of the file where path is a directory; NULL: that is an error */
    struct file_version read; /* what was read last */
    struct file_version seen; /* what was there at the last look */
};

/* Begins to follow; nothing is read yet. */
void followed_file_init(struct followed_file *file, const char *path, const char *inside);

/*
 * Looks whether there is another version than the one read last, and reads it. A version is
 * believed that is found twice, so that a file that is just being written is not read in half; the
 * first one is believed at once.
 *
 * @param maximum  the most bytes that a sensible file has
 * @param text     receives its bytes with a NUL behind them; the caller frees it
 * @return         1 with a new version, 0 where there is none, or a negative errno (-EFBIG for a
 *                 file that is too large) as long as it stays so
 */
int followed_file_read(struct followed_file *file, size_t maximum, char **text, size_t *length);
