/* SPDX-License-Identifier: MIT */
/*
 * Which addresses this node delivers to its own servers: those that it owns, and those that it
 * owned until a moment ago, while neighbours still send here. What stands on the device is renewed
 * well before its lifetime ends. Decides only; the device is behind the operations, and the time is
 * an argument.
 */
#pragma once

#include <metallb/address.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOCAL_DELIVERY_LIFETIME_SECONDS 60
#define LOCAL_DELIVERY_RENEW_SECONDS    20
#define LOCAL_DELIVERY_RETRY_SECONDS    2

/* Renewals and removals in one tick, so that thousands do not hold up the answers. */
#define LOCAL_DELIVERY_BATCH 64

/* Each returns 0 or a negative errno; see loopback.h. */
struct local_delivery_operations {
    int (*add)(void *context, const struct mlb_address *address, unsigned lifetime_seconds);
    int (*renew)(void *context, const struct mlb_address *address, unsigned lifetime_seconds);
    int (*remove)(void *context, const struct mlb_address *address);
    /* Told when a call for the address failed, and with error 0 when it is well again. */
    void (*report)(void *context, const struct mlb_address *address, int error);
};

struct delivered_address;

struct local_delivery {
    const struct local_delivery_operations *operations;
    void *context;
    uint64_t drain;                  /* nanoseconds */
    struct delivered_address *items; /* ascending by address */
    size_t count;
    size_t capacity;
    size_t ipv4_count;
};

void local_delivery_init(struct local_delivery *delivery,
                         const struct local_delivery_operations *operations, void *context,
                         unsigned drain_seconds);

/* Frees memory; the addresses stay on the device until they expire. */
void local_delivery_clear(struct local_delivery *delivery);

/* Takes over an address that a former run left on the device: it is drained unless it is held
 * before. Returns 0 or -ENOMEM. */
int local_delivery_adopt(struct local_delivery *delivery, const struct mlb_address *address,
                         uint64_t now);

/* Copies the address at a position, ascending; false behind the last. */
bool local_delivery_address(const struct local_delivery *delivery, size_t position,
                            struct mlb_address *address);

/* Delivers an address from now on; one that cannot be put on the device now is tried again.
 * Returns 0 or -ENOMEM. */
int local_delivery_hold(struct local_delivery *delivery, const struct mlb_address *address,
                        uint64_t now);

/* Delivers an address until the drain time is over. */
void local_delivery_release(struct local_delivery *delivery, const struct mlb_address *address,
                            uint64_t now);

/* Ends all drain times. */
void local_delivery_hurry(struct local_delivery *delivery, uint64_t now);

/* Does what is due and returns when more is; CLOCK_NEVER without addresses. */
uint64_t local_delivery_tick(struct local_delivery *delivery, uint64_t now);
