/* SPDX-License-Identifier: MIT */
/*
 * The allocator gives requests their addresses from pools.
 *
 * It keeps, per pool and family, the set of free intervals and who holds each address in use, so
 * that every operation costs O(log n) in the addresses in use, for a /32 as for a /8 or a /48. It
 * knows no priorities, selectors or namespaces: a request names the pools that it may use, in
 * order. The same calls in the same order give the same result on every run.
 *
 * After a restart, assign the existing addresses of all requests first (mlb_allocator_assign())
 * and allocate for the others afterwards (mlb_allocator_allocate()): so nothing in use moves.
 *
 * An allocator belongs to one thread at a time. A call that fails changes nothing. Each that can
 * fail takes a diagnostic, which may be NULL (see <metallb/error.h>).
 *
 *     struct mlb_request request = {
 *         .struct_size = sizeof(request), .families = MLB_FAMILIES_IPV4, .id = "default/web",
 *         .pools = names, .pool_count = 1,
 *     };
 *     struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
 *
 *     if (mlb_allocator_allocate(allocator, &request, &assignment, &diagnostic) == MLB_OK)
 *         use(&assignment.addresses[0]);
 */
#ifndef METALLB_ALLOCATOR_H
#define METALLB_ALLOCATOR_H

#include <metallb/pool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most addresses that one request can hold: one of each family. */
#define MLB_ASSIGNMENT_ADDRESSES_MAX 2

/* Transport protocols by their IANA numbers. */
#define MLB_PROTOCOL_TCP  6
#define MLB_PROTOCOL_UDP  17
#define MLB_PROTOCOL_SCTP 132

/* What mlb_request.families may contain. */
#define MLB_FAMILIES_IPV4 1u
#define MLB_FAMILIES_IPV6 2u
#define MLB_FAMILIES_BOTH 3u

/* What a request for both families gets where no single pool has an address of each left. */
#define MLB_DUAL_STACK_SINGLE  0u /* none, also where a pool has both: EXHAUSTED */
#define MLB_DUAL_STACK_PREFER  1u /* then one address, of the primary family if there is one */
#define MLB_DUAL_STACK_REQUIRE 2u /* then none: EXHAUSTED */

struct mlb_allocator;

/* One port of a protocol, on which a request serves. */
struct mlb_port {
    uint16_t number;  /* 1 to 65535, in the byte order of the host */
    uint8_t protocol; /* MLB_PROTOCOL_* or any other IANA protocol number */
    uint8_t reserved;
};

/*
 * What one request wants. Everything is copied; nothing is kept of the caller's memory.
 *
 * Two requests share an address only if both have the same non-empty sharing_key, equal
 * backend_keys, and no protocol and port in common. Who is alone on an address may change its keys
 * and ports freely.
 */
struct mlb_request {
    uint32_t struct_size;   /* sizeof(struct mlb_request) */
    uint32_t families;      /* MLB_FAMILIES_*, at least one; ignored by mlb_allocator_assign() */
    uint32_t dual_stack;    /* MLB_DUAL_STACK_* for both families; else ignored */
    uint8_t primary_family; /* first choice of MLB_DUAL_STACK_PREFER; MLB_FAMILY_NONE means IPv4 */
    uint8_t reserved[3];
    const char *id;                      /* who asks, unique, for example "namespace/name" */
    const char *const *pools;            /* names of the pools that it may use, in order */
    const struct mlb_address *addresses; /* for mlb_allocator_assign(): the addresses wanted */
    const struct mlb_port *ports;        /* what it serves there; a pair may not stand twice */
    const char *sharing_key;             /* NULL or "": shares with nobody */
    const char *backend_key;             /* NULL is "" */
    uint32_t pool_count;
    uint32_t address_count; /* 1 to MLB_ASSIGNMENT_ADDRESSES_MAX for mlb_allocator_assign() */
    uint32_t port_count;
    uint32_t reserved2;
};

