/* SPDX-License-Identifier: MIT */
/* Look-ups beside the caller; the linker replaces getaddrinfo(3) with a name server of our own. */
#include "../socket_harness.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "os/resolver.h"

static sem_t hanging;    /* a look-up of "hang" has begun */
static sem_t released;   /* it may end */
static int open_signals; /* look-ups that could have been interrupted */
static int no_threads;

static sem_t ended; /* a thread that looked up "hang" has ended */
static pthread_key_t end;
static int watch_ends;

static void on_end(void *value)
{
    sem_post(value);
}

int __real_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **ret);
int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **ret);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *context);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *context)
{
    return no_threads ? EAGAIN : __real_pthread_create(thread, attributes, start, context);
}

/* The addresses of several literals as one answer. */
static int answer(const struct addrinfo *hints, const char *const *literals, struct addrinfo **ret)
{
    struct addrinfo **link = ret;

    for (; *literals; literals++) {
        assert_int_equal(__real_getaddrinfo(*literals, NULL, hints, link), 0);
        link = &(*link)->ai_next;
    }
    return 0;
}

int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **ret)
{
    static const char *const both[] = {"192.0.2.1", "2001:db8::1", "192.0.2.2", "192.0.2.1", NULL};
    static const char *const link_local[] = {"fe80::1", NULL};
    sigset_t blocked;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (!sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGCHLD))
        __atomic_add_fetch(&open_signals, 1, __ATOMIC_RELAXED);
    if (strcmp(name, "hang") == 0) {
        if (watch_ends)
            pthread_setspecific(end, &ended);
        sem_post(&hanging);
        sem_wait(&released);
    }
    if (strcmp(name, "both") == 0 || strcmp(name, "hang") == 0)
        return answer(hints, both, ret);
    if (strcmp(name, "link") == 0)
        return answer(hints, link_local, ret);
    if (strcmp(name, "absent") == 0)
        return EAI_NONAME;
    if (strcmp(name, "later") == 0)
        return EAI_AGAIN;
    return __real_getaddrinfo(name, service, hints, ret);
}

static struct resolver *make(void)
{
    struct resolver *resolver = NULL;

    assert_int_equal(resolver_new(&resolver), 0);
    return resolver;
}

static struct resolver_answer take(struct resolver *resolver)
{
    struct resolver_answer taken;

    await_events(resolver_descriptor(resolver), POLLIN);
    assert_int_equal(resolver_take(resolver, &taken), 1);
    return taken;
}

static struct resolver_answer ask(struct resolver *resolver, const char *name, uint64_t token)
{
    assert_int_equal(resolver_ask(resolver, name, token), 0);
    return take(resolver);
}

static void test_all_addresses(void **state)
{
    struct resolver *resolver = make();
    const struct resolver_answer taken = ask(resolver, "both", 77);

    (void)state;
    assert_int_equal(taken.token, 77);
    assert_int_equal(taken.error, 0);
    assert_int_equal(taken.count, 3);
    assert_address(&taken.addresses[0], "192.0.2.1");
    assert_address(&taken.addresses[1], "2001:db8::1");
    assert_address(&taken.addresses[2], "192.0.2.2");
    assert_false(is_ready(resolver_descriptor(resolver), POLLIN));
    resolver_free(resolver);
}

static void test_failures(void **state)
{
    struct resolver *resolver = make();
    struct resolver_answer taken = ask(resolver, "absent", 1);

    (void)state;
    assert_int_equal(taken.error, EAI_NONAME);
    assert_true(taken.absent);
    assert_int_equal(taken.count, 0);
    taken = ask(resolver, "later", 2);
    assert_int_equal(taken.error, EAI_AGAIN);
    assert_false(taken.absent);
    /* Addresses that need a link besides are none. */
    taken = ask(resolver, "link", 3);
    assert_int_equal(taken.error, EAI_NODATA);
    assert_true(taken.absent);
    assert_int_equal(taken.count, 0);
    resolver_free(resolver);
}

static void test_real_name(void **state)
{
    struct resolver *resolver = make();
    const struct resolver_answer taken = ask(resolver, "localhost", 1);

    (void)state;
    assert_int_equal(taken.error, 0);
    assert_true(taken.count >= 1);
    resolver_free(resolver);
}

static void test_many(void **state)
{
    struct resolver *resolver = make();
    int seen[200] = {0};

    (void)state;
    for (uint64_t i = 0; i < 200; i++)
        assert_int_equal(resolver_ask(resolver, i % 2 ? "both" : "absent", i), 0);
    for (size_t i = 0; i < 200; i++) {
        const struct resolver_answer taken = take(resolver);

        assert_in_range(taken.token, 0, 199);
        assert_int_equal(seen[taken.token]++, 0);
        assert_int_equal(taken.error == 0, taken.token % 2);
    }
    assert_false(is_ready(resolver_descriptor(resolver), POLLIN));
    resolver_free(resolver);
}

