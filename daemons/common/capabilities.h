/* SPDX-License-Identifier: MIT */
/* What the process may do beyond an ordinary one (capabilities(7)): ask, and give up the rest. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/capability.h>

/* Whether the process can use the capability now. */
bool capabilities_have(cap_value_t capability);

/*
 * Keeps the capabilities of the list that the process has and gives up all others for good: also
 * the bounding, inheritable and ambient sets, and what executing a file could give
 * (no_new_privs).
 *
 * @return  0, or a negative errno
 */
int capabilities_keep(const cap_value_t *keep, size_t count);
