/* SPDX-License-Identifier: MIT */
/* What a membership refuses to be made of, and the calls without one. */
#include "group_harness.h"

#include <stdlib.h>
#include <string.h>

#define LONG_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* 256 bytes, one more than fits. */
#define TOO_LONG LONG_64 LONG_64 LONG_64 LONG_64

/* The options and all that they point to. */
struct fixture {
    struct mlb_membership_options options;
    struct mlb_membership_timing timing;
    struct mlb_membership_key keys[MLB_MEMBERSHIP_KEYS_MAX + 1];
    struct {
        struct mlb_membership_options options;
        uint64_t unknown;
    } larger;
    const struct mlb_membership_options *given;
};

static void no_options(struct fixture *fixture)
{
    fixture->given = NULL;
}

static void no_size(struct fixture *fixture)
{
    fixture->options.struct_size = 0;
}

static void small(struct fixture *fixture)
{
    fixture->options.struct_size--;
}

static void newer(struct fixture *fixture)
{
    fixture->larger.options = fixture->options;
    fixture->larger.options.struct_size = sizeof(fixture->larger);
    fixture->larger.unknown = 1;
    fixture->given = &fixture->larger.options;
}

static void flags(struct fixture *fixture)
{
    fixture->options.flags = 2;
}

static void reserved(struct fixture *fixture)
{
    fixture->options.reserved = 1;
}

static void no_name(struct fixture *fixture)
{
    fixture->options.name = NULL;
}

static void empty_name(struct fixture *fixture)
{
    fixture->options.name = "";
}

static void control_in_name(struct fixture *fixture)
{
    fixture->options.name = "node\n1";
}

static void long_name(struct fixture *fixture)
{
    fixture->options.name = TOO_LONG;
}

static void long_label(struct fixture *fixture)
{
    fixture->options.label = TOO_LONG;
}

static void missing_keys(struct fixture *fixture)
{
    fixture->options.keys = NULL;
    fixture->options.key_count = 1;
}

static void odd_key(struct fixture *fixture)
{
    fixture->keys[1].length = 17;
    fixture->options.key_count = 2;
}

static void empty_key(struct fixture *fixture)
{
    fixture->keys[0].length = 0;
    fixture->options.key_count = 1;
}

static void many_keys(struct fixture *fixture)
{
    fixture->options.key_count = MLB_MEMBERSHIP_KEYS_MAX + 1;
}

static void long_meta(struct fixture *fixture)
{
    fixture->options.meta = (const uint8_t *)TOO_LONG TOO_LONG TOO_LONG;
    fixture->options.meta_length = MLB_MEMBERSHIP_META_MAX + 1;
}

static void missing_meta(struct fixture *fixture)
{
    fixture->options.meta_length = 1;
}

static void timing_size(struct fixture *fixture)
{
    fixture->timing.struct_size = 4;
    fixture->options.timing = &fixture->timing;
}

static void timing_value(struct fixture *fixture)
{
    fixture->timing.probe_interval = 0;
    fixture->options.timing = &fixture->timing;
}

static void timing_relation(struct fixture *fixture)
{
    fixture->timing.probe_timeout = fixture->timing.probe_interval;
    fixture->options.timing = &fixture->timing;
}

static void bind_family(struct fixture *fixture)
{
    fixture->options.bind_address.family = 5;
}

static void bind_multicast(struct fixture *fixture)
{
    fixture->options.bind_address = address_of("224.0.0.1");
}

static void bind_link_local(struct fixture *fixture)
{
    fixture->options.bind_address = address_of("fe80::1");
}

static void advertise_family(struct fixture *fixture)
{
    fixture->options.advertise_address.family = 5;
}

static void advertise_unspecified(struct fixture *fixture)
{
    fixture->options.advertise_address = address_of("::");
}

static void advertise_broadcast(struct fixture *fixture)
{
    fixture->options.advertise_address = address_of("255.255.255.255");
}

static void versions_reversed(struct fixture *fixture)
{
    memcpy(fixture->options.delegate_versions, "\5\2\4", 3);
}

static void version_beyond(struct fixture *fixture)
{
    memcpy(fixture->options.delegate_versions, "\2\5\6", 3);
}

