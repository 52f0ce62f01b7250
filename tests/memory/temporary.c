/* SPDX-License-Identifier: MIT */
#include "temporary.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct temporary *noted;

char *__real_mkdtemp(char *path);
char *__wrap_mkdtemp(char *path);
int __real_mkstemp64(char *path);
int __wrap_mkstemp64(char *path);

static void note(const char *path)
{
    if (noted && noted->count < TEMPORARY_MAX)
        snprintf(noted->paths[noted->count++], TEMPORARY_PATH_SIZE, "%s", path);
}

char *__wrap_mkdtemp(char *path)
{
    char *made = __real_mkdtemp(path);

    if (made)
        note(made);
    return made;
}

int __wrap_mkstemp64(char *path)
{
    const int descriptor = __real_mkstemp64(path);

    if (descriptor >= 0)
        note(path);
    return descriptor;
}

void temporary_note(struct temporary *temporary)
{
    noted = temporary;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void temporary_remove(struct temporary *temporary)
{
    for (unsigned i = 0; i < temporary->count; i++)
        nftw(temporary->paths[i], remove_one, 8, FTW_DEPTH | FTW_PHYS);
    temporary->count = 0;
}
