/* SPDX-License-Identifier: MIT */
/*
 * What a unit program does instead of its tests where MEMORY_SWEEP is set: each of its cases runs
 * again and again, in a process of its own, and at the n-th time the n-th allocation of the code
 * under test fails; then once more, with all that follow it. A case may fail then, since it expects
 * memory. What may not happen: a signal, a report of a sanitizer, a block that nothing points to
 * any more, no end. The leaks are looked for where an assertion fails, as long as the case still
 * holds what it made, and at the end of a case that passes.
 *
 * MEMORY_SWEEP=each takes every n where a case makes up to EACH_MAX allocations. Of more, it takes
 * those n at which the calls that lead to the allocation have been met at most once in such cases
 * of the program. MEMORY_SWEEP=stacks does so in all cases; and MEMORY_SWEEP=cold as well, where
 * libcrypto is not set up before the cases.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_allocator.h"
#include "temporary.h"

/* How often the same calls are tried; and what they may lose is looked for. */
#define EACH_MAX       120
#define SAME_STACK_MAX 2

#define STACKS_MAX     (1U << 16)
#define CHOSEN_MAX     (1U << 12)

/* How often the calls that led somewhere have been met. */
struct stacks {
    struct {
        uint64_t hash;
        unsigned met;
    } slots[STACKS_MAX];
};

/* Shared with the processes of the cases. */
struct sweep {
    struct failing_allocator allocator;
    int cold; /* libcrypto is not set up before the cases */
    size_t each_max;
    int skipped;
    int checks_leaks;
    struct temporary temporary;
    struct stacks failures;    /* where leaks were looked for */
    struct stacks allocations; /* that were chosen */
    size_t chosen[CHOSEN_MAX];
    size_t chosen_count;
};

/* A case with what its group sets up. */
struct sweep_case {
    const char *group;
    const struct CMUnitTest *test;
    CMFixtureFunction setup;
    CMFixtureFunction teardown;
};

/* How the process of a case ended. */
enum sweep_end { END_PASSED = 40, END_FAILED, END_LEAK };

extern struct sweep *sweep;

/* Whether the calls that lead here are new, or have been met but a few times; kind tells apart. */
int sweep_is_new_stack(struct stacks *stacks, uint64_t kind);

/* Forgets what the last run left; the n-th allocation is to fail. */
void sweep_arm(size_t n, int onward, int tell);

/* Once, before any case runs. */
void sweep_prepare(void);

/* Fails the case as cmocka does, but looks for leaks while it still holds what it made. */
void sweep_fail(const char *file, int line);

/* Runs the case in a process of its own, all it prints to the log. Its status, as from wait(2). */
int sweep_run(const struct sweep_case *sweep_case, int log);

/* Whether a process may end like this where memory is short. */
int sweep_is_sound(int status);
