/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/allocator.h>

#include "pool/sharing.h"

struct mlb_allocator {
    struct pool_map map;
    struct hash_table requests;  /* struct allocation by id */
    struct hash_table addresses; /* struct held_address by address */
    struct hash_table groups;    /* struct sharing_group by keys */
};

struct allocation *allocator_find_id(const struct mlb_allocator *allocator, const char *id);
struct held_address *allocator_find_held(const struct mlb_allocator *allocator,
                                         const struct mlb_address *address);

/*
 * Takes over a request of a caller and checks all of it but the pools, families and addresses that
 * one call or other ignores.
 */
int32_t request_take(const struct mlb_request *given, struct mlb_request *request,
                     struct mlb_diagnostic *diagnostic);

/*
 * Makes an allocation without addresses, which the allocator does not know yet, of a checked
 * request.
 *
 * @return  MLB_OK, MLB_ERROR_INVALID_ARGUMENT for a port that stands twice, MLB_ERROR_NO_MEMORY
 */
int32_t allocation_new(struct mlb_allocator *allocator, const struct mlb_request *request,
                       struct allocation **allocation, struct mlb_diagnostic *diagnostic);

/* Frees an allocation that holds nothing; NULL is ignored. */
void allocation_free(struct mlb_allocator *allocator, struct allocation *allocation);

/*
 * Gives an allocation its addresses and puts it in the place of what the same request held before.
 * It belongs to the allocator from then on; when this fails nothing has changed.
 *
 * @param former     what the request holds now, freed; or NULL
 * @param addresses  count of them, of different families, all of the pool
 * @return           MLB_OK, MLB_ERROR_SHARING, MLB_ERROR_PORT_IN_USE, MLB_ERROR_NO_MEMORY
 */
int32_t allocator_place(struct mlb_allocator *allocator, struct allocation *allocation,
                        struct allocation *former, struct pool_state *pool,
                        const struct mlb_address *addresses, uint32_t count,
                        struct mlb_diagnostic *diagnostic);

/* Releases all that an allocation holds and frees it. */
void allocator_drop(struct mlb_allocator *allocator, struct allocation *allocation);

/*
 * Chooses an address of a family in a pool: the lowest that the allocation may share, else the
 * first free one.
 *
 * @return  false if there is none
 */
bool allocator_choose(const struct pool_state *pool, uint8_t family,
                      const struct allocation *allocation, struct mlb_address *address);

/* Says who is in the way of an allocation at an address, and returns the code. */
int32_t diagnose_conflict(struct mlb_diagnostic *diagnostic, int32_t code,
                          const struct held_address *held, const struct allocation *wanted,
                          const struct allocation *other);

/* Says why no pool gives an address out, and returns MLB_ERROR_NOT_IN_POOL. */
int32_t diagnose_homeless(struct mlb_diagnostic *diagnostic, const struct mlb_allocator *allocator,
                          const struct mlb_address *address);
