/* SPDX-License-Identifier: MIT */
/*
 * The file of interfaces that are never used, in the format of MetalLB's excludel2.yaml: a mapping
 * whose key announcedInterfacesToExclude holds a list of regular expressions.
 */
#pragma once

#include <stddef.h>

struct exclude_interfaces {
    char **patterns;
    size_t count;
};

/*
 * Reads the file; every pattern is a valid POSIX extended regular expression then.
 *
 * @param exclude  receives the patterns; cleared with exclude_interfaces_clear()
 * @param error    receives a sentence that names the file
 * @return         0, or -1 with exclude untouched
 */
int exclude_interfaces_read(const char *path, struct exclude_interfaces *exclude, char *error,
                            size_t error_size);

void exclude_interfaces_clear(struct exclude_interfaces *exclude);
