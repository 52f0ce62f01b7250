/* SPDX-License-Identifier: MIT */
/* The metrics about the other speakers. */
#pragma once

#include <stdio.h>

#include "speaker/group/group.h"

/* Nothing without --members. */
void metrics_group_write(FILE *stream, const struct group *group);
