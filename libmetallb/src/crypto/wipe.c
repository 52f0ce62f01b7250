/* SPDX-License-Identifier: MIT */
#include "crypto/wipe.h"

#include <openssl/crypto.h>

void wipe(void *bytes, size_t length)
{
    OPENSSL_cleanse(bytes, length);
}
