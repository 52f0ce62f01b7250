/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include <execinfo.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

/* As many as are printed, and as many as tell two ways to the same allocation apart. */
#define DEPTH_PRINTED 40
#define DEPTH_HASHED  10

void stack_print(void)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_print_stack_trace();
#else
    void *places[DEPTH_PRINTED];

    backtrace_symbols_fd(places, backtrace(places, DEPTH_PRINTED), STDERR_FILENO);
#endif
}

uint64_t stack_hash(void)
{
    void *places[DEPTH_HASHED];
    const int depth = backtrace(places, DEPTH_HASHED);
    uint64_t hash = 14695981039346656037U;

    for (int i = 0; i < depth; i++)
        hash = (hash ^ (uintptr_t)places[i]) * 1099511628211U;
    return hash;
}

int stack_leaks(void)
{
#ifdef __SANITIZE_ADDRESS__
    return __lsan_do_recoverable_leak_check();
#else
    return 0;
#endif
}
