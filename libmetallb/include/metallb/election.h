/* SPDX-License-Identifier: MIT */
/*
 * The election decides which node announces an address, without a word between the nodes: each
 * ranks the same candidates by the same rule and reaches the same answer.
 *
 * Rank: higher preference first, then the SHA-256 digest of the bytes `node#address` in ascending
 * byte order, the address in the canonical text of mlb_address_format(). These are the bytes that
 * MetalLB (v0.11 and later) hashes, so both elect alike.
 *
 * mlb_election_rank() is the rule as a pure function. An mlb_election keeps the first three of many
 * addresses up to date while nodes come and go, at the cost of what changed.
 *
 * The pure function is reentrant; an mlb_election belongs to one thread at a time.
 */
#ifndef METALLB_ELECTION_H
#define METALLB_ELECTION_H

#include <metallb/address.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Longest node name in bytes without the NUL: a DNS subdomain name (RFC 1123). */
#define MLB_NODE_NAME_MAX 253

/* Places that an mlb_election keeps for each address: the owner and two standbys. */
#define MLB_ELECTION_PLACES 3

struct mlb_election;

struct mlb_candidate {
    const char *name;   /* node name, 1 to MLB_NODE_NAME_MAX bytes */
    int32_t preference; /* higher is better; 0 where nothing is preferred */
    uint32_t reserved;
};

/*
 * Ranks candidates for an address.
 *
 * @param candidates  count candidates with different names, in any order
 * @param ranking     receives the indexes of the first capacity candidates, owner first; a
 *                    capacity below count costs less than a full ranking
 * @return            MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_election_rank(const struct mlb_address *address,
                                  const struct mlb_candidate *candidates, size_t count,
                                  uint32_t *ranking, size_t capacity,
                                  struct mlb_diagnostic *diagnostic);

struct mlb_election_options {
    uint32_t struct_size; /* sizeof(struct mlb_election_options) */
    uint32_t flags;       /* 0; reserved for a current holder that keeps what it has */
};

/* The places of one address. */
struct mlb_election_result {
    uint32_t struct_size; /* sizeof(struct mlb_election_result), set by the caller */
    uint32_t count;       /* places filled, at most MLB_ELECTION_PLACES; 0: no candidate */
    char names[MLB_ELECTION_PLACES][MLB_NODE_NAME_MAX + 3]; /* owner, then standbys */
};

/*
 * Makes an election without candidates and addresses.
 *
 * @param options   may be NULL
 * @param election  receives it; the caller frees it with mlb_election_free()
 * @return          MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_election_new(const struct mlb_election_options *options,
                                 struct mlb_election **election, struct mlb_diagnostic *diagnostic);

/* Frees an election; NULL is ignored. */
MLB_API void mlb_election_free(struct mlb_election *election);

/*
 * Sets the candidates of a group. Addresses with the same candidates share a group, so that a node
 * that joins or leaves is told once. Only the addresses are decided again that a new candidate
 * wins a place of, or that a former one had a place of.
 *
 * @param group       any number that the caller chose
 * @param candidates  count candidates with different names; copied; none empties the group
 * @return            MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_election_set_group(struct mlb_election *election, uint32_t group,
                                       const struct mlb_candidate *candidates, size_t count,
                                       struct mlb_diagnostic *diagnostic);

/* Forgets a group; MLB_ERROR_WRONG_STATE while an address is in it, MLB_ERROR_NOT_FOUND. */
MLB_API int32_t mlb_election_remove_group(struct mlb_election *election, uint32_t group,
                                          struct mlb_diagnostic *diagnostic);

/*
 * Puts an address into a group, or moves it to another one.
 *
 * @return  MLB_OK, MLB_ERROR_NOT_FOUND for a group never set, MLB_ERROR_INVALID_ARGUMENT,
 *          MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_election_set_address(struct mlb_election *election,
                                         const struct mlb_address *address, uint32_t group,
                                         struct mlb_diagnostic *diagnostic);

/* Forgets an address; MLB_ERROR_NOT_FOUND if it is in no group. */
MLB_API int32_t mlb_election_remove_address(struct mlb_election *election,
                                            const struct mlb_address *address,
                                            struct mlb_diagnostic *diagnostic);

/*
 * Copies the places of an address.
 *
 * @return  MLB_OK, MLB_ERROR_NOT_FOUND, MLB_ERROR_INVALID_ARGUMENT
 */
MLB_API int32_t mlb_election_find(const struct mlb_election *election,
                                  const struct mlb_address *address,
                                  struct mlb_election_result *result,
                                  struct mlb_diagnostic *diagnostic);

/*
 * Takes the next address whose places changed since it was last taken, in no particular order.
 *
 * @return  1 with an address, 0 when there is none, MLB_ERROR_INVALID_ARGUMENT
 */
MLB_API int32_t mlb_election_next_changed(struct mlb_election *election,
                                          struct mlb_address *address,
                                          struct mlb_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif

#endif
