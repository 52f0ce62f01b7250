/* SPDX-License-Identifier: MIT */
#include "crypto/entropy.h"

#include <limits.h>
#include <openssl/rand.h>

#include "crypto/ready.h"

int entropy_fill(void *context, uint8_t *bytes, size_t length)
{
    (void)context;
    if (length > INT_MAX || !crypto_is_ready())
        return -1;
    return RAND_bytes(bytes, (int)length) == 1 ? 0 : -1;
}
