/* SPDX-License-Identifier: MIT */
/*
 * Looks up the addresses of host names beside the caller. getaddrinfo(3) may block for as long as a
 * name server is silent, so threads of our own call it. They keep only copies, block all signals,
 * and end when nothing waits to be looked up.
 *
 * Freeing a resolver does not wait for them: a thread that hangs in a look-up ends after it.
 */
#pragma once

#include <metallb/address.h>

/* Look-ups at a time, so that a name whose server is silent delays few others. */
#define RESOLVER_THREADS 4

/* Addresses taken of one name; those beyond are left out. */
#define RESOLVER_ADDRESSES_MAX 64

/* Longest host name in bytes without the NUL: RFC 1035 §2.3.4, and the dot of the root. */
#define RESOLVER_NAME_MAX 254

struct resolver;

struct resolver_answer {
    uint64_t token; /* of the question */
    int error;      /* 0, or what gai_strerror(3) explains */
    int absent;     /* with an error: the name does not exist, or has no address */
    size_t count;
    struct mlb_address addresses[RESOLVER_ADDRESSES_MAX];
};

/*
 * Makes a resolver; it has no thread while there is nothing to look up.
 *
 * @return  0 or a negative errno
 */
int resolver_new(struct resolver **ret);

/* NULL is ignored. */
void resolver_free(struct resolver *resolver);

/* Readable when an answer waits. */
int resolver_descriptor(const struct resolver *resolver);

/*
 * Asks for the addresses of a name.
 *
 * @param name   at most RESOLVER_NAME_MAX bytes, copied
 * @param token  comes back with the answer
 * @return       0, or a negative errno with nothing asked
 */
int resolver_ask(struct resolver *resolver, const char *name, uint64_t token);

/* Drops the questions that no look-up has begun with; those under way are still answered. */
void resolver_drop_questions(struct resolver *resolver);

/*
 * Takes an answer; they come in any order.
 *
 * @return  1 with one, 0 when none waits
 */
int resolver_take(struct resolver *resolver, struct resolver_answer *answer);
