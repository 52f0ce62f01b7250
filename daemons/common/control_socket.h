/* SPDX-License-Identifier: MIT */
/* The Unix socket that a control socket listens on: for the user and group of the process alone. */
#pragma once

#include <stddef.h>
#include <sys/stat.h>
#include <sys/un.h>

struct control_socket {
    int fd; /* non-blocking; -1: there is none */
    struct sockaddr_un address;
    dev_t device; /* of the file made here */
    ino_t inode;
};

/*
 * Listens, in place of a socket that nobody listens on any more.
 *
 * @param error  receives a sentence on failure
 * @return       0 or -1; after either the caller calls control_socket_close()
 */
int control_socket_open(struct control_socket *made, const char *path, int backlog, char *error,
                        size_t error_size);

/* Removes the file, unless another has taken its place. */
void control_socket_close(struct control_socket *made);
