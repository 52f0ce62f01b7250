/* SPDX-License-Identifier: MIT */
#include "sources/state_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static void read_holder(int descriptor, char *holder, size_t size)
{
    ssize_t length = pread(descriptor, holder, size - 1, 0);

    holder[length > 0 ? length : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    if (holder[0] == '\0')
        snprintf(holder, size, "another process");
}

/* For people alone: a lock that says nothing locks as well. */
static void write_holder(int descriptor)
{
    char host[256] = "";
    char since[32] = "";
    char text[384];
    time_t now = time(NULL);
    struct tm utc;
    int length;

    gethostname(host, sizeof(host) - 1);
    if (gmtime_r(&now, &utc) != NULL)
        strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", &utc);
    length =
        snprintf(text, sizeof(text), "process %ld on %s since %s\n", (long)getpid(), host, since);
    if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, text, (size_t)length, 0) < 0)
        return;
}

int state_lock_take(int directory, int *descriptor, char *holder, size_t holder_size)
{
    int opened = openat(directory, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);

    if (opened < 0)
        return -errno;
    if (flock(opened, LOCK_EX | LOCK_NB) != 0) {
        int error = errno == EWOULDBLOCK ? EBUSY : errno;

        read_holder(opened, holder, holder_size);
        close(opened);
        return -error;
    }
    write_holder(opened);
    *descriptor = opened;
    return 0;
}
