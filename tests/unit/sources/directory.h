/* SPDX-License-Identifier: MIT */
/* A temporary directory of manifests for one test. */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 512

struct directory {
    char path[PATH_SIZE];
};

static inline void directory_make(struct directory *directory)
{
    const char *base = getenv("TMPDIR");

    snprintf(directory->path, sizeof(directory->path), "%s/manifests-XXXXXX",
             base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(directory->path));
}

static inline int directory_remove_one(const char *path, const struct stat *status, int type,
                                       struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void directory_remove(const struct directory *directory)
{
    nftw(directory->path, directory_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline const char *directory_at(const struct directory *directory, const char *name)
{
    static char paths[4][PATH_SIZE * 2];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", directory->path, name);
    return path;
}

static inline void directory_write(const struct directory *directory, const char *name,
                                   const char *text)
{
    FILE *file = fopen(directory_at(directory, name), "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static inline const char *node_text(const char *name)
{
    static char texts[4][256];
    static unsigned next;
    char *text = texts[next++ % 4];

    snprintf(text, sizeof(texts[0]), "apiVersion: v1\nkind: Node\nmetadata:\n  name: %s\n", name);
    return text;
}
