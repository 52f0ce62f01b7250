/* SPDX-License-Identifier: MIT */
/* How seeds are written: what each text means, and what is said where it means nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "live/membership/membership.h"

#define DEFAULT_PORT 7946

#define LABEL_63     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LABEL_61     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME_253     LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61

static const struct {
    const char *text;
    const char *address; /* NULL: a name */
    const char *name;
    uint16_t port;
} good[] = {
    {"192.0.2.1", "192.0.2.1", "", DEFAULT_PORT},
    {"192.0.2.1:1", "192.0.2.1", "", 1},
    {"192.0.2.1:65535", "192.0.2.1", "", 65535},
    {"2001:db8::1", "2001:db8::1", "", DEFAULT_PORT},
    {"[2001:db8::1]", "2001:db8::1", "", DEFAULT_PORT},
    {"[2001:db8::1]:8000", "2001:db8::1", "", 8000},
    {"[::1]:7947", "::1", "", 7947},
    {"2001:db8::1:7946", "2001:db8::1:7946", "", DEFAULT_PORT},
    {"::ffff:192.0.2.1", "192.0.2.1", "", DEFAULT_PORT},
    {"[::ffff:192.0.2.1]:9", "192.0.2.1", "", 9},
    {"host", NULL, "host", DEFAULT_PORT},
    {"host.example.org:8000", NULL, "host.example.org", 8000},
    {"host.example.org.", NULL, "host.example.org.", DEFAULT_PORT},
    {"node_1-a", NULL, "node_1-a", DEFAULT_PORT},
    {"1host", NULL, "1host", DEFAULT_PORT},
    {"10.0.0.1.example", NULL, "10.0.0.1.example", DEFAULT_PORT},
    {"0xa", NULL, "0xa", DEFAULT_PORT},
    {NAME_253, NULL, NAME_253, DEFAULT_PORT},
    {NAME_253 ".", NULL, NAME_253 ".", DEFAULT_PORT},
};

static const struct {
    const char *text;
    const char *complaint;
} bad[] = {
    {NULL, "it is missing (NULL)"},
    {"", "it is empty; write a host, or a host and its port"},
    {" ", "white space"},
    {"host ", "white space"},
    {"a b", "white space"},
    {"a\tb", "white space"},
    {"host:", "a port is a number from 1 to 65535"},
    {"host:0", "a port is a number from 1 to 65535"},
    {"host:65536", "a port is a number from 1 to 65535"},
    {"host:99999999999", "a port is a number from 1 to 65535"},
    {"host:+1", "a port is a number from 1 to 65535"},
    {"host:07946", "a port is a number from 1 to 65535"},
    {"host:http", "a port is a number from 1 to 65535"},
    {":7946", "the host is missing"},
    {"[2001:db8::1", "the bracket is not closed"},
    {"[2001:db8::1]7946", "a colon and the port are expected behind the bracket"},
    {"[2001:db8::1]:", "a port is a number from 1 to 65535"},
    {"[]", "an address is missing here"},
    {"[]:7946", "an address is missing here"},
    {"[192.0.2.1]:7946", "only an IPv6 address stands in brackets"},
    {"[host]:7946", "only an IPv6 address stands in brackets"},
    {"2001:db8:::1", "written as [2001:db8::1]:port"},
    {"2001:db8:1", "written as [2001:db8::1]:port"},
    {"1:2:3:4:5:6:7:8:7946", "written as [2001:db8::1]:port"},
    {"host:1:2", "written as [2001:db8::1]:port"},
    {"fe80::1%eth0", "a zone has no place here"},
    {"fe80::1", "valid on one link only"},
    {"[fe80::1]:7946", "valid on one link only"},
    {"192.0.2.256", "four numbers from 0 to 255"},
    {"192.0.2", "four numbers from 0 to 255"},
    {"192.0.2.01", "leading zero"},
    {"10", "four numbers from 0 to 255"},
    {"host.10", "the last part of a host name is not a number"},
    {"0.0.0.0", "no address of a host"},
    {"::", "no address of a host"},
    {"224.0.0.1", "a multicast address"},
    {"ff02::1", "a multicast address"},
    {"255.255.255.255", "no host can have it"},
    {"240.0.0.1", "no host can have it"},
    {"192.0.2.0/24", "without a scheme, path or prefix length"},
    {"host/24", "without a scheme, path or prefix length"},
    {"http://host", "without a scheme, path or prefix length"},
    {"a,b", "give each seed by itself"},
    {"a..b", "a part of the host name is empty"},
    {".", "a part of the host name is empty"},
    {".a", "a part of the host name is empty"},
    {"a..", "a part of the host name is empty"},
    {"-a", "begins or ends with a hyphen"},
    {"a-.b", "begins or ends with a hyphen"},
    {"h\xc3\xb6st", "letters, digits, hyphens and dots only"},
    {"host!", "letters, digits, hyphens and dots only"},
    {LABEL_63 "a", "longer than 63 characters"},
    {NAME_253 "a", "longer than 253 characters"},
    {NAME_253 "a.", "longer than 253 characters"},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct seed seed = {.port = 0};
        char text[MLB_ADDRESS_TEXT_SIZE] = "";

        assert_int_equal(membership_parse_seed(good[i].text, DEFAULT_PORT, &seed, NULL), MLB_OK);
        assert_int_equal(seed.port, good[i].port);
        assert_string_equal(seed.name, good[i].name);
        assert_int_equal(seed.count, good[i].address != NULL);
        if (good[i].address) {
            mlb_address_format(&seed.addresses[0], text, sizeof(text), NULL);
            assert_string_equal(text, good[i].address);
        }
        free(seed.addresses);
    }
}

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct seed seed = {.port = 77};
        struct mlb_diagnostic diagnostic;

        mlb_diagnostic_init(&diagnostic);
        assert_int_equal(membership_parse_seed(bad[i].text, DEFAULT_PORT, &seed, &diagnostic),
                         MLB_ERROR_INVALID_ARGUMENT);
        /* It names the seed and says what is wrong. */
        assert_non_null(strstr(diagnostic.message, bad[i].complaint));
        assert_non_null(strstr(diagnostic.message, bad[i].text ? bad[i].text : ""));
        assert_string_equal(diagnostic.subject, bad[i].text ? bad[i].text : "");
        assert_int_equal(seed.port, 77);
        assert_null(seed.addresses);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
