/* SPDX-License-Identifier: MIT */
/*
 * What a case waits for may not come once memory was short: it says so after its patience, 5 to 20
 * seconds each time. Here it ends at once.
 */
#include "sweep.h"

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

/* Longer than it takes until a module tries again what failed. */
#define WAIT_MS 2000

int __real_poll(struct pollfd *descriptors, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *descriptors, nfds_t count, int timeout);
int __real_sem_wait(sem_t *semaphore);
int __wrap_sem_wait(sem_t *semaphore);

static int is_short_of_memory(void)
{
    return sweep && sweep->allocator.hit;
}

/* Memory may also become short while the case waits: so it never waits for longer at once. */
int __wrap_poll(struct pollfd *descriptors, nfds_t count, int timeout)
{
    while (timeout < 0 || timeout > WAIT_MS) {
        const int was_short = is_short_of_memory();
        const int ready = __real_poll(descriptors, count, WAIT_MS);

        if (ready)
            return ready;
        if (was_short)
            _exit(END_FAILED);
        if (timeout > 0)
            timeout -= WAIT_MS;
    }
    return __real_poll(descriptors, count, timeout);
}

int __wrap_sem_wait(sem_t *semaphore)
{
    for (;;) {
        const int was_short = is_short_of_memory();
        struct timespec end;

        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_sec += WAIT_MS / 1000;
        if (sem_timedwait(semaphore, &end) == 0)
            return 0;
        if (errno != ETIMEDOUT)
            return -1;
        if (was_short)
            _exit(END_FAILED);
    }
}
