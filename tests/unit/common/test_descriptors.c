/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "common/descriptors.h"

static void test_limit_is_raised_as_far_as_allowed(void **state)
{
    struct rlimit limit;
    struct rlimit raised;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max / 2;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(descriptors_raise_limit(), 0);
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &raised), 0);
        assert_int_equal(raised.rlim_cur, limit.rlim_max);
        assert_int_equal(raised.rlim_max, limit.rlim_max);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit_is_raised_as_far_as_allowed),
    };

    return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
