/* SPDX-License-Identifier: MIT */
/*
 * Which of the objects that were read come into force.
 *
 * Each object is good by itself; here they are judged together: the same object twice, pools of
 * one name, pools with a common address. What is in force beats what is new. Two Services of one
 * name of which one is only a status become one object.
 */
#pragma once

#include <stddef.h>

#include "objects/objects.h"
#include "objects/problem.h"

/*
 * Computes the set in force.
 *
 * @param in_force    the set that holds so far, or NULL at the start
 * @param candidates  good objects in the order of their files and lines, borrowed
 * @param set         overwritten (it must be initialized or cleared); may not be in_force
 * @return            0, or -ENOMEM with an empty set
 */
int admission_run(const struct object_set *in_force, struct object *const *candidates, size_t count,
                  struct object_set *set, struct problem_list *problems);

/* Warns of a pool that no advertisement names and of an advertisement that matches nothing. */
void admission_review(const struct object_set *set, struct problem_list *problems);
