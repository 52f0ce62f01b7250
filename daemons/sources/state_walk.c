/* SPDX-License-Identifier: MIT */
/* The records that stand in a state directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/state_files.h"

/* Calls for each name in a directory that is not "." or ".."; takes the descriptor over. */
static int each_name(int directory,
                     int (*take)(struct state_files *files, int directory, const char *name,
                                 void *context),
                     struct state_files *files, void *context)
{
    DIR *stream = fdopendir(directory);
    int result = 0;

    if (stream == NULL) {
        int error = errno;

        close(directory);
        return -error;
    }
    while (result == 0) {
        const struct dirent *entry;

        errno = 0;
        entry = readdir(stream);
        if (entry == NULL) {
            result = -errno;
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = take(files, directory, entry->d_name, context);
    }
    closedir(stream);
    return result;
}

struct walk {
    state_files_visitor *visitor;
    void *context;
    const char *namespace_;
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* Cuts the suffix of a record off; false for the name of anything else. */
static bool read_name(const char *file, char name[NAME_MAX + 1])
{
    size_t length;

    if (file[0] == '.' || !ends_with(file, ".json"))
        return false;
    length = strlen(file) - strlen(".json");
    memcpy(name, file, length);
    name[length] = '\0';
    return true;
}

static int take_file(struct state_files *files, int directory, const char *file, void *context)
{
    const struct walk *walk = context;
    char name[NAME_MAX + 1];
    int descriptor;
    int result;

    (void)files;
    if (file[0] == '.' && ends_with(file, ".json.tmp"))
        unlinkat(directory, file, 0);
    if (!read_name(file, name))
        return 0;
    descriptor = openat(directory, file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    result =
        walk->visitor(walk->namespace_, name, descriptor < 0 ? -errno : descriptor, walk->context);
    if (descriptor >= 0)
        close(descriptor);
    return result;
}

static int take_namespace(struct state_files *files, int directory, const char *name, void *context)
{
    struct walk walk = *(const struct walk *)context;
    int descriptor;

    if (name[0] == '.')
        return 0;
    descriptor = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
    walk.namespace_ = name;
    return each_name(descriptor, take_file, files, &walk);
}

int state_files_walk(struct state_files *files, state_files_visitor *visitor, void *context)
{
    struct walk walk = {.visitor = visitor, .context = context};
    int descriptor = openat(files->root, "services", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (descriptor < 0)
        return errno == ENOENT ? 0 : -errno;
    return each_name(descriptor, take_namespace, files, &walk);
}

struct keeper {
    bool (*keep)(const char *name, void *context);
    void *context;
};

static int take_pool(struct state_files *files, int directory, const char *file, void *context)
{
    const struct keeper *keeper = context;
    char name[NAME_MAX + 1];

    (void)files;
    if (read_name(file, name) && !keeper->keep(name, keeper->context))
        unlinkat(directory, file, 0);
    return 0;
}

int state_files_keep_pools(struct state_files *files, bool (*keep)(const char *name, void *context),
                           void *context)
{
    struct keeper keeper = {.keep = keep, .context = context};
    int descriptor = openat(files->root, "pools", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (descriptor < 0)
        return errno == ENOENT ? 0 : -errno;
    return each_name(descriptor, take_pool, files, &keeper);
}
