/* SPDX-License-Identifier: MIT */
#include "failing_allocator.h"

#include <errno.h>

#include "failing_calls.h"
#include "redirect.h"

static struct failing_allocator unlimited = {.first = FAIL_NONE};

struct failing_allocator *failing_allocator = &unlimited;

static _Thread_local int is_paused;

void failing_allocator_pause(int paused)
{
    is_paused = paused;
}

int failing_allocator_allows(void)
{
    struct failing_allocator *allocator = failing_allocator;
    size_t number;

    if (is_paused)
        return 1;
    number = __atomic_fetch_add(&allocator->count, 1, __ATOMIC_RELAXED);
    if (allocator->watch)
        allocator->watch(number);
    if (number < allocator->first || (number > allocator->first && !allocator->onward))
        return 1;
    if (!__atomic_exchange_n(&allocator->hit, 1, __ATOMIC_RELAXED) && allocator->on_failure)
        allocator->on_failure();
    errno = ENOMEM;
    return 0;
}

static void *crypto_malloc(size_t size)
{
    failing_allocator->crypto = 1;
    return failing_malloc(size);
}

void failing_allocator_serve_shared(void)
{
    static const char *const libraries[] = {"libmetallb", "libnl-3", "libnl-route-3",
                                            "libbpf",     "libyaml", "libcjson"};
    static const struct redirection calls[] = {
        {"malloc", (void (*)(void))failing_malloc},
        {"calloc", (void (*)(void))failing_calloc},
        {"realloc", (void (*)(void))failing_realloc},
        {"reallocarray", (void (*)(void))failing_reallocarray},
        {"strdup", (void (*)(void))failing_strdup},
        {"strndup", (void (*)(void))failing_strndup},
        {"__asprintf_chk", (void (*)(void))failing_asprintf_chk},
        {"__vasprintf_chk", (void (*)(void))failing_vasprintf_chk},
        {"fopen", (void (*)(void))failing_fopen},
        {"fopen64", (void (*)(void))failing_fopen64},
        {"getaddrinfo", (void (*)(void))failing_getaddrinfo},
        {"getifaddrs", (void (*)(void))failing_getifaddrs},
        {"regcomp", (void (*)(void))failing_regcomp},
        {"pthread_create", (void (*)(void))failing_pthread_create},
    };

    static const struct redirection crypto_calls[] = {
        {"malloc", (void (*)(void))crypto_malloc},
        {"realloc", (void (*)(void))failing_realloc},
    };
    size_t count = sizeof(libraries) / sizeof(libraries[0]);

    redirect("libcrypto", crypto_calls, 2);
    /* Where the library is linked statically, JSON is read by the tests alone. */
    if (!redirect("libmetallb", calls, sizeof(calls) / sizeof(calls[0])))
        count--;
    for (size_t i = 1; i < count; i++)
        redirect(libraries[i], calls, sizeof(calls) / sizeof(calls[0]));
}