/* A silent name server holds up what it is asked for, not the rest, nor the caller. */
static void test_hanging(void **state)
{
    struct resolver *resolver = make();
    struct resolver_answer taken;

    (void)state;
    for (uint64_t i = 0; i < RESOLVER_THREADS - 1; i++) {
        assert_int_equal(resolver_ask(resolver, "hang", 100 + i), 0);
        sem_wait(&hanging);
    }
    assert_int_equal(ask(resolver, "both", 1).token, 1);
    assert_int_equal(ask(resolver, "absent", 2).token, 2);
    assert_int_equal(resolver_take(resolver, &taken), 0);
    /* Now all threads hang, and what is asked meanwhile waits. */
    assert_int_equal(resolver_ask(resolver, "hang", 103), 0);
    sem_wait(&hanging);
    assert_int_equal(resolver_ask(resolver, "both", 3), 0);
    assert_int_equal(resolver_take(resolver, &taken), 0);
    for (int i = 0; i < RESOLVER_THREADS; i++)
        sem_post(&released);
    for (int i = 0; i < RESOLVER_THREADS + 1; i++)
        assert_int_equal(take(resolver).error, 0);
    resolver_free(resolver);
}

/* What no look-up has begun with is dropped; what has is answered. */
static void test_dropped_questions(void **state)
{
    struct resolver *resolver = make();

    (void)state;
    for (uint64_t i = 0; i < RESOLVER_THREADS; i++) {
        assert_int_equal(resolver_ask(resolver, "hang", i), 0);
        sem_wait(&hanging);
    }
    for (uint64_t i = 100; i < 200; i++)
        assert_int_equal(resolver_ask(resolver, "both", i), 0);
    resolver_drop_questions(resolver);
    assert_int_equal(resolver_ask(resolver, "both", 300), 0);
    for (int i = 0; i < RESOLVER_THREADS; i++)
        sem_post(&released);
    for (int i = 0; i < RESOLVER_THREADS + 1; i++) {
        const struct resolver_answer taken = take(resolver);

        assert_true(taken.token < RESOLVER_THREADS || taken.token == 300);
    }
    assert_false(is_ready(resolver_descriptor(resolver), POLLIN));
    resolver_free(resolver);
}

/* The caller goes while look-ups hang; their threads end by themselves and free what is left. */
static void test_free_while_hanging(void **state)
{
    struct resolver *resolver = make();

    (void)state;
    watch_ends = 1;
    for (uint64_t i = 0; i < RESOLVER_THREADS; i++) {
        assert_int_equal(resolver_ask(resolver, "hang", i), 0);
        sem_wait(&hanging);
    }
    watch_ends = 0;
    assert_int_equal(resolver_ask(resolver, "both", 9), 0);
    resolver_free(resolver);
    for (int i = 0; i < RESOLVER_THREADS; i++)
        sem_post(&released);
    for (int i = 0; i < RESOLVER_THREADS; i++)
        sem_wait(&ended);
}

static void test_signals_stay_with_the_program(void **state)
{
    struct resolver *resolver = make();
    sigset_t mask;

    (void)state;
    assert_int_equal(ask(resolver, "both", 1).error, 0);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_false(sigismember(&mask, SIGTERM));
    assert_int_equal(open_signals, 0);
    resolver_free(resolver);
}

static void test_no_thread(void **state)
{
    struct resolver *resolver = make();
    struct resolver_answer taken;

    (void)state;
    no_threads = 1;
    assert_int_equal(resolver_ask(resolver, "both", 1), -EAGAIN);
    no_threads = 0;
    assert_int_equal(resolver_take(resolver, &taken), 0);
    assert_int_equal(ask(resolver, "both", 2).token, 2);
    /* With one thread at work it is no failure that there is no second one. */
    assert_int_equal(resolver_ask(resolver, "hang", 3), 0);
    sem_wait(&hanging);
    no_threads = 1;
    assert_int_equal(resolver_ask(resolver, "both", 4), 0);
    no_threads = 0;
    sem_post(&released);
    assert_int_equal(take(resolver).token, 3);
    assert_int_equal(take(resolver).token, 4);
    resolver_free(resolver);
    resolver_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_addresses),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_real_name),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_hanging),
        cmocka_unit_test(test_dropped_questions),
        cmocka_unit_test(test_free_while_hanging),
        cmocka_unit_test(test_signals_stay_with_the_program),
        cmocka_unit_test(test_no_thread),
    };

    sem_init(&hanging, 0, 0);
    sem_init(&released, 0, 0);
    sem_init(&ended, 0, 0);
    pthread_key_create(&end, on_end);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
