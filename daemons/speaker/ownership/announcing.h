/* SPDX-License-Identifier: MIT */
/*
 * What this node announces, and the difference to what it should: only changes reach the announcer,
 * because announcing anew what did not change hands would disturb the LAN.
 */
#pragma once

#include <metallb/address.h>
#include <stdbool.h>
#include <stddef.h>

struct wanted_address {
    struct mlb_address address;
    const char **interfaces; /* sorted, each once */
    size_t interface_count;  /* 0: all interfaces */
    bool silent;             /* if it is announced already: owned, but not to be answered for now */
    const void *origin;      /* the caller's, handed on */
};

enum announcing_change {
    ANNOUNCING_START,
    ANNOUNCING_INTERFACES, /* it is announced already, on other interfaces */
    ANNOUNCING_STOP,
    ANNOUNCING_SILENCE, /* it stays owned; when it may be answered for again it starts anew */
};

/* Carries out a change. Returns 0, or else the change counts as not made and is tried again at the
 * next difference. For a stop and a silence, which always counts as made, only the address of
 * wanted is set. */
typedef int (*announcing_apply)(void *context, enum announcing_change change,
                                const struct wanted_address *wanted);

struct announcing_entry {
    struct mlb_address address;
    char *interfaces; /* names with ", " between; NULL: all */
    bool silent;      /* not answered for now */
};

struct announcing {
    struct announcing_entry *entries; /* ascending by address */
    size_t count;
};

/*
 * Carries out the changes that lead to wanted: stops first, then the others in their order.
 *
 * @param wanted        ascending by address
 * @param keep_missing  do not stop what is not in wanted, unless given_up says so
 * @param given_up      whether the address is known to belong to nobody or to another node
 * @return              0, or -ENOMEM with nothing changed
 */
int announcing_set(struct announcing *announcing, const struct wanted_address *wanted,
                   size_t wanted_count, bool keep_missing,
                   bool (*given_up)(void *context, const struct mlb_address *address),
                   announcing_apply apply, void *context);

/* Answers no more, until the next difference, for one address or with NULL for all. */
void announcing_silence(struct announcing *announcing, const struct mlb_address *address,
                        announcing_apply apply, void *context);

/* Whether an address is announced and answered for. */
bool announcing_has(const struct announcing *announcing, const struct mlb_address *address);

/* Stops all. */
void announcing_stop_all(struct announcing *announcing, announcing_apply apply, void *context);

/* Frees memory, without a change to what is announced. */
void announcing_clear(struct announcing *announcing);
