/* SPDX-License-Identifier: MIT */
#include "failing_calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "failing_allocator.h"

void *failing_malloc(size_t size)
{
    return failing_allocator_allows() ? malloc(size) : NULL;
}

void *failing_calloc(size_t count, size_t size)
{
    return failing_allocator_allows() ? calloc(count, size) : NULL;
}

void *failing_realloc(void *memory, size_t size)
{
    return failing_allocator_allows() ? realloc(memory, size) : NULL;
}

void *failing_reallocarray(void *memory, size_t count, size_t size)
{
    return failing_allocator_allows() ? reallocarray(memory, count, size) : NULL;
}

char *failing_strdup(const char *text)
{
    return failing_allocator_allows() ? strdup(text) : NULL;
}

char *failing_strndup(const char *text, size_t length)
{
    return failing_allocator_allows() ? strndup(text, length) : NULL;
}

int failing_vasprintf(char **text, const char *format, va_list arguments)
{
    return failing_allocator_allows() ? vasprintf(text, format, arguments) : -1;
}

int failing_asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = failing_vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

int failing_vasprintf_chk(char **text, int flag, const char *format, va_list arguments)
{
    (void)flag;
    return failing_vasprintf(text, format, arguments);
}

int failing_asprintf_chk(char **text, int flag, const char *format, ...)
{
    va_list arguments;
    int length;

    (void)flag;
    va_start(arguments, format);
    length = failing_vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

FILE *failing_open_memstream(char **text, size_t *size)
{
    return failing_allocator_allows() ? open_memstream(text, size) : NULL;
}

FILE *failing_fopen(const char *path, const char *mode)
{
    return failing_allocator_allows() ? fopen(path, mode) : NULL;
}

FILE *failing_fopen64(const char *path, const char *mode)
{
    return failing_fopen(path, mode);
}

DIR *failing_fdopendir(int descriptor)
{
    return failing_allocator_allows() ? fdopendir(descriptor) : NULL;
}

DIR *failing_opendir(const char *path)
{
    return failing_allocator_allows() ? opendir(path) : NULL;
}

int failing_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                        struct addrinfo **result)
{
    return failing_allocator_allows() ? getaddrinfo(node, service, hints, result) : EAI_MEMORY;
}

int failing_getifaddrs(struct ifaddrs **addresses)
{
    return failing_allocator_allows() ? getifaddrs(addresses) : -1;
}

int failing_regcomp(regex_t *expression, const char *pattern, int flags)
{
    return failing_allocator_allows() ? regcomp(expression, pattern, flags) : REG_ESPACE;
}

int failing_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*start)(void *), void *argument)
{
    if (!failing_allocator_allows())
        return EAGAIN;
    return pthread_create(thread, attributes, start, argument);
}
