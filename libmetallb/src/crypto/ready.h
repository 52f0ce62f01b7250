/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Whether libcrypto has set itself up, which takes memory. OpenSSL 3.0 crashes in
 * EVP_CIPHER_fetch() and RAND_bytes() where it has not; so each module asks here before it calls
 * any other function.
 */
int crypto_is_ready(void);
