/* SPDX-License-Identifier: MIT */
/* The calls of the C library that need memory, as the code under test has them (allocations.txt).
 */
#pragma once

#include <dirent.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <pthread.h>
#include <regex.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

void *failing_malloc(size_t size);
void *failing_calloc(size_t count, size_t size);
void *failing_realloc(void *memory, size_t size);
void *failing_reallocarray(void *memory, size_t count, size_t size);
char *failing_strdup(const char *text);
char *failing_strndup(const char *text, size_t length);
int failing_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int failing_vasprintf(char **text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int failing_asprintf_chk(char **text, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int failing_vasprintf_chk(char **text, int flag, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
FILE *failing_open_memstream(char **text, size_t *size);
FILE *failing_fopen(const char *path, const char *mode);
FILE *failing_fopen64(const char *path, const char *mode);
DIR *failing_fdopendir(int descriptor);
DIR *failing_opendir(const char *path);
int failing_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                        struct addrinfo **result);
int failing_getifaddrs(struct ifaddrs **addresses);
int failing_regcomp(regex_t *expression, const char *pattern, int flags);
int failing_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*start)(void *), void *argument);
