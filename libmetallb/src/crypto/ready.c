/* SPDX-License-Identifier: MIT */
#include "crypto/ready.h"

#include <openssl/crypto.h>

int crypto_is_ready(void)
{
    /* The tables of names, which any use would fill as well; and then the default context. */
    return OPENSSL_init_crypto(OPENSSL_INIT_ADD_ALL_CIPHERS, NULL) &&
           OSSL_LIB_CTX_get0_global_default() != NULL;
}
