/* SPDX-License-Identifier: MIT */
/* Where a server listens, as people write it. */
#pragma once

#include <stddef.h>

/*
 * Opens a listening TCP socket on "ADDRESS:PORT", "[ADDRESS]:PORT" or ":PORT".
 *
 * @param error  receives a sentence that names the text
 * @return       the socket, not blocking, or -1
 */
int listen_open(const char *text, char *error, size_t error_size);
