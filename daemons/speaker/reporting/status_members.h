/* SPDX-License-Identifier: MIT */
/* The part of the status about the other speakers. */
#pragma once

#include "common/json_writer.h"
#include "speaker/group/group.h"

/* Writes the members "members" and "membership", both null without --members. */
void status_members_write(struct json_writer *writer, const struct group *group);
