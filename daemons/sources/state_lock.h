/* SPDX-License-Identifier: MIT */
/* DIR/lock: one controller at a time. */
#pragma once

#include <stddef.h>

/*
 * Takes the lock of a directory and writes into it who has it: process, host, since when.
 *
 * It is a flock(2): it ends with the process, however that ends. On NFS it is a lock of the file
 * server, which holds between hosts.
 *
 * @param descriptor  receives the open lock file; closing it gives the lock back
 * @param holder      receives who holds it, for -EBUSY
 * @return            0 or a negative errno
 */
int state_lock_take(int directory, int *descriptor, char *holder, size_t holder_size);
