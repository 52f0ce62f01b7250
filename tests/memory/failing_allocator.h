/* SPDX-License-Identifier: MIT */
/*
 * Memory for the code under test, of which an allocation can be made to fail. The objects of the
 * static libraries call it instead of the C library's (allocations.txt), the shared libraries once
 * failing_allocator_serve_shared() was called. Tests and cmocka keep the real one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FAIL_NONE SIZE_MAX

struct failing_allocator {
    size_t count;                 /* allocations so far */
    size_t first;                 /* the number of the one that fails, from 0; or FAIL_NONE */
    int onward;                   /* all that follow fail as well */
    int hit;                      /* one has failed */
    int crypto;                   /* libcrypto has allocated */
    void (*watch)(size_t number); /* sees each allocation, where not NULL */
    void (*on_failure)(void);     /* sees the first one that fails */
};

/* One in which nothing fails, until a sweep sets its own. */
extern struct failing_allocator *failing_allocator;

/* What the thread allocates from now on is the test's own, until it says 0. */
void failing_allocator_pause(int paused);

/* Counts an allocation; 0, with errno set, if it is to fail. */
int failing_allocator_allows(void);

/* Turns the shared libraries on which the code under test builds to this allocator. */
void failing_allocator_serve_shared(void);
