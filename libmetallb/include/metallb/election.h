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
 * The pure function is reentrant; an mlb_election belongs to one thread at a time. A call that
 * fails changes nothing. Each that can fail takes a diagnostic, which may be NULL (see
 * <metallb/error.h>).
 *
 *     static const struct mlb_candidate nodes[] = {{.name = "node-a"}, {.name = "node-b"}};
 *     uint32_t owner = 0;
 *
 *     if (mlb_election_rank(&address, nodes, 2, &owner, 1, &diagnostic) == MLB_OK)
 *         printf("%s announces it\n", nodes[owner].name);
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

/* A node that may announce an address. */
struct mlb_candidate {
    const char *name;   /* node name, 1 to MLB_NODE_NAME_MAX bytes and a NUL */
    int32_t preference; /* higher is better; 0 where nothing is preferred */
    uint32_t reserved;
};

/*
 * Ranks candidates for an address.
 *
 * @param address     of either family
 * @param candidates  with different names, in any order
 * @param count       how many; 0 fills in nothing
 * @param ranking     receives the indexes of the first candidates in candidates[], owner first
 * @param capacity    how many there is room for; the call fills in the smaller of count and
 *                    capacity, and a few cost less than a full ranking
 * @return            MLB_OK, MLB_ERROR_NO_MEMORY; MLB_ERROR_INVALID_ARGUMENT for NULL, an address
 *                    without family, or a name that is empty, too long or there twice
 */
MLB_API int32_t mlb_election_rank(const struct mlb_address *address,
                                  const struct mlb_candidate *candidates, size_t count,
                                  uint32_t *ranking, size_t capacity,
                                  struct mlb_diagnostic *diagnostic);

/* What an election is made with; set what is not used to zero. */
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
 * @return          MLB_OK, MLB_ERROR_NO_MEMORY; MLB_ERROR_INVALID_ARGUMENT for NULL, an unknown
 *                  flag, or options without struct_size
 */
MLB_API int32_t mlb_election_new(const struct mlb_election_options *options,
                                 struct mlb_election **election, struct mlb_diagnostic *diagnostic);

/* Frees an election; NULL is ignored. */
MLB_API void mlb_election_free(struct mlb_election *election);

/*
 * Sets the candidates of a group, and makes the group if it is new. Addresses with the same
 * candidates share a group, so that a node that joins or leaves is told once. Only the addresses
 * are decided again that a new candidate wins a place of, or that a former one had a place of; they
 * are what mlb_election_next_changed() gives.
 *
 * @param group       any number that the caller chose
 * @param candidates  with different names; copied
 * @param count       how many; 0 empties the group, so that its addresses have no owner
 * @return            MLB_OK, MLB_ERROR_NO_MEMORY; MLB_ERROR_INVALID_ARGUMENT for NULL, or a name
 *                    that is empty, too long or there twice
 */
MLB_API int32_t mlb_election_set_group(struct mlb_election *election, uint32_t group,
                                       const struct mlb_candidate *candidates, size_t count,
                                       struct mlb_diagnostic *diagnostic);

/*
 * Forgets a group that no address is in.
 *
 * @param group  its number
 * @return       MLB_OK, MLB_ERROR_NOT_FOUND for a group never set, MLB_ERROR_WRONG_STATE while an
 *               address is in it, MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_election_remove_group(struct mlb_election *election, uint32_t group,
                                          struct mlb_diagnostic *diagnostic);

/*
 * Puts an address into a group, or moves it to another one, and decides its places.
 *
 * @param address  of either family
 * @param group    its number
 * @return         MLB_OK, MLB_ERROR_NOT_FOUND for a group never set, MLB_ERROR_NO_MEMORY;
 *                 MLB_ERROR_INVALID_ARGUMENT for NULL or an address without family
 */
MLB_API int32_t mlb_election_set_address(struct mlb_election *election,
                                         const struct mlb_address *address, uint32_t group,
                                         struct mlb_diagnostic *diagnostic);

/*
 * Forgets an address. mlb_election_next_changed() does not tell of it any more.
 *
 * @param address  of either family
 * @return         MLB_OK, MLB_ERROR_NOT_FOUND if it is in no group; MLB_ERROR_INVALID_ARGUMENT for
 *                 NULL or an address without family
 */
MLB_API int32_t mlb_election_remove_address(struct mlb_election *election,
                                            const struct mlb_address *address,
                                            struct mlb_diagnostic *diagnostic);

/*
 * Copies the places of an address.
 *
 * @param address  of either family
 * @param result   receives them
 * @return         MLB_OK, MLB_ERROR_NOT_FOUND if it is in no group; MLB_ERROR_INVALID_ARGUMENT for
 *                 NULL, an address without family, or a result without struct_size
 */
MLB_API int32_t mlb_election_find(const struct mlb_election *election,
                                  const struct mlb_address *address,
                                  struct mlb_election_result *result,
                                  struct mlb_diagnostic *diagnostic);

/*
 * Takes the next address whose places changed since it was last taken, in no particular order. Call
 * it until it gives 0 after each call that changes groups or addresses.
 *
 * @param address  receives it; mlb_election_find() tells its places
 * @return         1 with an address, 0 when there is none, MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_election_next_changed(struct mlb_election *election,
                                          struct mlb_address *address,
                                          struct mlb_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif

#endif
