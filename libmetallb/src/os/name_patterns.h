/* SPDX-License-Identifier: MIT */
/* A list of POSIX extended regular expressions for names of interfaces. */
#pragma once

#include <regex.h>
#include <stddef.h>

struct name_patterns {
    regex_t *items;
    size_t count;
};

/*
 * Compiles the patterns.
 *
 * @param bad      receives the position of the pattern that is not one (-EINVAL)
 * @param message  receives why
 * @return         0, -EINVAL, -ENOMEM
 */
int name_patterns_compile(struct name_patterns *patterns, const char *const *texts, size_t count,
                          size_t *bad, char *message, size_t size);

void name_patterns_free(struct name_patterns *patterns);

/* 1 if one of them is found anywhere in the name. */
int name_patterns_match(const struct name_patterns *patterns, const char *name);
