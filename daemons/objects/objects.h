/* SPDX-License-Identifier: MIT */
/*
 * Kubernetes-shaped objects as C structs: what the reconcilers read.
 *
 * Objects are immutable once parsed and counted by reference, because a source keeps the last good
 * version of each while newer ones come and go. Strings are never NULL unless said otherwise.
 * Field names are those of the Kubernetes API; metallb-only kinds are of the group metallb.io.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <metallb/allocator.h>
#include <metallb/pool.h>

struct string_list {
    char **items;
    size_t count;
};

struct label {
    char *key;
    char *value;
};

/* Sorted by key. Annotations have the same shape. */
struct labels {
    struct label *items;
    size_t count;
};

enum selector_operator {
    SELECTOR_IN,
    SELECTOR_NOT_IN,
    SELECTOR_EXISTS,
    SELECTOR_DOES_NOT_EXIST,
};

struct selector_requirement {
    char *key;
    enum selector_operator operator;
    struct string_list values;
};

/* matchLabels and matchExpressions, all of which must hold; without any it matches everything. */
struct selector {
    struct selector_requirement *requirements; /* first those of matchLabels, sorted by key */
    size_t count;
    size_t label_count; /* how many of them are matchLabels */
};

struct selector_list {
    struct selector *items;
    size_t count;
};

enum object_kind {
    OBJECT_IP_ADDRESS_POOL, /* also AddressPool of protocol layer2 */
    OBJECT_L2_ADVERTISEMENT,
    OBJECT_SERVICE,
    OBJECT_ENDPOINT_SLICE,
    OBJECT_NODE,
    OBJECT_NAMESPACE,
};
#define OBJECT_KIND_COUNT 6

/* What all objects have; the first member of each. */
struct object {
    enum object_kind kind;
    unsigned references;
    const char *kind_text; /* as written: "IPAddressPool" or "AddressPool"; static */
    char *namespace_;      /* "" for Node and Namespace; "default" where a manifest gives none */
    char *name;
    struct labels labels;
    struct labels annotations;
    int64_t created; /* creationTimestamp in seconds since 1970, 0 where there is none */
    char *file;      /* "" where it comes from no file */
    unsigned line;
};

struct ip_address_pool {
    struct object object;
    struct mlb_pool *pool;      /* named like the object */
    struct string_list entries; /* spec.addresses as written */
    bool auto_assign;
    bool avoid_buggy_ips;
    bool has_service_allocation; /* any value, {} included, takes it from the general set */
    int32_t priority;            /* 0: after all positive ones */
    struct string_list namespaces;
    struct selector_list namespace_selectors;
    struct selector_list service_selectors;
    bool is_own_advertisement; /* AddressPool: announced by all nodes on all interfaces */
};

struct node_preference {
    int32_t weight; /* 1 to 100 */
    struct selector selector;
};

struct l2_advertisement {
    struct object object;
    struct string_list pools;
    struct selector_list pool_selectors;
    struct selector_list node_selectors;
    struct selector_list service_selectors;
    struct string_list interfaces; /* empty: all */
    struct node_preference *preferences;
    size_t preference_count;
};

enum traffic_policy {
    TRAFFIC_POLICY_CLUSTER,
    TRAFFIC_POLICY_LOCAL,
};

enum ip_family_policy {
    IP_FAMILY_POLICY_NONE, /* not given: single stack */
    IP_FAMILY_POLICY_SINGLE,
    IP_FAMILY_POLICY_PREFER,
    IP_FAMILY_POLICY_REQUIRE,
};

struct service {
    struct object object;
    bool status_only;           /* a manifest with metadata and status and no spec */
    bool broken;                /* its spec is wrong: only what its status records counts */
    bool is_load_balancer;      /* spec.type */
    enum traffic_policy policy; /* spec.externalTrafficPolicy */
    enum ip_family_policy ip_family_policy;
    uint8_t ip_families[2]; /* MLB_FAMILY_*, count below */
    size_t ip_family_count;
    struct string_list cluster_ips; /* clusterIPs, else clusterIP alone; as written */
    struct labels selector;
    struct mlb_port *ports;
    size_t port_count;
    char *load_balancer_ip;      /* NULL where not given */
    char *load_balancer_class;   /* NULL where not given */
    struct mlb_address *ingress; /* status.loadBalancer.ingress[].ip, readable ones, in order */
    size_t ingress_count;
};

enum tristate {
    TRISTATE_UNKNOWN,
    TRISTATE_FALSE,
    TRISTATE_TRUE,
};

struct endpoint {
    char *node_name; /* NULL where not given */
    enum tristate ready;
    enum tristate serving;
};

struct endpoint_slice {
    struct object object;
    char *service_name; /* label kubernetes.io/service-name; "" where it is missing */
    struct endpoint *endpoints;
    size_t endpoint_count;
};

struct node {
    struct object object;
    bool network_unavailable;    /* condition NetworkUnavailable is True */
    bool not_ready;              /* condition Ready is False or Unknown */
    bool exclude_from_balancers; /* label node.kubernetes.io/exclude-from-external-load-balancers */
};

struct namespace_object {
    struct object object;
};

struct object_list {
    struct object **items; /* sorted by namespace, then name */
    size_t count;
};

/* All objects in force, by kind. */
struct object_set {
    struct object_list lists[OBJECT_KIND_COUNT];
    /* Services with a status alone whose Service is missing or broken: not in force, but what they
     * hold is recorded and must not be given to others. */
    struct object_list statuses;
    /* Something could not be read and has no earlier version: what it held is unknown, so that
     * nothing may be taken away because it seems to be missing. */
    bool incomplete;
    /* Something has an error just now: no configuration is valid as a whole, so that what services
     * hold stays where it is. */
    bool broken;
};

/* Bytes that hold any name of object_describe() with the NUL. */
#define OBJECT_NAME_SIZE 640

struct object *object_ref(struct object *object);

/* Drops a reference and frees the object with the last one; NULL is ignored. */
void object_unref(struct object *object);

/* Writes "Service/namespace/name", or "Node/name", as problems name objects. */
void object_describe(const struct object *object, char *buffer, size_t size);

void object_set_init(struct object_set *set);
void object_set_clear(struct object_set *set);

/* Inserts a reference of its own; an object of the same kind, namespace and name is replaced.
 * Returns 0, or -ENOMEM with the set unchanged. */
int object_set_insert(struct object_set *set, struct object *object);

/* Takes an object out, if it is there. */
void object_set_remove(struct object_set *set, enum object_kind kind, const char *namespace_,
                       const char *name);

/* The same as object_set_insert() for a list of objects of one kind. */
int object_list_insert(struct object_list *list, struct object *object);

/* Returns a borrowed reference or NULL. */
struct object *object_set_find(const struct object_set *set, enum object_kind kind,
                               const char *namespace_, const char *name);

/* Value of a label or annotation, or NULL. */
const char *labels_get(const struct labels *labels, const char *key);

bool selector_matches(const struct selector *selector, const struct labels *labels);

/* Whether any selector of the list matches; false for an empty list. */
bool selector_list_matches(const struct selector_list *list, const struct labels *labels);

bool string_list_contains(const struct string_list *list, const char *text);
