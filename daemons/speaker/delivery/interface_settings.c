/* SPDX-License-Identifier: MIT */
#include "speaker/delivery/interface_settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel takes the larger of conf/all and conf/IF for both. */
static const struct {
    const char *name;
    int value;
} needed[] = {
    {"arp_ignore", 1},   /* answer only for addresses of the interface itself */
    {"arp_announce", 2}, /* ask with the address that suits the interface best */
};

#define NEEDED_COUNT (sizeof(needed) / sizeof(needed[0]))

struct changed_interface {
    struct used_interface interface;
    bool used;
    bool failed; /* at the last call */
    bool changed[NEEDED_COUNT];
    int former[NEEDED_COUNT];
};

struct interface_settings {
    char *root;
    const struct log *log;
    struct reports *reports;
    struct changed_interface *items;
    size_t count;
};

struct interface_settings *interface_settings_new(const char *root, const struct log *log,
                                                  struct reports *reports)
{
    struct interface_settings *settings = calloc(1, sizeof(*settings));

    if (settings == NULL)
        return NULL;
    settings->root = strdup(root);
    if (settings->root == NULL) {
        free(settings);
        return NULL;
    }
    settings->log = log;
    settings->reports = reports;
    return settings;
}

static int open_setting(const struct interface_settings *settings, const char *interface,
                        const char *name, int flags)
{
    char path[PATH_MAX];
    int fd;

    if (snprintf(path, sizeof(path), "%s/%s/%s", settings->root, interface, name) >=
        (int)sizeof(path))
        return -ENAMETOOLONG;
    fd = open(path, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int read_setting(const struct interface_settings *settings, const char *interface,
                        const char *name, int *value)
{
    char text[32];
    char *end = NULL;
    ssize_t length;
    int fd = open_setting(settings, interface, name, O_RDONLY);

    if (fd < 0)
        return fd;
    length = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (length <= 0)
        return -EIO;
    text[length] = '\0';
    *value = (int)strtol(text, &end, 10);
    return end == text ? -EIO : 0;
}

static int write_setting(const struct interface_settings *settings, const char *interface,
                         const char *name, int value)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%d\n", value);
    int fd = open_setting(settings, interface, name, O_WRONLY | O_TRUNC);
    int result = 0;

    if (fd < 0)
        return fd;
    if (write(fd, text, (size_t)length) != length)
        result = -errno;
    close(fd);
    return result;
}

static void report_key(const struct changed_interface *item, size_t setting, char *key, size_t size)
{
    snprintf(key, size, "setting %s %u", needed[setting].name, item->interface.index);
}

/* Returns 0 or a negative errno; former is what the setting was when it had to be changed. */
static int raise_setting(const struct interface_settings *settings, const char *interface,
                         size_t setting, int *former, bool *changed)
{
    int for_all = 0;
    int result = read_setting(settings, "all", needed[setting].name, &for_all);

    *changed = false;
    if (result == 0)
        result = read_setting(settings, interface, needed[setting].name, former);
    if (result != 0 || for_all >= needed[setting].value || *former >= needed[setting].value)
        return result;
    *changed = true;
    return write_setting(settings, interface, needed[setting].name, needed[setting].value);
}

static bool change(const struct interface_settings *settings, struct changed_interface *item,
                   size_t setting)
{
    const char *name = item->interface.name;
    char key[64];
    int former = 0;
    bool changed;
    int result = raise_setting(settings, name, setting, &former, &changed);

    report_key(item, setting, key, sizeof(key));
    if (result != 0) {
        if (result != -ENOENT || item->failed)
            reports_set(settings->reports, key, LOG_LEVEL_ERROR,
                        "%s/%s/%s cannot be set to %d: %s; the kernel may answer for announced "
                        "addresses on %s as well",
                        settings->root, name, needed[setting].name, needed[setting].value,
                        strerror(-result), name);
        return false;
    }
    reports_clear(settings->reports, key);
    if (!changed)
        return true;
    if (!item->changed[setting])
        item->former[setting] = former;
    item->changed[setting] = true;
    log_info(settings->log, LOG_FIELDS({"interface", name}), "set %s of %s to %d, it was %d",
             needed[setting].name, name, needed[setting].value, former);
    return true;
}

/* A value that somebody else wrote since then is theirs. */
static void put_back(const struct interface_settings *settings,
                     const struct changed_interface *item, size_t setting)
{
    const char *name = item->interface.name;
    char key[64];
    int value = 0;
    int result;

    report_key(item, setting, key, sizeof(key));
    reports_clear(settings->reports, key);
    if (!item->changed[setting] ||
        read_setting(settings, name, needed[setting].name, &value) != 0 ||
        value != needed[setting].value)
        return;
    result = write_setting(settings, name, needed[setting].name, item->former[setting]);
    if (result == 0)
        log_info(settings->log, LOG_FIELDS({"interface", name}), "put back %s of %s to %d",
                 needed[setting].name, name, item->former[setting]);
    else
        log_warn(settings->log, LOG_FIELDS({"interface", name}), "could not put back %s of %s: %s",
                 needed[setting].name, name, strerror(-result));
}

static struct changed_interface *find_or_add(struct interface_settings *settings,
                                             const struct used_interface *interface)
{
    struct changed_interface *items;

    for (size_t i = 0; i < settings->count; i++)
        if (settings->items[i].interface.index == interface->index)
            return &settings->items[i];
    items = realloc(settings->items, (settings->count + 1) * sizeof(*items));
    if (items == NULL)
        return NULL;
    settings->items = items;
    items[settings->count] = (struct changed_interface){.interface = *interface};
    return &items[settings->count++];
}

static void put_back_unused(struct interface_settings *settings)
{
    size_t kept = 0;

    for (size_t i = 0; i < settings->count; i++) {
        struct changed_interface *item = &settings->items[i];

        if (item->used) {
            settings->items[kept++] = *item;
            continue;
        }
        for (size_t setting = 0; setting < NEEDED_COUNT; setting++)
            put_back(settings, item, setting);
    }
    settings->count = kept;
}

static bool change_all(const struct interface_settings *settings, struct changed_interface *item)
{
    bool succeeded = true;

    for (size_t setting = 0; setting < NEEDED_COUNT; setting++)
        succeeded &= change(settings, item, setting);
    item->failed = !succeeded;
    return succeeded;
}

bool interface_settings_use(struct interface_settings *settings,
                            const struct used_interface *interfaces, size_t count)
{
    bool succeeded = true;

    for (size_t i = 0; i < settings->count; i++)
        settings->items[i].used = false;
    for (size_t i = 0; i < count; i++) {
        struct changed_interface *item = find_or_add(settings, &interfaces[i]);

        if (item == NULL) {
            succeeded = false;
            continue;
        }
        item->interface = interfaces[i];
        item->used = true;
        succeeded &= change_all(settings, item);
    }
    put_back_unused(settings);
    return succeeded;
}

void interface_settings_free(struct interface_settings *settings)
{
    if (settings == NULL)
        return;
    (void)interface_settings_use(settings, NULL, 0);
    free(settings->items);
    free(settings->root);
    free(settings);
}
