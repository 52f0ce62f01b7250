/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

/* From here on, only one in sixteen allocations is looked at. */
#define LOOKED_AT_MAX 10000

/* A case says no more when so many allocations have done harm. */
#define DEFECTS_MAX 3

struct sweep *sweep;

int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);

/*
 * libcrypto sets itself up with some thousand allocations, for all cases alike: done before the
 * cases that use it, except where MEMORY_SWEEP=cold. Whether it has been done now.
 */
static int warm_up(void)
{
    static const char *const ciphers[] = {"AES-128-GCM", "AES-192-GCM", "AES-256-GCM"};
    static int done;
    unsigned char byte;

    if (done || sweep->cold)
        return 0;
    RAND_bytes(&byte, 1);
    for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
        EVP_CIPHER_free(EVP_CIPHER_fetch(NULL, ciphers[i], NULL));
    EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL));
    done = 1;
    return 1;
}

/* Chooses an allocation whose stack is new or rare; to look at each of very many takes too long. */
static void choose_by_stack(size_t number)
{
    if (number > LOOKED_AT_MAX && number % 16 != 0)
        return;
    if (sweep->chosen_count < CHOSEN_MAX && sweep_is_new_stack(&sweep->allocations, 0))
        sweep->chosen[sweep->chosen_count++] = number;
}

static void print_log(int log)
{
    FILE *file = fdopen(dup(log), "r");
    char line[512];

    if (!file)
        abort();
    rewind(file);
    while (fgets(line, sizeof(line), file))
        printf("#   %s%s", line, strchr(line, '\n') ? "" : "\n");
    fclose(file);
}

static void describe_end(int status)
{
    if (WIFSIGNALED(status))
        printf("%s", strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == END_LEAK)
        printf("memory was lost");
    else
        printf("exit status %d", WEXITSTATUS(status));
}

/* Once more, this time with the place of the allocation. */
static void report(const struct sweep_case *sweep_case, size_t n, int onward, int status, int log)
{
    printf("# %s, %s: without allocation %zu%s: ", program_invocation_short_name,
           sweep_case->test->name, n, onward ? " and all that follow" : "");
    describe_end(status);
    printf("\n");
    sweep_arm(n, onward, 1);
    sweep_run(sweep_case, log);
    print_log(log);
}

/* Whether it does harm that the n-th allocation fails. */
static int harms(const struct sweep_case *sweep_case, size_t n, int onward, int log)
{
    int status;

    sweep_arm(n, onward, 0);
    status = sweep_run(sweep_case, log);
    if (sweep_is_sound(status))
        return 0;
    report(sweep_case, n, onward, status, log);
    return 1;
}

/*
 * The number of defects; *hit tells whether the case came as far as the n-th allocation. Where none
 * came behind it, it makes no difference whether they fail, too.
 */
static size_t try(const struct sweep_case *sweep_case, size_t n, int log, int *hit)
{
    const int harmful = harms(sweep_case, n, 0, log);

    *hit = sweep->allocator.hit;
    if (harmful || sweep->allocator.count <= n + 1)
        return (size_t)harmful;
    return (size_t)harms(sweep_case, n, 1, log);
}

static size_t try_each(const struct sweep_case *sweep_case, int log, size_t *tried)
{
    size_t defects = 0;
    int hit = 1;

    for (*tried = 0; defects < DEFECTS_MAX; ++*tried) {
        defects += try(sweep_case, *tried, log, &hit);
        if (!hit)
            break;
    }
    return defects;
}

static size_t try_chosen(const struct sweep_case *sweep_case, int log, size_t *tried)
{
    size_t defects = 0;
    int hit;

    for (*tried = 0; *tried < sweep->chosen_count && defects < DEFECTS_MAX; ++*tried)
        defects += try(sweep_case, sweep->chosen[*tried], log, &hit);
    return defects;
}

/* What is wrong with the case itself, with memory; or NULL. */
static const char *count_allocations(const struct sweep_case *sweep_case, int log)
{
    int status;

    sweep->chosen_count = 0;
    sweep_arm(FAIL_NONE, 0, 0);
    status = sweep_run(sweep_case, log);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != END_PASSED)
        return "fails with memory, too";
    if (sweep->allocator.crypto && warm_up())
        return count_allocations(sweep_case, log);
    if (sweep->allocator.count <= sweep->each_max)
        return NULL;
    sweep_arm(FAIL_NONE, 0, 0);
    sweep->allocator.watch = choose_by_stack;
    sweep_run(sweep_case, log);
    return sweep->chosen_count == CHOSEN_MAX ? "allocates in too many ways" : NULL;
}

static int sweep_case_passes(const struct sweep_case *sweep_case, size_t number, int log)
{
    const char *name = sweep_case->test->name;
    const char *fault = count_allocations(sweep_case, log);
    const size_t count = sweep->allocator.count;
    size_t defects;
    size_t tried;

    if (sweep->skipped) {
        printf("ok %zu - %s # SKIP like the case itself\n", number, name);
        return 1;
    }
    if (fault) {
        printf("not ok %zu - %s: %s\n", number, name, fault);
        print_log(log);
        return 0;
    }
    defects = (count > sweep->each_max ? try_chosen : try_each)(sweep_case, log, &tried);
    printf("%sok %zu - %s: %zu of %zu allocations failed\n", defects ? "not " : "", number, name,
           tried, count);
    return defects == 0;
}

int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown)
{
    const char *how = getenv("MEMORY_SWEEP");
    int failed = 0;
    int log;

    if (!how)
        return __real__cmocka_run_group_tests(name, tests, count, setup, teardown);
    sweep = mmap(NULL, sizeof(*sweep), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    log = memfd_create("log", MFD_CLOEXEC);
    if (sweep == MAP_FAILED || log < 0)
        abort();
    sweep->cold = strcmp(how, "cold") == 0;
    sweep->each_max = strcmp(how, "each") == 0 ? EACH_MAX : 0;
    sweep_prepare();
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        const struct sweep_case sweep_case = {name, &tests[i], setup, teardown};

        failed += !sweep_case_passes(&sweep_case, i + 1, log);
    }
    close(log);
    return failed;
}
