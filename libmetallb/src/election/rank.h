/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/election.h>

#include "crypto/sha256.h"

/* Where a node stands in the order for one address. */
struct rank {
    int32_t preference;
    struct sha256_digest digest;
};

/* 1 if a stands before b: a higher preference, else a smaller digest. */
int rank_before(const struct rank *a, const struct rank *b);

/*
 * Hashes the part `node#` of the election's message once for all addresses; the name must pass
 * candidate_check_name().
 */
void rank_prefix_init(struct sha256_prefix *prefix, const char *name);