static const struct {
    void (*spoil)(struct fixture *fixture);
    const char *subject;
    const char *message; /* a part of it */
} bad[] = {
    {no_options, "options", "there are no options"},
    {no_size, "struct_size",
     "the struct_size is 0; set it to sizeof(struct mlb_membership_options)"},
    {small, "struct_size", "set it to sizeof"},
    {newer, "struct_size", "does not know"},
    {flags, "flags", "only MLB_MEMBERSHIP_NO_COMPRESSION is known"},
    {reserved, "reserved", "set it to 0"},
    {no_name, "name", "has no name"},
    {empty_name, "name", "has no name"},
    {long_name, "name", "longer than 255 bytes"},
    {control_in_name, "name", "control character at byte 5"},
    {long_label, "label", "longer than 255 bytes"},
    {missing_keys, "keys", "missing"},
    {odd_key, "keys", "key 2 has 17 bytes; a key has 16, 24 or 32"},
    {empty_key, "keys", "key 1 has 0 bytes"},
    {many_keys, "keys", "there are 17 keys; at most 16"},
    {long_meta, "meta", "has 513 bytes; at most 512"},
    {missing_meta, "meta", "missing"},
    {timing_size, "timing", "mlb_membership_timing_init()"},
    {timing_value, "probe_interval", "probe_interval is 0"},
    {timing_relation, "probe_timeout", "probe_timeout is "},
    {bind_family, "bind_address", "it can be MLB_FAMILY_IPV4 (4)"},
    {bind_multicast, "bind_address", "cannot be 224.0.0.1: it is a multicast address"},
    {bind_link_local, "bind_address", "cannot be fe80::1: it is valid on one link only"},
    {advertise_family, "advertise_address", "it can be MLB_FAMILY_IPV4 (4)"},
    {advertise_unspecified, "advertise_address", "cannot be ::: it is no address of a host"},
    {advertise_broadcast, "advertise_address", "no host can have it"},
    {versions_reversed, "delegate_versions", "delegate_versions are 5, 2, 4;"},
    {version_beyond, "delegate_versions", "delegate_versions are 2, 5, 6;"},
};

static void init(struct fixture *fixture)
{
    memset(fixture, 0, sizeof(*fixture));
    fixture->options = group_options(0);
    for (size_t i = 0; i < MLB_MEMBERSHIP_KEYS_MAX + 1; i++)
        fixture->keys[i].length = 16;
    fixture->options.keys = fixture->keys;
    fixture->given = &fixture->options;
    assert_int_equal(mlb_membership_timing_init(MLB_MEMBERSHIP_LAN, &fixture->timing, NULL),
                     MLB_OK);
}

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mlb_membership *membership = NULL;
        struct mlb_diagnostic diagnostic;
        struct fixture fixture;

        init(&fixture);
        bad[i].spoil(&fixture);
        mlb_diagnostic_init(&diagnostic);
        assert_int_equal(mlb_membership_new(fixture.given, &membership, &diagnostic),
                         MLB_ERROR_INVALID_ARGUMENT);
        assert_null(membership);
        assert_int_equal(diagnostic.code, MLB_ERROR_INVALID_ARGUMENT);
        assert_string_equal(diagnostic.subject, bad[i].subject);
        if (!strstr(diagnostic.message, bad[i].message))
            fail_msg("\"%s\" does not say \"%s\"", diagnostic.message, bad[i].message);
    }
}

/* The longest and most of everything. */
static void test_largest(void **state)
{
    struct mlb_membership *membership = NULL;
    struct mlb_member member = {.struct_size = sizeof(member)};
    uint8_t meta[MLB_MEMBERSHIP_META_MAX] = {1};
    struct mlb_diagnostic diagnostic;
    struct fixture fixture;
    char text[256];

    (void)state;
    init(&fixture);
    memset(text, 'x', 255);
    text[255] = '\0';
    for (size_t i = 0; i < MLB_MEMBERSHIP_KEYS_MAX; i++)
        fixture.keys[i].bytes[0] = (uint8_t)i;
    fixture.options.name = text;
    fixture.options.label = text;
    fixture.options.key_count = MLB_MEMBERSHIP_KEYS_MAX;
    fixture.options.meta = meta;
    fixture.options.meta_length = sizeof(meta);
    fixture.options.timing = &fixture.timing;
    fixture.options.advertise_address = address_of("192.0.2.1");
    fixture.options.advertise_port = 65535;
    memcpy(fixture.options.delegate_versions, "\2\5\4", 3);
    mlb_diagnostic_init(&diagnostic);
    if (mlb_membership_new(&fixture.options, &membership, &diagnostic) != MLB_OK)
        fail_msg("%s", diagnostic.message);
    assert_int_equal(mlb_membership_find(membership, text, &member, NULL), MLB_OK);
    assert_address(&member.address, "192.0.2.1");
    assert_int_equal(member.port, 65535);
    assert_int_equal(member.meta_length, sizeof(meta));
    assert_memory_equal(member.versions + 3, "\2\5\4", 3);
    mlb_membership_free(membership);
}

/* A struct of a newer caller that asks for nothing new. */
static void test_larger_struct(void **state)
{
    struct mlb_membership *membership = NULL;
    struct fixture fixture;

    (void)state;
    init(&fixture);
    newer(&fixture);
    fixture.larger.unknown = 0;
    assert_int_equal(mlb_membership_new(fixture.given, &membership, NULL), MLB_OK);
    mlb_membership_free(membership);
}

