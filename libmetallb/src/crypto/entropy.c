/* SPDX-License-Identifier: MIT */
#include "crypto/entropy.h"

#include <limits.h>
#include <openssl/rand.h>

int entropy_fill(void *context, uint8_t *bytes, size_t length)
{
    (void)context;
    if (length > INT_MAX)
        return -1;
    return RAND_bytes(bytes, (int)length) == 1 ? 0 : -1;
}
