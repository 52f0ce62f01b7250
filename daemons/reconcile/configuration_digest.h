/* SPDX-License-Identifier: MIT */
/*
 * A number that is equal on two nodes whose speakers decide from the same configuration, and
 * different, but for chance, where they do not: a hash of what the rules read, whatever files it
 * came from.
 */
#pragma once

#include "reconcile/announcements.h"

uint64_t configuration_digest(const struct object_set *objects,
                              const struct announcement_options *options);
