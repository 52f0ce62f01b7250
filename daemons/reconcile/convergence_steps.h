/* SPDX-License-Identifier: MIT */
/* What judging and allocating have in common: how a Service asks the allocator, and how it ends. */
#pragma once

#include "reconcile/convergence.h"

/* Translates a result of the library: the caller only tells lack of memory from refusals. */
int convergence_memory_error(int32_t code);

/* What the service asks for, without pools and addresses. */
struct mlb_request convergence_request(const struct convergence *work);

/* The names stay those of the context until the next call. */
void convergence_use_pools(struct mlb_request *request, const struct convergence_context *context,
                           const struct convergence *work, enum pool_choice_kind kind);

/* Takes over what the allocator gave. */
void convergence_take(const struct convergence_context *context, struct convergence *work,
                      const struct mlb_assignment *assignment);

/* Gives the service these addresses. Returns a code of the library. */
int32_t convergence_assign(const struct convergence_context *context, struct convergence *work,
                           const struct mlb_address *addresses, size_t count,
                           enum pool_choice_kind kind, struct mlb_diagnostic *diagnostic);

/* Ends a service without an address. Returns 0, or -ENOMEM without an error. */
int convergence_refuse(struct convergence *work, const char *error);
