/* SPDX-License-Identifier: MIT */
/*
 * A plain world of pools and services for random histories: what an administrator wrote, as simple
 * values, and the objects made of it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "reconcile/services.h"

#define WORLD_SERVICES 7
#define WORLD_POOLS    2

struct world_pool {
    bool exists;
    bool small; /* half as many addresses */
    bool auto_assign;
    bool pinned; /* for the namespace n1 alone */
};

struct world_service {
    bool exists;
    bool hidden; /* it exists, but cannot be read just now */
    int wanted;  /* number of an address, or -1 */
    int pool;    /* number of a pool, or -1 */
    bool shares; /* has the sharing key */
    unsigned port;
    int64_t created;
};

struct world {
    struct world_pool pools[WORLD_POOLS];
    struct world_service services[WORLD_SERVICES];
    bool broken;
    bool incomplete;
};

/* Pseudo-random numbers from a seed (splitmix64). */
uint64_t chance_next(uint64_t *state);

void world_begin(struct world *world, uint64_t *chance);

/* Changes one or two things. */
void world_step(struct world *world, uint64_t *chance);

void world_describe(const struct world *world, char *buffer, size_t size);

/* Makes the objects. */
void world_objects(const struct world *world, struct object_set *set);

/* Names of the service with a number: n0 and n1 are its namespaces. */
const char *world_namespace(int service);
const char *world_name(int service);

/* An address by its number, of the pool 0 (0 to 3) or the pool 1 (4 to 5), or of none (6, 7). */
struct mlb_address world_address(int number);

/* Number of an address, or -1. */
int world_number(const struct mlb_address *address);

/* The pool that an address lies in, or -1. */
int world_pool_of(const struct world *world, int number);

/* Whether a pool is for a service at all. */
bool world_may_use(const struct world *world, int pool, int service);
