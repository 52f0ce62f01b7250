/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

struct redirection {
    const char *name;
    void (*function)(void);
};

/*
 * Makes a shared library that is loaded (the beginning of its file's name up to ".so") call the
 * functions here instead of those of these names, by its table of relocations. The number of places
 * that were changed; 0 where no such library is loaded.
 */
size_t redirect(const char *library, const struct redirection *redirections, size_t count);