/* Bound to all addresses, others are told one that they can reach. */
static void test_advertised(void **state)
{
    struct mlb_membership *membership = NULL;
    struct mlb_member member = {.struct_size = sizeof(member)};
    struct mlb_diagnostic diagnostic;
    struct fixture fixture;
    int32_t result;

    (void)state;
    init(&fixture);
    fixture.options.bind_address = address_of("0.0.0.0");
    fixture.options.bind_port = free_port(AF_INET);
    mlb_diagnostic_init(&diagnostic);
    result = mlb_membership_new(&fixture.options, &membership, &diagnostic);
    if (result == MLB_OK) {
        assert_int_equal(mlb_membership_member(membership, 0, &member, NULL), MLB_OK);
        assert_int_equal(member.address.family, MLB_FAMILY_IPV4);
        assert_int_not_equal(member.address.bytes[0], 0);
        assert_int_not_equal(member.address.bytes[0], 127);
        assert_int_equal(member.port, fixture.options.bind_port);
    } else {
        /* A host without a network. */
        assert_string_equal(diagnostic.subject, "advertise_address");
    }
    mlb_membership_free(membership);
}

static void test_without_membership(void **state)
{
    struct mlb_membership_event event = {.struct_size = sizeof(event)};
    struct mlb_member member = {.struct_size = sizeof(member)};
    struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};
    const struct mlb_membership_options options = group_options(0);
    const char *const seeds[] = {"192.0.2.1"};
    size_t length;

    (void)state;
    mlb_membership_free(NULL);
    assert_int_equal(mlb_membership_new(&options, NULL, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_fd(NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_dispatch(NULL, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_next_event(NULL, &event, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_join(NULL, seeds, 1, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_leave(NULL, 1, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_return(NULL, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_set_keys(NULL, NULL, 0, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_set_meta(NULL, NULL, 0, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_set_facts(NULL, NULL, 0, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_member(NULL, 0, &member, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_find(NULL, "a", &member, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_facts(NULL, "a", NULL, 0, &length, NULL, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_statistics(NULL, &statistics, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_timing_init(MLB_MEMBERSHIP_LAN, NULL, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
}

/* Structs of a caller that are too small, and arguments that are missing. */
static void test_bad_arguments(void **state)
{
    struct mlb_membership_event event = {.struct_size = sizeof(event) - 1};
    struct mlb_member member = {.struct_size = sizeof(member) - 1};
    struct mlb_membership_statistics statistics = {.struct_size = 0};
    struct mlb_membership_timing timing;
    static const uint8_t large[MLB_MEMBERSHIP_FACTS_MAX + 1];
    const struct mlb_membership_key key = {.length = 15};
    struct mlb_membership *membership;
    struct group group = {.dispatches = 0};
    const char **many = calloc(1025, sizeof(*many));
    size_t length;

    (void)state;
    group_add(&group, 0, NULL);
    membership = group.members[0].membership;
    assert_int_equal(mlb_membership_next_event(membership, &event, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_next_event(membership, NULL, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_member(membership, 0, &member, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_find(membership, "a", &member, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_statistics(membership, &statistics, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_set_meta(membership, large, MLB_MEMBERSHIP_META_MAX + 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_set_meta(membership, NULL, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_set_facts(membership, large, sizeof(large), NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_set_facts(membership, NULL, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_facts(membership, "node-0", NULL, 1, &length, NULL, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_set_keys(membership, &key, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_set_keys(membership, NULL, 0, NULL), MLB_OK);
    assert_int_equal(mlb_membership_join(membership, NULL, 1, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_join(membership, many, 1, NULL), MLB_ERROR_INVALID_ARGUMENT);
    for (size_t i = 0; i < 1025; i++)
        many[i] = "192.0.2.1";
    assert_int_equal(mlb_membership_join(membership, many, 1025, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_join(membership, many, 1024, NULL), MLB_OK);
    assert_int_equal(mlb_membership_join(membership, NULL, 0, NULL), MLB_OK);
    assert_int_equal(mlb_membership_timing_init(3, &timing, NULL), MLB_ERROR_INVALID_ARGUMENT);
    group_free(&group);
    free(many);
}

static void assert_key(const char *secret, const char *wanted)
{
    struct mlb_membership_key key;

    assert_int_equal(
        mlb_membership_key_from_secret((const uint8_t *)secret, strlen(secret), &key, NULL),
        MLB_OK);
    assert_int_equal(key.length, 32);
    assert_memory_equal(key.bytes, wanted, 32);
}

/* The first as MetalLB's own code makes it; the others by its rule. */
static void test_key_from_secret(void **state)
{
    struct mlb_membership_key key;

    (void)state;
    assert_key("AAECAwQFBgcICQoLDA0ODw",
               "AAECAwQFBgcICQoLDA0ODw\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb");
    assert_key("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef");
    assert_key("0123456789abcdef0123456789abcdefXYZ", "0123456789abcdef0123456789abcdef");
    assert_key("x", "x\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24\x27\xae\x41"
                    "\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8");
    assert_int_equal(mlb_membership_key_from_secret((const uint8_t *)"", 0, &key, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_key_from_secret(NULL, 1, &key, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_membership_key_from_secret((const uint8_t *)"x", 1, NULL, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_larger_struct),
        cmocka_unit_test(test_advertised),
        cmocka_unit_test(test_without_membership),
        cmocka_unit_test(test_bad_arguments),
        cmocka_unit_test(test_key_from_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
