/* SPDX-License-Identifier: MIT */
/*
 * The members of the group as this node sees them, with what each said of itself, kept beside the
 * membership so that an election costs no parsing. Does no I/O; the time is an argument.
 */
#pragma once

#include <metallb/membership.h>

#include "reconcile/announcements.h"

/* A configuration that differs for so long is worth a warning: manifests do not reach all hosts at
 * the same moment. */
#define PEERS_PATIENCE_SECONDS 10

enum peer_facts {
    PEER_FACTS_NONE,    /* it is of a kind that publishes none */
    PEER_FACTS_AWAITED, /* it publishes some, but those of its present run have not come */
    PEER_FACTS_READ,    /* they are in facts */
    PEER_FACTS_UNKNOWN, /* of a format version that this program does not know */
    PEER_FACTS_BROKEN,
};

struct peer {
    char *name;
    struct mlb_address address;
    uint16_t port;
    bool is_self;
    uint32_t state; /* MLB_MEMBER_* */
    uint64_t run;   /* of its meta data */
    enum peer_facts facts_state;
    struct node_facts facts; /* the last that could be read, also of a former run */
    uint64_t differs_since;  /* its configuration from this node's; CLOCK_NEVER: it does not */
    bool differs;            /* for longer than PEERS_PATIENCE_SECONDS */
    /* Since peers_forget_agreed(): it has gone; or it came and its facts are known, so that it sees
     * the election as this node does. */
    bool agreed;
};

struct peers {
    struct peer *items; /* ascending by name */
    size_t count;
    uint64_t digest;     /* of this node's own configuration */
    uint64_t mismatches; /* how often a configuration differed for too long */
    /* Addresses that members newly said to hold since peers_forget_claims() */
    struct mlb_address *claims;
    size_t claim_count;
    bool any_claim; /* it may be any address */
};

/* What an update changed. */
#define PEERS_NOTHING  0u
#define PEERS_SHOWN    1u /* something that people see */
#define PEERS_ELECTION 2u /* something that the election asks for */
#define PEERS_AGREED   4u /* nothing needs to be left to a member any more, see agreed */

/*
 * Takes in a member and its facts (NULL: none).
 *
 * @param joined  it just came or came back: all that it holds counts as new
 * @return        PEERS_* bits, or -ENOMEM with the peer as it was
 */
int peers_update(struct peers *peers, const struct mlb_member *member, const uint8_t *facts,
                 size_t length, bool joined, uint64_t now);

/* Forgets a member that the membership no longer remembers. Returns PEERS_* bits. */
int peers_remove(struct peers *peers, const char *name);

/* Lists those that live, this node only as self says (NULL: not at all). The caller frees the
 * array, names and facts are borrowed. Returns 0 or -ENOMEM. */
int peers_live(const struct peers *peers, const struct live_node *self, struct live_node **nodes,
               size_t *count);

/* NULL for an unknown name. */
const struct peer *peers_find(const struct peers *peers, const char *name);

/* The member, alive or not, that said to have an interface of this hardware address; NULL: none. */
const struct peer *peers_find_hardware(const struct peers *peers, const uint8_t *hardware_address);

bool peer_lives(const struct peer *peer);

/* How many others live. */
size_t peers_others(const struct peers *peers);

/* Sets the digest of this node's configuration. */
void peers_set_digest(struct peers *peers, uint64_t digest, uint64_t now);

/* Counts the configurations that differ for too long by now; changed tells whether others do than
 * before. Returns when more is due. */
uint64_t peers_compare(struct peers *peers, uint64_t now, bool *changed);

void peers_forget_claims(struct peers *peers);

void peers_forget_agreed(struct peers *peers);

void peers_clear(struct peers *peers);