/* What one request holds. */
struct mlb_assignment {
    uint32_t struct_size;   /* sizeof(struct mlb_assignment), set by the caller */
    uint32_t address_count; /* 1 to MLB_ASSIGNMENT_ADDRESSES_MAX */
    struct mlb_address
        addresses[MLB_ASSIGNMENT_ADDRESSES_MAX]; /* in the order they were assigned */
    char pool[MLB_POOL_NAME_MAX + 3]; /* name of the pool that they are of, with its NUL */
};

/* Exact numbers of one pool; a shared address counts once. Their sum is mlb_pool_count(). */
struct mlb_pool_counters {
    uint32_t struct_size; /* sizeof(struct mlb_pool_counters), set by the caller */
    uint32_t requests;    /* requests that hold an address of the pool */
    struct mlb_count assigned_ipv4;
    struct mlb_count available_ipv4;
    struct mlb_count assigned_ipv6;
    struct mlb_count available_ipv6;
};

/*
 * Makes an allocator without pools.
 *
 * @param allocator  receives it; the caller frees it with mlb_allocator_free()
 * @return           MLB_OK, MLB_ERROR_NO_MEMORY; MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_allocator_new(struct mlb_allocator **allocator,
                                  struct mlb_diagnostic *diagnostic);

/* Frees an allocator with all it holds; NULL is ignored. */
MLB_API void mlb_allocator_free(struct mlb_allocator *allocator);

/*
 * Replaces all pools. What is assigned is kept by address: an assignment whose addresses lie
 * together in one of the new pools, whatever its name, belongs to that pool from now on; any other
 * assignment is dropped, and mlb_allocator_find() no longer knows it.
 *
 * @param pools       the pools, copied; two of one name or with a common address are refused
 * @param count       how many; 0 takes all away
 * @param diagnostic  may be NULL; names both pools
 * @return            MLB_OK, MLB_ERROR_EXISTS, MLB_ERROR_OVERLAP, MLB_ERROR_NO_MEMORY;
 *                    MLB_ERROR_INVALID_ARGUMENT where a pool or the list is NULL
 */
MLB_API int32_t mlb_allocator_set_pools(struct mlb_allocator *allocator,
                                        const struct mlb_pool *const *pools, size_t count,
                                        struct mlb_diagnostic *diagnostic);

/*
 * Assigns exactly the addresses of a request, in their order, in place of what it held before.
 *
 * All must lie in one pool that the request names, two must differ in family, and each must be
 * free, the request's own, or shareable.
 *
 * @param request     addresses, pools, ports and keys count; families do not
 * @param assignment  may be NULL; receives what the request now holds
 * @param diagnostic  may be NULL; says which address, who holds it and which rule refuses
 * @return            MLB_OK; MLB_ERROR_NOT_IN_POOL, MLB_ERROR_POOL_NOT_ALLOWED, MLB_ERROR_FAMILY,
 *                    MLB_ERROR_SHARING, MLB_ERROR_PORT_IN_USE, MLB_ERROR_NO_MEMORY;
 *                    MLB_ERROR_INVALID_ARGUMENT for a request or an assignment that is not filled
 *                    in as above
 */
MLB_API int32_t mlb_allocator_assign(struct mlb_allocator *allocator,
                                     const struct mlb_request *request,
                                     struct mlb_assignment *assignment,
                                     struct mlb_diagnostic *diagnostic);

