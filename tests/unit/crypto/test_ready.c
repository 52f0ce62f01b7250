/* SPDX-License-Identifier: MIT */
/* The first use of libcrypto in a process, of which the sweep without memory takes each step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/aes_gcm.h"
#include "crypto/entropy.h"
#include "crypto/ready.h"

static void test_first_key(void **state)
{
    static const uint8_t key[16];
    struct aes_gcm *aes = aes_gcm_new(key, sizeof(key));

    (void)state;
    assert_non_null(aes);
    assert_true(crypto_is_ready());
    aes_gcm_free(aes);
}

static void test_first_random_bytes(void **state)
{
    uint8_t bytes[16];

    (void)state;
    assert_int_equal(entropy_fill(NULL, bytes, sizeof(bytes)), 0);
    assert_true(crypto_is_ready());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_key),
        cmocka_unit_test(test_first_random_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
