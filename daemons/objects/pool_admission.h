/* SPDX-License-Identifier: MIT */
/* Which pools come into force: no two of one name, no two with a common address. */
#pragma once

#include "objects/objects.h"
#include "objects/problem.h"

/*
 * Inserts the pools that come into force.
 *
 * @param in_force  NULL at the start
 * @param pools     candidates in the order of their files, each with a namespace and name of its
 *                  own
 * @param set       has the Services already, whose addresses decide between pools at the start;
 *                  marked incomplete there if a pool is refused
 * @return          0 or -ENOMEM
 */
int pool_admission_run(const struct object_set *in_force, struct ip_address_pool *const *pools,
                       size_t count, struct object_set *set, struct problem_list *problems);