/*
 * Chooses addresses for a request: of the first of its pools that suits, in each family the lowest
 * address already shared under its key that accepts it, else the first free one by entry and value.
 * Both addresses of a dual-stack request come from one pool, IPv4 first.
 *
 * A request that holds addresses already keeps them (its ports and keys are taken over, which may
 * fail as in mlb_allocator_assign()).
 *
 * @param request     families, pools, ports and keys count; addresses do not
 * @param assignment  may be NULL; receives what the request now holds
 * @param diagnostic  may be NULL; says which pool or holder stands in the way
 * @return            MLB_OK; MLB_ERROR_EXHAUSTED; MLB_ERROR_NOT_IN_POOL where it names one pool
 *                    only and that has no entry of the family; MLB_ERROR_NOT_FOUND where a pool
 *                    does not exist; MLB_ERROR_SHARING, MLB_ERROR_PORT_IN_USE;
 *                    MLB_ERROR_INVALID_ARGUMENT for a request or an assignment that is not filled
 *                    in as above, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_allocator_allocate(struct mlb_allocator *allocator,
                                       const struct mlb_request *request,
                                       struct mlb_assignment *assignment,
                                       struct mlb_diagnostic *diagnostic);

/*
 * Adds the family that a request with one address lacks, from the pool of that address. The address
 * that it holds stays and stays first.
 *
 * @param request     its id, ports and keys count; families, pools and addresses do not
 * @param assignment  may be NULL; receives what the request now holds
 * @param diagnostic  may be NULL; says which pool or holder stands in the way
 * @return            MLB_OK; MLB_ERROR_WRONG_STATE unless it holds exactly one address;
 *                    MLB_ERROR_EXHAUSTED; MLB_ERROR_SHARING and MLB_ERROR_PORT_IN_USE where its
 *                    ports and keys no longer suit the address that it holds;
 *                    MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_allocator_complete(struct mlb_allocator *allocator,
                                       const struct mlb_request *request,
                                       struct mlb_assignment *assignment,
                                       struct mlb_diagnostic *diagnostic);

/*
 * Releases what a request holds.
 *
 * @param id  of the request that asked
 * @return    MLB_OK, MLB_ERROR_NOT_FOUND where it holds nothing, MLB_ERROR_INVALID_ARGUMENT for
 *            NULL
 */
MLB_API int32_t mlb_allocator_release(struct mlb_allocator *allocator, const char *id,
                                      struct mlb_diagnostic *diagnostic);

/*
 * Copies what a request holds.
 *
 * @param id          of the request that asked
 * @param assignment  receives it
 * @return            MLB_OK, MLB_ERROR_NOT_FOUND where it holds nothing; MLB_ERROR_INVALID_ARGUMENT
 *                    for NULL, or an assignment without struct_size
 */
MLB_API int32_t mlb_allocator_find(const struct mlb_allocator *allocator, const char *id,
                                   struct mlb_assignment *assignment,
                                   struct mlb_diagnostic *diagnostic);

/*
 * Copies the id of one of those who hold an address, in the order in which they came.
 *
 * @param address  of either family
 * @param index    0 for the first holder
 * @param buffer   receives the id with its NUL
 * @param size     bytes of buffer; an id has no limit of its own, so try again with a larger one
 * @return         MLB_OK, MLB_ERROR_NOT_FOUND behind the last, MLB_ERROR_BUFFER_TOO_SMALL;
 *                 MLB_ERROR_INVALID_ARGUMENT for NULL or an address without family
 */
MLB_API int32_t mlb_allocator_holder(const struct mlb_allocator *allocator,
                                     const struct mlb_address *address, size_t index, char *buffer,
                                     size_t size, struct mlb_diagnostic *diagnostic);

/*
 * Copies the name of the pool that an address belongs to, whether or not anybody holds it.
 *
 * @param address  of either family
 * @param buffer   receives the name with its NUL
 * @param size     bytes of buffer; MLB_POOL_NAME_MAX + 1 suffice
 * @return         MLB_OK, MLB_ERROR_NOT_IN_POOL, MLB_ERROR_BUFFER_TOO_SMALL;
 *                 MLB_ERROR_INVALID_ARGUMENT for NULL or an address without family
 */
MLB_API int32_t mlb_allocator_pool_of(const struct mlb_allocator *allocator,
                                      const struct mlb_address *address, char *buffer, size_t size,
                                      struct mlb_diagnostic *diagnostic);

/*
 * Copies the counters of a pool. Costs O(1).
 *
 * @param pool      its name
 * @param counters  receives them
 * @return          MLB_OK, MLB_ERROR_NOT_FOUND for no such pool; MLB_ERROR_INVALID_ARGUMENT for
 *                  NULL, or counters without struct_size
 */
MLB_API int32_t mlb_allocator_pool_counters(const struct mlb_allocator *allocator, const char *pool,
                                            struct mlb_pool_counters *counters,
                                            struct mlb_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif

#endif
