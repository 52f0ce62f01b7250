/* SPDX-License-Identifier: MIT */
/*
 * Services and pools in, addresses out: what the controller wants.
 *
 * The reconciler keeps what it decided from run to run, so that a run costs what changed. It does
 * no I/O and reads no clock; the same history gives the same result.
 *
 * Order: what services hold comes first. Those that hold it from the reconciler itself (or from a
 * record of a former one) on terms that still hold come before those whose terms changed, and these
 * before those whose status alone names the addresses; each in creation order, then by namespace
 * and name. Requested addresses follow, because on plain hosts the speakers announce them without
 * asking anybody. Automatic ones come last.
 *
 * While objects are incomplete or broken no address is given up or moved.
 */
#pragma once

#include "objects/changes.h"
#include "objects/objects.h"

struct service_reconciler;

struct service_reconciler_options {
    /* Only services of this class are served; NULL or "": only those without a class. */
    const char *load_balancer_class;
    /* What the reconciler remembers counts before a status in the objects; else only where the
     * status shows nothing. */
    bool keeps_records;
};

enum service_condition {
    SERVICE_ASSIGNED,     /* it has its addresses; error may tell of a request that is ignored */
    SERVICE_KEPT,         /* its addresses stay, because what is known does not suffice to judge */
    SERVICE_UNASSIGNED,   /* it has no address; error says why */
    SERVICE_OTHER_CLASS,  /* another implementation serves its loadBalancerClass; left alone */
    SERVICE_NOT_BALANCED, /* not of type LoadBalancer, but its status has addresses: clear it */
};

struct service_result {
    const char *namespace_;
    const char *name;
    const struct service *service; /* NULL where only a record of it is known */
    enum service_condition condition;
    struct mlb_address addresses[MLB_ASSIGNMENT_ADDRESSES_MAX];
    size_t address_count;
    const char *pool;  /* NULL without addresses, or where they lie in no known pool */
    const char *error; /* NULL where nothing is wrong */
    const char *terms; /* on which it shares its addresses (service_terms.h), "": with nobody */
    bool changed;      /* the addresses differ from those in the service's status */
};

struct pool_result {
    const struct ip_address_pool *pool; /* borrowed from the objects of the run */
    struct mlb_pool_counters counters;
};

enum service_change_kind {
    SERVICE_CHANGE_ASSIGNED, /* it has addresses and had none */
    SERVICE_CHANGE_KEPT,     /* the first run found that what it had stays */
    SERVICE_CHANGE_MOVED,    /* it has others than before */
    SERVICE_CHANGE_RELEASED, /* it is gone or wants none any more; what it had is free */
    SERVICE_CHANGE_REFUSED,  /* it has none, for a reason that is new */
    SERVICE_CHANGE_TERMS,    /* the same addresses on other terms, from another pool or with another
                                message */
};

/* How one service came out of a run otherwise than it went in. */
struct service_change {
    enum service_change_kind kind;
    const char *namespace_;
    const char *name;
    const struct service_result *result; /* NULL: it is no business of the controller any more */
    struct mlb_address former[MLB_ASSIGNMENT_ADDRESSES_MAX];
    size_t former_count;
    const char *reason; /* why the former addresses were given up, or why it has none; or NULL */
    bool recorded;      /* the record that was restored says just that already */
};

struct service_entries;

struct service_results {
    /* For service_results_at(), by namespace and name: every Service of type LoadBalancer, those to
     * be cleared, and, while objects are incomplete or broken, those that only seem to be gone. */
    const struct service_entries *services;
    size_t service_count;
    const struct service_change *changes; /* since the run before, by namespace and name */
    size_t change_count;
    /* While objects are incomplete: statuses in them whose Service is not known (SERVICE_KEPT). */
    const struct service_result *orphans;
    size_t orphan_count;
    const struct pool_result *pools; /* by name */
    size_t pool_count;
};

/* What is known of a service from a former life. */
struct service_record {
    const char *namespace_;
    const char *name;
    struct mlb_address addresses[MLB_ASSIGNMENT_ADDRESSES_MAX];
    size_t address_count;
    const char *terms; /* as in the result; NULL is "" */
};

/* Returns 0 or -ENOMEM. Options may be NULL. */
int service_reconciler_new(const struct service_reconciler_options *options,
                           struct service_reconciler **reconciler);

/* NULL is ignored. */
void service_reconciler_free(struct service_reconciler *reconciler);

/*
 * Gives back what a former reconciler decided; before the first run.
 *
 * @param records  count records in any order, copied; of two of one service the last counts
 * @return         0, or -ENOMEM with nothing restored
 */
int service_reconciler_restore(struct service_reconciler *reconciler,
                               const struct service_record *records, size_t count);

/*
 * From now on no address is given automatically, because somebody may hold it of whom nothing is
 * known.
 *
 * @param reason  what services without an address are told, copied; NULL ends it
 * @return        0 or -ENOMEM
 */
int service_reconciler_hold(struct service_reconciler *reconciler, const char *reason);

/*
 * Computes the wanted state.
 *
 * @param objects  services in them are referenced, so that they may go before the next run
 * @param changes  what changed in them since the last run; NULL: anything may have
 * @param results  they point into the reconciler and the objects: valid until the next run
 * @return         0, or -ENOMEM with the results and what is remembered untouched
 */
int service_reconciler_run(struct service_reconciler *reconciler, const struct object_set *objects,
                           const struct object_changes *changes, struct service_results *results);

/* The result of the service at an index below service_count. */
const struct service_result *service_results_at(const struct service_results *results,
                                                size_t index);

/* The result of one service in the last run, or NULL. */
const struct service_result *service_reconciler_find(const struct service_reconciler *reconciler,
                                                     const char *namespace_, const char *name);
