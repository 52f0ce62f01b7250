/* SPDX-License-Identifier: MIT */
#include "os/resolver.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "address/value.h"
#include "base/list.h"
#include "os/socket_address.h"

/* A question, which becomes its own answer. */
struct lookup {
    struct list link;
    char name[RESOLVER_NAME_MAX + 1];
    struct resolver_answer answer;
};

/* Used by the caller and by each thread that runs; who leaves last frees it. */
struct resolver {
    pthread_mutex_t mutex; /* for all that follows */
    struct list questions;
    struct list answers;
    size_t threads;
    int abandoned;  /* the caller has gone: nobody waits for answers */
    int descriptor; /* eventfd(2), readable while there are answers */
};

static void free_lookups(struct list *lookups)
{
    struct list *link = lookups->next;

    while (link != lookups) {
        struct lookup *lookup = list_entry(link, struct lookup, link);

        link = link->next;
        free(lookup);
    }
    list_init(lookups);
}

static void destroy(struct resolver *resolver)
{
    pthread_mutex_destroy(&resolver->mutex);
    free(resolver);
}

int resolver_new(struct resolver **ret)
{
    struct resolver *resolver = calloc(1, sizeof(*resolver));
    int error;

    if (!resolver)
        return -ENOMEM;
    list_init(&resolver->questions);
    list_init(&resolver->answers);
    error = -pthread_mutex_init(&resolver->mutex, NULL);
    if (error) {
        free(resolver);
        return error;
    }
    resolver->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (resolver->descriptor < 0) {
        error = -errno;
        destroy(resolver);
        return error;
    }
    *ret = resolver;
    return 0;
}

void resolver_free(struct resolver *resolver)
{
    int last;

    if (!resolver)
        return;
    pthread_mutex_lock(&resolver->mutex);
    free_lookups(&resolver->questions);
    free_lookups(&resolver->answers);
    close(resolver->descriptor);
    resolver->abandoned = 1;
    last = resolver->threads == 0;
    pthread_mutex_unlock(&resolver->mutex);
    if (last)
        destroy(resolver);
}

int resolver_descriptor(const struct resolver *resolver)
{
    return resolver->descriptor;
}

static int is_known(const struct resolver_answer *answer, const struct mlb_address *address)
{
    for (size_t i = 0; i < answer->count; i++) {
        if (memcmp(&answer->addresses[i], address, sizeof(*address)) == 0)
            return 1;
    }
    return 0;
}

static void take_addresses(struct resolver_answer *answer, const struct addrinfo *entries)
{
    for (const struct addrinfo *entry = entries; entry; entry = entry->ai_next) {
        struct sockaddr_storage storage = {0};
        struct mlb_address address;
        uint16_t port;

        memcpy(&storage, entry->ai_addr, entry->ai_addrlen);
        if (answer->count == RESOLVER_ADDRESSES_MAX ||
            socket_address_get(&storage, &address, &port) != 0 || address_needs_zone(&address) ||
            is_known(answer, &address))
            continue;
        answer->addresses[answer->count++] = address;
    }
}

static void look_up(struct lookup *lookup)
{
    /* One socket type only, or each address would come several times. */
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    struct resolver_answer *answer = &lookup->answer;
    struct addrinfo *entries = NULL;

    answer->error = getaddrinfo(lookup->name, NULL, &hints, &entries);
    if (answer->error == 0) {
        take_addresses(answer, entries);
        freeaddrinfo(entries);
        if (answer->count == 0)
            answer->error = EAI_NODATA;
    }
    answer->absent = answer->error == EAI_NONAME || answer->error == EAI_NODATA ||
                     answer->error == EAI_ADDRFAMILY;
}

/* Called with the mutex held. */
static void deliver(struct resolver *resolver, struct lookup *lookup)
{
    if (resolver->abandoned) {
        free(lookup);
        return;
    }
    list_append(&resolver->answers, &lookup->link);
    eventfd_write(resolver->descriptor, 1);
}

static void *work(void *context)
{
    struct resolver *resolver = context;
    int last;

    pthread_mutex_lock(&resolver->mutex);
    while (!list_is_empty(&resolver->questions)) {
        struct lookup *lookup = list_entry(resolver->questions.next, struct lookup, link);

        list_remove(&lookup->link);
        pthread_mutex_unlock(&resolver->mutex);
        look_up(lookup);
        pthread_mutex_lock(&resolver->mutex);
        deliver(resolver, lookup);
    }
    resolver->threads--;
    last = resolver->abandoned && resolver->threads == 0;
    pthread_mutex_unlock(&resolver->mutex);
    if (last)
        destroy(resolver);
    return NULL;
}

/* A thread that nobody joins and that gets none of the signals of the program. */
static int start_thread(struct resolver *resolver)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    int error = pthread_attr_init(&attributes);

    if (error)
        return -error;
    sigfillset(&all);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, work, resolver);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

/* Called with the mutex held. Fails only where no thread is left to look anything up. */
static int provide_thread(struct resolver *resolver)
{
    int error;

    if (resolver->threads == RESOLVER_THREADS)
        return 0;
    error = start_thread(resolver);
    if (!error)
        resolver->threads++;
    return resolver->threads > 0 ? 0 : error;
}

int resolver_ask(struct resolver *resolver, const char *name, uint64_t token)
{
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    int error;

    if (!lookup)
        return -ENOMEM;
    snprintf(lookup->name, sizeof(lookup->name), "%s", name);
    lookup->answer.token = token;
    pthread_mutex_lock(&resolver->mutex);
    list_append(&resolver->questions, &lookup->link);
    error = provide_thread(resolver);
    if (error)
        list_remove(&lookup->link);
    pthread_mutex_unlock(&resolver->mutex);
    if (error)
        free(lookup);
    return error;
}

void resolver_drop_questions(struct resolver *resolver)
{
    pthread_mutex_lock(&resolver->mutex);
    free_lookups(&resolver->questions);
    pthread_mutex_unlock(&resolver->mutex);
}

int resolver_take(struct resolver *resolver, struct resolver_answer *answer)
{
    struct lookup *lookup = NULL;
    eventfd_t count;

    pthread_mutex_lock(&resolver->mutex);
    if (!list_is_empty(&resolver->answers)) {
        lookup = list_entry(resolver->answers.next, struct lookup, link);
        list_remove(&lookup->link);
    }
    if (list_is_empty(&resolver->answers))
        eventfd_read(resolver->descriptor, &count);
    pthread_mutex_unlock(&resolver->mutex);
    if (!lookup)
        return 0;
    *answer = lookup->answer;
    free(lookup);
    return 1;
}
