/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redirect.h"
#include "stack.h"
#include "sweep.h"

/* Seconds; longer than any case waits for something that does not come. */
#define PATIENCE 90

int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);
void __real__skip(const char *file, int line);
void __wrap__skip(const char *file, int line);

void __wrap__skip(const char *file, int line)
{
    if (sweep)
        sweep->skipped = 1;
    __real__skip(file, line);
}

void sweep_fail(const char *file, int line)
{
    failing_allocator->first = FAIL_NONE;
    if (sweep && sweep->checks_leaks && stack_leaks())
        _exit(END_LEAK);
    _fail(file, line);
}

/* cmocka takes a signal for a case that fails. */
static void (*keep_signal(int signal, void (*handler)(int)))(int)
{
    (void)signal;
    (void)handler;
    return SIG_DFL;
}

static void run(const struct sweep_case *sweep_case, int log)
{
    const struct rlimit no_core = {0};
    int failed;

    if (dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        abort();
    setrlimit(RLIMIT_CORE, &no_core);
    alarm(PATIENCE);
    failing_allocator = &sweep->allocator;
    failed = __real__cmocka_run_group_tests(sweep_case->group, sweep_case->test, 1,
                                            sweep_case->setup, sweep_case->teardown);
    sweep->allocator.first = FAIL_NONE;
    if (!failed && sweep->checks_leaks && stack_leaks())
        _exit(END_LEAK);
    _exit(failed ? END_FAILED : END_PASSED);
}

int sweep_is_new_stack(struct stacks *stacks, uint64_t kind)
{
    const uint64_t hash = (stack_hash() + kind) | 1;
    size_t i = hash % STACKS_MAX;

    for (size_t steps = 0; steps < STACKS_MAX; steps++, i = (i + 1) % STACKS_MAX) {
        if (stacks->slots[i].hash == 0)
            stacks->slots[i].hash = hash;
        if (stacks->slots[i].hash == hash)
            return stacks->slots[i].met++ < SAME_STACK_MAX;
    }
    return 0;
}

/* What libcrypto loses when it cannot set itself up is not ours. */
static void note_failure(void)
{
    const uint64_t kind = (uint64_t)sweep->allocator.onward << 1;

    sweep->checks_leaks = !sweep->cold && sweep_is_new_stack(&sweep->failures, kind);
}

void sweep_arm(size_t n, int onward, int tell)
{
    sweep->allocator = (struct failing_allocator){
        .first = n, .onward = onward, .on_failure = tell ? stack_print : note_failure};
    sweep->skipped = 0;
    sweep->checks_leaks = tell && !sweep->cold;
}

void sweep_prepare(void)
{
    static const struct redirection calls[] = {
        {"_fail", (void (*)(void))sweep_fail},
        {"signal", (void (*)(void))keep_signal},
    };

    /* Loads what it needs to read the stack: here once, not in each process. */
    (void)stack_hash();
    failing_allocator_serve_shared();
    temporary_note(&sweep->temporary);
    if (redirect("libcmocka", calls, 2) < 2)
        abort();
}

int sweep_run(const struct sweep_case *sweep_case, int log)
{
    pid_t process;
    int status;

    if (ftruncate(log, 0) || lseek(log, 0, SEEK_SET))
        abort();
    process = fork();
    if (process < 0)
        abort();
    if (process == 0)
        run(sweep_case, log);
    while (waitpid(process, &status, 0) < 0) {
        if (errno != EINTR)
            abort();
    }
    temporary_remove(&sweep->temporary);
    return status;
}

int sweep_is_sound(int status)
{
    return WIFEXITED(status) &&
           (WEXITSTATUS(status) == END_PASSED || WEXITSTATUS(status) == END_FAILED);
}
