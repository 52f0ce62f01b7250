/* SPDX-License-Identifier: MIT */
#pragma once

#include "pool/allocator.h"

/*
 * Checks what assign, allocate and complete have in common and takes the request over. assignment
 * may be NULL.
 */
int32_t assignment_check_call(const struct mlb_allocator *allocator,
                              const struct mlb_request *given,
                              const struct mlb_assignment *assignment, struct mlb_request *request,
                              struct mlb_diagnostic *diagnostic);

/* Places a checked request on addresses of a pool and reports it. assignment may be NULL. */
int32_t assignment_make(struct mlb_allocator *allocator, const struct mlb_request *request,
                        struct pool_state *pool, const struct mlb_address *addresses,
                        uint32_t count, struct mlb_assignment *assignment,
                        struct mlb_diagnostic *diagnostic);

/*
 * As assignment_make() with an allocation that is made already, and is freed when this fails.
 * former is what the same request holds, or NULL.
 */
int32_t assignment_finish(struct mlb_allocator *allocator, struct allocation *allocation,
                          struct allocation *former, struct pool_state *pool,
                          const struct mlb_address *addresses, uint32_t count,
                          struct mlb_assignment *assignment, struct mlb_diagnostic *diagnostic);

/* Copies what an allocation holds; assignment may be NULL. */
void assignment_fill(const struct allocation *allocation, struct mlb_assignment *assignment);
