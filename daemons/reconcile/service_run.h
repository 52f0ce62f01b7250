/* SPDX-License-Identifier: MIT */
/*
 * One run of the service reconciler, in steps: collect what is to be looked at, converge, commit.
 * Until the commit nothing that the reconciler remembers has changed; only the allocator may have.
 */
#pragma once

#include "reconcile/convergence.h"
#include "reconcile/service_entry.h"

struct service_reconciler {
    char *load_balancer_class;
    bool keeps_records;
    char *hold;
    struct service_entries entries;
    struct mlb_allocator *allocator; /* with what the entries hold; NULL before the first run */
    bool stale;                      /* the allocator was left in the middle of a run */
    bool held;                       /* the last run was with broken or incomplete objects */
    size_t waiting;                  /* entries that wait */
    struct arena results;            /* what the last results point to */
    struct service_entries gone;     /* of the last run: its changes point to their names */
    struct ip_address_pool **pools;  /* of the last complete run: entries point to their names */
    size_t pool_count;
};

/* Who comes before whom while addresses that are held already are judged. */
enum service_tier {
    TIER_SAME_TERMS,    /* it holds addresses from here, on terms that still hold */
    TIER_CHANGED_TERMS, /* it holds addresses from here, but asks for other terms now */
    TIER_STATUS,        /* only its status says so */
    TIER_NOTHING,       /* it holds nothing */
};

/* One service in a run. */
struct service_work {
    struct convergence convergence;
    struct service_result result; /* as it comes out */
    struct service_entry *entry;  /* the caller's or, with is_new, this run's own */
    bool is_new;
    bool is_gone;   /* no business of the controller any more */
    bool is_served; /* it goes through convergence */
    bool is_orphan; /* it only seems to be gone */
    enum service_tier tier;
    char *error; /* texts for the entry, made before the commit */
    char *terms;
    const struct mlb_address *former; /* what it had when the run began */
    size_t former_count;
};

struct service_run {
    struct service_reconciler *reconciler;
    const struct object_set *objects;
    const struct object_changes *changes; /* NULL: a complete run */
    struct arena scratch;                 /* for this run alone */
    struct arena results;                 /* becomes the reconciler's */
    struct pool_choice pools;
    struct convergence_context context;
    struct service_work *works;
    size_t work_count;
    struct service_work **order; /* the works as they are judged */
    struct convergence *orphans; /* statuses in the objects whose service is not known */
    struct service_result *orphan_results;
    size_t orphan_count;
    struct pool_result *pool_results;
    struct service_change *service_changes;
    size_t change_count;
    struct service_entries gone;
    struct ip_address_pool **kept_pools; /* of a complete run: room for references */
};

/* Finds the works of a run. Returns 0 or -ENOMEM. */
int service_run_collect(struct service_run *run);

/* Adds those that wait and are no work yet. Returns 0 or -ENOMEM. */
int service_run_collect_waiting(struct service_run *run);

/* Lists the changes and makes all that the commit needs. Returns 0 or -ENOMEM. */
int service_run_prepare(struct service_run *run);

/* Takes over what came out; cannot fail. */
void service_run_commit(struct service_run *run);

/* Frees what a run made that no commit took over. */
void service_run_discard(struct service_run *run);
