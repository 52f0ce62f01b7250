/* SPDX-License-Identifier: MIT */
/* The files that a group follows: its key and its list of members. What is wrong is reported, and
 * the last that was good stays. */
#pragma once

#include "speaker/group/group.h"

/* Takes the key where there is a new one. Returns 1 with a new one, 0 or -1. */
int group_read_secret(struct group *group, uint64_t now);

/* The same while the group lives: the membership is told, and former keys end. */
void group_follow_secret(struct group *group, uint64_t now);

/* Joins by the members of a list. Returns 0 or -1. */
int group_set_seeds(struct group *group, const char *text);

/* The same with the list in the file, where there is a new one. Returns 0 or -1. */
int group_follow_seeds(struct group *group);
