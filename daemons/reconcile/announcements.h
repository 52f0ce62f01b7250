/* SPDX-License-Identifier: MIT */
/*
 * Objects and live nodes in, announcements out: which node answers for which address.
 *
 * Every speaker runs this on the same objects and reaches the same answer. It does no I/O and reads
 * no clock. A handle keeps the election between runs, so that a run costs what changed.
 */
#pragma once

#include "objects/objects.h"
#include "reconcile/node_facts.h"

struct announcement_reconciler;

enum election_mode {
    ELECTION_ENDPOINTS,        /* only nodes with an endpoint that can serve */
    ELECTION_PREFER_ENDPOINTS, /* those first, behind them any live node */
    ELECTION_SPEAKERS,         /* any live node */
    ELECTION_METALLB,          /* as MetalLB elects */
};

struct announcement_options {
    enum election_mode mode;
    bool ignore_exclude_label;       /* node.kubernetes.io/exclude-from-external-load-balancers */
    const char *load_balancer_class; /* NULL or "": only services without a class */
    const char *node_name;           /* whose interfaces are wanted; NULL: nobody's */
};

/* A node that lives, and what it said of itself. */
struct live_node {
    const char *name;
    const struct node_facts *facts; /* NULL: it says nothing and counts as able */
    bool waiting;                   /* it says something that has not come yet: no candidate */
};

/* All that a run decides from. */
struct announcement_input {
    const struct object_set *objects;
    /* The same number as in the last run: the very same objects, of which what follows from them
     * alone is kept. 0: any */
    uint64_t generation;
    const struct live_node *live;
    size_t live_count;
};

/* What is decided for one ingress address. */
struct address_decision {
    struct mlb_address address;
    char text[MLB_ADDRESS_TEXT_SIZE];
    const struct service *const *services; /* who use it, by namespace and name */
    size_t service_count;
    const char *owner;                           /* NULL: nobody announces it */
    const char *reason;                          /* why nobody announces it; NULL with an owner */
    const char *places[3];                       /* owner and standbys, place_count of them */
    size_t place_count;                          /* 0 to 3 */
    size_t candidate_count;                      /* how many stand for election */
    bool all_interfaces;                         /* for node_name: it announces on all interfaces */
    const struct string_list *const *interfaces; /* else on those named in any of these lists */
    size_t interface_list_count;
};

struct announcement_warning {
    const char *address; /* text of the address that it is about */
    const char *message;
};

struct announcements {
    const struct address_decision *addresses; /* IPv4 before IPv6, then by value */
    size_t address_count;
    const struct announcement_warning *warnings;
    size_t warning_count;
};

/* What people call the modes, in the order of the enum; NULL stands behind the last. */
extern const char *const election_mode_names[];

/* Reads one of these names; false for any other text. */
bool election_mode_parse(const char *text, enum election_mode *mode);

/* Returns 0 or -ENOMEM. Options are copied; NULL means the defaults (all zero). */
int announcement_reconciler_new(const struct announcement_options *options,
                                struct announcement_reconciler **reconciler);

/* NULL is ignored. */
void announcement_reconciler_free(struct announcement_reconciler *reconciler);

/*
 * Lists the nodes that count as live where nothing watches them: Node objects that are not marked
 * NotReady, and self (may be NULL), which knows of itself that it lives.
 *
 * Names are borrowed from the objects and self; the caller frees the array. Returns 0 or -ENOMEM.
 */
int announcement_live_nodes(const struct object_set *objects, const char *self,
                            struct live_node **nodes, size_t *count);

/*
 * Decides for every ingress address, and for requested addresses inside a pool of services without
 * a status.
 *
 * input may name nodes without a Node object and name one twice. A node that says so is no
 * candidate where it lacks the interface, none at all while it is not ready, and the last one while
 * it drains; as MetalLB elects, nothing that nodes say counts. Results point into the reconciler
 * and the objects: valid until the next run and as long as the objects live; names of nodes are the
 * reconciler's own. Returns 0 or -ENOMEM with the results untouched.
 */
int announcement_reconciler_run(struct announcement_reconciler *reconciler,
                                const struct announcement_input *input,
                                struct announcements *results);

/*
 * Ranks all candidates of an address of the last run, owner first.
 *
 * names has room for decision->candidate_count names. Returns 0 or -ENOMEM.
 */
int announcement_reconciler_ranking(const struct announcement_reconciler *reconciler,
                                    const struct address_decision *decision, const char **names);

/* Whether the node node_name of the options announces the address on an interface of this name. */
bool address_decision_uses_interface(const struct address_decision *decision, const char *name);
