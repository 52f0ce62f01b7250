/* SPDX-License-Identifier: MIT */
#include "sources/state_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX           ".json"
#define TEMPORARY_SUFFIX ".tmp"

/* A name with its suffix and what makes it a temporary. */
#define RECORD_NAME_MAX (NAME_MAX - 1 - (sizeof(SUFFIX) - 1) - (sizeof(TEMPORARY_SUFFIX) - 1))

void state_files_init(struct state_files *files, int root)
{
    memset(files, 0, sizeof(*files));
    files->root = root;
    files->services = -1;
    files->pools = -1;
    files->namespace_ = -1;
}

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

void state_files_close(struct state_files *files)
{
    close_descriptor(&files->namespace_);
    close_descriptor(&files->services);
    close_descriptor(&files->pools);
    close_descriptor(&files->root);
}

const char *state_files_path(const struct state_files *files)
{
    return files->path;
}

static const char *check_name(const char *name, size_t maximum)
{
    if (name[0] == '\0')
        return "the name is empty";
    if (name[0] == '.')
        return "the name begins with a dot";
    if (strchr(name, '/') != NULL)
        return "the name has a slash";
    return strlen(name) > maximum ? "the name is too long for a file" : NULL;
}

const char *state_files_check(const char *namespace_, const char *name)
{
    const char *wrong = check_name(namespace_, NAME_MAX);

    return wrong != NULL ? wrong : check_name(name, RECORD_NAME_MAX);
}

const char *state_files_check_pool(const char *name)
{
    return check_name(name, RECORD_NAME_MAX);
}

__attribute__((format(printf, 3, 4))) static int fail(struct state_files *files, int error,
                                                      const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(files->path, sizeof(files->path), format, list);
    va_end(list);
    return -error;
}

/* Opens a directory below another one, and makes it when it is missing. */
static int open_directory(int parent, const char *name, bool make, bool *made)
{
    for (int i = 0; i < 2; i++) {
        int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (descriptor >= 0 || errno != ENOENT || !make || i > 0)
            return descriptor;
        if (mkdirat(parent, name, 0755) != 0 && errno != EEXIST)
            return -1;
        *made = true;
    }
    return -1;
}

static int use_services(struct state_files *files, bool make)
{
    if (files->services < 0)
        files->services = open_directory(files->root, "services", make, &files->made);
    return files->services >= 0 ? 0 : fail(files, errno, "services");
}

static int use_namespace(struct state_files *files, const char *namespace_, bool make)
{
    int result;

    if (files->namespace_ >= 0 && strcmp(files->namespace_name, namespace_) == 0)
        return 0;
    result = use_services(files, make);
    if (result != 0)
        return result;
    close_descriptor(&files->namespace_);
    files->namespace_ = open_directory(files->services, namespace_, make, &files->made);
    if (files->namespace_ < 0)
        return fail(files, errno, "services/%s", namespace_);
    snprintf(files->namespace_name, sizeof(files->namespace_name), "%s", namespace_);
    return 0;
}

static void name_temporary(char *buffer, size_t size, const char *name)
{
    snprintf(buffer, size, ".%s%s%s", name, SUFFIX, TEMPORARY_SUFFIX);
}

static void name_record(char *buffer, size_t size, const char *name)
{
    snprintf(buffer, size, "%s%s", name, SUFFIX);
}

static int write_all(int descriptor, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(descriptor, bytes, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

static int fill(int directory, const char *temporary, const void *bytes, size_t size, bool sync)
{
    int descriptor =
        openat(directory, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    int result;

    if (descriptor < 0)
        return -errno;
    result = write_all(descriptor, bytes, size);
    if (result == 0 && sync && fsync(descriptor) != 0)
        result = -errno;
    if (close(descriptor) != 0 && result == 0)
        result = -errno;
    if (result != 0)
        unlinkat(directory, temporary, 0);
    return result;
}

int state_files_write(struct state_files *files, const char *namespace_, const char *name,
                      const void *bytes, size_t size, bool sync)
{
    char temporary[NAME_MAX + 16];
    int result = use_namespace(files, namespace_, true);

    if (result != 0)
        return result;
    name_temporary(temporary, sizeof(temporary), name);
    result = fill(files->namespace_, temporary, bytes, size, sync);
    return result == 0 ? 0 : fail(files, -result, "services/%s/%s%s", namespace_, name, SUFFIX);
}

static int rename_in(int directory, const char *name)
{
    char temporary[NAME_MAX + 16];
    char record[NAME_MAX + 16];

    name_temporary(temporary, sizeof(temporary), name);
    name_record(record, sizeof(record), name);
    return renameat(directory, temporary, directory, record) == 0 ? 0 : -errno;
}

int state_files_rename(struct state_files *files, const char *namespace_, const char *name)
{
    int result = use_namespace(files, namespace_, false);

    if (result != 0)
        return result;
    result = rename_in(files->namespace_, name);
    return result == 0 ? 0 : fail(files, -result, "services/%s/%s%s", namespace_, name, SUFFIX);
}

void state_files_abandon(struct state_files *files, const char *namespace_, const char *name)
{
    char temporary[NAME_MAX + 16];

    name_temporary(temporary, sizeof(temporary), name);
    if (use_namespace(files, namespace_, false) == 0)
        unlinkat(files->namespace_, temporary, 0);
}

int state_files_remove(struct state_files *files, const char *namespace_, const char *name)
{
    char record[NAME_MAX + 16];
    int result = use_namespace(files, namespace_, false);

    if (result == -ENOENT)
        return 0;
    if (result != 0)
        return result;
    name_record(record, sizeof(record), name);
    if (unlinkat(files->namespace_, record, 0) != 0 && errno != ENOENT)
        return fail(files, errno, "services/%s/%s", namespace_, record);
    return 0;
}

bool state_files_remove_namespace(struct state_files *files, const char *namespace_)
{
    if (files->namespace_ >= 0 && strcmp(files->namespace_name, namespace_) == 0)
        close_descriptor(&files->namespace_);
    return files->services >= 0 &&
           (unlinkat(files->services, namespace_, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

int state_files_sync(struct state_files *files, const char *namespace_)
{
    int result =
        namespace_ == NULL ? use_services(files, false) : use_namespace(files, namespace_, false);

    /* Nothing was written where nothing is. */
    if (result == -ENOENT)
        return 0;
    if (result != 0)
        return result;
    if (fsync(namespace_ == NULL ? files->services : files->namespace_) != 0)
        return fail(files, errno, "services%s%s", namespace_ == NULL ? "" : "/",
                    namespace_ == NULL ? "" : namespace_);
    if (namespace_ == NULL && fsync(files->root) != 0)
        return fail(files, errno, ".");
    files->made &= namespace_ != NULL;
    return 0;
}

int state_files_sync_all(struct state_files *files)
{
    return syncfs(files->root) == 0 ? 0 : fail(files, errno, ".");
}

static int use_pools(struct state_files *files)
{
    if (files->pools < 0)
        files->pools = open_directory(files->root, "pools", true, &files->made);
    return files->pools >= 0 ? 0 : fail(files, errno, "pools");
}

int state_files_write_pool(struct state_files *files, const char *name, const void *bytes,
                           size_t size)
{
    char temporary[NAME_MAX + 16];
    int result = use_pools(files);

    if (result != 0)
        return result;
    name_temporary(temporary, sizeof(temporary), name);
    result = fill(files->pools, temporary, bytes, size, false);
    if (result == 0)
        result = rename_in(files->pools, name);
    return result == 0 ? 0 : fail(files, -result, "pools/%s%s", name, SUFFIX);
}
