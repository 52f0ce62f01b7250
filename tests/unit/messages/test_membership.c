/* SPDX-License-Identifier: MIT */
/* Options of memberships, seeds and keys; the one that exists is bound to loopback. */
#include "table.h"

#include <string.h>
#include <unistd.h>

#define OPTIONS(call, change)                                                                    \
    static int32_t call(void *object, struct mlb_diagnostic *diagnostic)                         \
    {                                                                                            \
        struct mlb_membership_options options = {.struct_size = sizeof(options), .name = "one"}; \
        struct mlb_membership_timing timing;                                                     \
        struct mlb_membership_key key = {.length = 32};                                          \
        struct mlb_membership *membership = NULL;                                                \
        int32_t result;                                                                          \
                                                                                                 \
        (void)object;                                                                            \
        mlb_membership_timing_init(MLB_MEMBERSHIP_FAST, &timing, NULL);                          \
        options.timing = &timing;                                                                \
        options.keys = &key;                                                                     \
        change;                                                                                  \
        result = mlb_membership_new(&options, &membership, diagnostic);                          \
        assert_null(membership);                                                                 \
        return result;                                                                           \
    }

/* The name, the label or the texts of seeds, longer than any may be. */
static char long_text[400];

OPTIONS(no_size, options.struct_size = 0)
OPTIONS(flags, options.flags = 0x10)
OPTIONS(reserved, options.reserved = 7)
OPTIONS(no_name, options.name = "")
OPTIONS(long_name, options.name = long_text)
OPTIONS(long_label, options.label = long_text)
OPTIONS(no_keys, (options.keys = NULL, options.key_count = 2))
OPTIONS(many_keys, options.key_count = 17)
OPTIONS(short_key, (options.key_count = 1, key.length = 20))
OPTIONS(no_meta, options.meta_length = 5)
OPTIONS(long_meta, (options.meta = (const uint8_t *)long_text, options.meta_length = 513))
OPTIONS(timing_size, timing.struct_size = 0)
OPTIONS(timing_flags, timing.flags = 2)
OPTIONS(timing_reserved, timing.reserved = 7)
OPTIONS(no_interval, timing.probe_interval = 0)
OPTIONS(long_timeout, timing.probe_timeout = timing.probe_interval)
OPTIONS(many_nodes, timing.gossip_nodes = 100)
OPTIONS(bind_family, options.bind_address.family = 5)
OPTIONS(bind_multicast,
        options.bind_address = ((struct mlb_address){MLB_FAMILY_IPV4, {0}, {224, 0, 0, 1}}))
OPTIONS(advertise_nothing,
        options.advertise_address = ((struct mlb_address){MLB_FAMILY_IPV4, {0}, {0}}))
OPTIONS(advertise_link, options.advertise_address = ((struct mlb_address){
                            MLB_FAMILY_IPV6, {0}, {0xfe, 0x80, [15] = 1}}))
OPTIONS(versions, memcpy(options.delegate_versions, "\2\1\1", 3))

static int32_t no_options(void *object, struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership *membership = NULL;

    (void)object;
    return mlb_membership_new(NULL, &membership, diagnostic);
}

static int32_t no_place(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_membership_options options = {.struct_size = sizeof(options), .name = "one"};

    (void)object;
    return mlb_membership_new(&options, NULL, diagnostic);
}

static const struct wrong options[] = {
    {"no options", no_options, MLB_ERROR_INVALID_ARGUMENT,
     "there are no options (NULL); a membership needs at least a name"},
    {"no place", no_place, MLB_ERROR_INVALID_ARGUMENT,
     "there is no place for the membership (NULL)"},
    {"no struct_size", no_size, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size is 0; set it to sizeof(struct mlb_membership_options) and all that is not "
     "used to zero"},
    {"flags", flags, MLB_ERROR_INVALID_ARGUMENT,
     "the flags of the options are 0x10; only MLB_MEMBERSHIP_NO_COMPRESSION is known"},
    {"reserved", reserved, MLB_ERROR_INVALID_ARGUMENT,
     "the member \"reserved\" of the options is 7; set it to 0"},
    {"no name", no_name, MLB_ERROR_INVALID_ARGUMENT,
     "the node has no name; give it one that no other member of the group has"},
    {"long name", long_name, MLB_ERROR_INVALID_ARGUMENT,
     "the name of the node is longer than 255 bytes; choose a shorter one"},
    {"long label", long_label, MLB_ERROR_INVALID_ARGUMENT,
     "the label is longer than 255 bytes; choose a shorter one"},
    {"no keys", no_keys, MLB_ERROR_INVALID_ARGUMENT,
     "the number of keys is 2 but the keys are missing (NULL)"},
    {"too many keys", many_keys, MLB_ERROR_INVALID_ARGUMENT,
     "there are 17 keys; at most 16 can be given"},
    {"length of a key", short_key, MLB_ERROR_INVALID_ARGUMENT,
     "key 1 has 20 bytes; a key has 16, 24 or 32 (AES-128, AES-192 or AES-256)"},
    {"no meta data", no_meta, MLB_ERROR_INVALID_ARGUMENT,
     "the length of the meta data is 5 but it is missing (NULL)"},
    {"long meta data", long_meta, MLB_ERROR_INVALID_ARGUMENT,
     "the meta data has 513 bytes; at most 512 can be told"},
    {"timing without size", timing_size, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size of the timing is 0; fill the timing in with mlb_membership_timing_init() "
     "first"},
    {"timing flags", timing_flags, MLB_ERROR_INVALID_ARGUMENT,
     "timing: flags is 2; it can be 0 to 1"},
    {"timing reserved", timing_reserved, MLB_ERROR_INVALID_ARGUMENT,
     "timing: reserved is 7; set it to 0"},
    {"interval of 0", no_interval, MLB_ERROR_INVALID_ARGUMENT,
     "timing: probe_interval is 0; it can be 1 to 3600000"},
    {"timeout of an interval", long_timeout, MLB_ERROR_INVALID_ARGUMENT,
     "timing: probe_timeout is 100; it must be less than probe_interval, which is 100"},
    {"gossip to many", many_nodes, MLB_ERROR_INVALID_ARGUMENT,
     "timing: gossip_nodes is 100; it can be 1 to 16"},
    {"family", bind_family, MLB_ERROR_INVALID_ARGUMENT,
     "the family of bind_address is 5; it can be MLB_FAMILY_IPV4 (4), MLB_FAMILY_IPV6 (6) or "
     "MLB_FAMILY_NONE (0)"},
    {"multicast", bind_multicast, MLB_ERROR_INVALID_ARGUMENT,
     "bind_address cannot be 224.0.0.1: it is a multicast address, which many hosts share"},
    {"unspecified", advertise_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "advertise_address cannot be 0.0.0.0: it is no address of a host"},
    {"link-local", advertise_link, MLB_ERROR_INVALID_ARGUMENT,
     "advertise_address cannot be fe80::1: it is valid on one link only; take a global or unique "
     "local address"},
    {"versions", versions, MLB_ERROR_INVALID_ARGUMENT,
     "delegate_versions are 2, 1, 1; they must be the least, the most, and the one spoken, which "
     "lies between both"},
};

static const struct wrong_text seeds[] = {
    {"", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"\": it is empty; write a host, or a host and its port"},
    {"192.0.2.1:0", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"192.0.2.1:0\": a port is a number from 1 to 65535"},
    {"192.0.2.1:port", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"192.0.2.1:port\": a port is a number from 1 to 65535"},
    {"192.0.2.1,192.0.2.2", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"192.0.2.1,192.0.2.2\": a comma has no place here; give each seed by itself"},
    {"192.0.2.0/24", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"192.0.2.0/24\": a seed is one host, written without a scheme, path or prefix length"},
    {"http://192.0.2.1", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"http://192.0.2.1\": a seed is one host, written without a scheme, path or prefix "
     "length"},
    {"2001:db8::1:7946:", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"2001:db8::1:7946:\": an IPv6 address and its port are written as [2001:db8::1]:port"},
    {"[2001:db8::1", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"[2001:db8::1\": the bracket is not closed; write [2001:db8::1]:port"},
    {"[192.0.2.1]:7946", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"[192.0.2.1]:7946\": only an IPv6 address stands in brackets"},
    {"fe80::1%eth0", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"fe80::1%eth0\": a zone has no place here; take a global or unique local address"},
    {"192.0.2.256", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"192.0.2.256\": an IPv4 address is four numbers from 0 to 255, such as 192.0.2.1"},
    {"224.0.0.1", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"224.0.0.1\": it is a multicast address, which many hosts share"},
    {"node a", MLB_ERROR_INVALID_ARGUMENT, "seed \"node a\": white space has no place in it"},
    {"node-.example.org", MLB_ERROR_INVALID_ARGUMENT,
     "seed \"node-.example.org\": a part of the host name begins or ends with a hyphen"},
    {":7946", MLB_ERROR_INVALID_ARGUMENT, "seed \":7946\": the host is missing"},
};

static int32_t join(void *object, const char *text, struct mlb_diagnostic *diagnostic)
{
    return mlb_membership_join(object, &text, 1, diagnostic);
}

static int32_t join_without_text(void *object, struct mlb_diagnostic *diagnostic)
{
    return join(object, NULL, diagnostic);
}

static int32_t join_without_list(void *object, struct mlb_diagnostic *diagnostic)
{
    return mlb_membership_join(object, NULL, 3, diagnostic);
}

static int32_t join_too_many(void *object, struct mlb_diagnostic *diagnostic)
{
    static const char *texts[1025];

    return mlb_membership_join(object, texts, COUNT(texts), diagnostic);
}

static int32_t join_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    (void)object;
    return join(NULL, "192.0.2.1", diagnostic);
}

static int32_t dispatch_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    (void)object;
    return mlb_membership_dispatch(NULL, diagnostic);
}

static int32_t set_short_key(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_membership_key keys[] = {{.length = 32}, {.length = 31}};

    return mlb_membership_set_keys(object, keys, 2, diagnostic);
}

static int32_t take_keys_away(void *object, struct mlb_diagnostic *diagnostic)
{
    return mlb_membership_set_keys(object, NULL, 0, diagnostic);
}

static int32_t set_keys_of_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    (void)object;
    return mlb_membership_set_keys(NULL, NULL, 0, diagnostic);
}

static const struct wrong calls[] = {
    {"no text", join_without_text, MLB_ERROR_INVALID_ARGUMENT, "seed \"\": it is missing (NULL)"},
    {"no list", join_without_list, MLB_ERROR_INVALID_ARGUMENT,
     "the count is 3 but the list of seeds is missing (NULL)"},
    {"too many seeds", join_too_many, MLB_ERROR_INVALID_ARGUMENT,
     "there are 1025 seeds; at most 1024 can be given"},
    {"no membership", join_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "there is no membership (NULL); make one with mlb_membership_new()"},
    {"no membership to dispatch", dispatch_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "there is no membership (NULL); make one with mlb_membership_new()"},
    {"length of a key", set_short_key, MLB_ERROR_INVALID_ARGUMENT,
     "key 2 has 31 bytes; a key has 16, 24 or 32 (AES-128, AES-192 or AES-256)"},
    {"no keys any more", take_keys_away, MLB_ERROR_INVALID_ARGUMENT,
     "the keys cannot be taken away from a membership that has some; make a new one without keys"},
    {"no membership to key", set_keys_of_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "there is no membership (NULL); make one with mlb_membership_new()"},
};

static struct mlb_membership_timing timing = {.struct_size = sizeof(timing)};
static struct mlb_membership_key made_key;
static struct mlb_membership_event event = {.struct_size = sizeof(event)};
static struct mlb_membership_event small_event = {.struct_size = 4};
static struct mlb_member member = {.struct_size = sizeof(member)};
static struct mlb_member small_member = {.struct_size = 16};
static struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};
static uint8_t facts[MLB_MEMBERSHIP_FACTS_MAX + 1];
static const uint8_t *const secret = (const uint8_t *)"secret";
static size_t length;

CALL(time_profile, mlb_membership_timing_init(3, &timing, diagnostic))
CALL(time_nothing, mlb_membership_timing_init(MLB_MEMBERSHIP_FAST, NULL, diagnostic))
CALL(key_of_nothing, mlb_membership_key_from_secret(NULL, 0, &made_key, diagnostic))
CALL(key_of_missing, mlb_membership_key_from_secret(NULL, 6, &made_key, diagnostic))
CALL(key_nowhere, mlb_membership_key_from_secret(secret, 6, NULL, diagnostic))
CALL(event_nowhere, mlb_membership_next_event(object, NULL, diagnostic))
CALL(event_small, mlb_membership_next_event(object, &small_event, diagnostic))
CALL(event_of_nothing, mlb_membership_next_event(NULL, &event, diagnostic))
CALL(leave_nothing, mlb_membership_leave(NULL, 100, diagnostic))
CALL(return_present, mlb_membership_return(object, diagnostic))
CALL(return_nothing, mlb_membership_return(NULL, diagnostic))
CALL(set_long_meta, mlb_membership_set_meta(object, facts, 513, diagnostic))
CALL(set_no_meta, mlb_membership_set_meta(object, NULL, 5, diagnostic))
CALL(meta_of_nothing, mlb_membership_set_meta(NULL, NULL, 0, diagnostic))
CALL(long_facts, mlb_membership_set_facts(object, facts, sizeof(facts), diagnostic))
CALL(no_facts, mlb_membership_set_facts(object, NULL, 5, diagnostic))
CALL(facts_of_nothing, mlb_membership_set_facts(NULL, NULL, 0, diagnostic))
CALL(member_behind, mlb_membership_member(object, 1, &member, diagnostic))
CALL(member_small, mlb_membership_member(object, 0, &small_member, diagnostic))
CALL(member_of_nothing, mlb_membership_member(NULL, 0, &member, diagnostic))
CALL(find_stranger, mlb_membership_find(object, "two", &member, diagnostic))
CALL(find_nobody, mlb_membership_find(object, NULL, &member, diagnostic))
CALL(find_nowhere, mlb_membership_find(object, "one", NULL, diagnostic))
CALL(find_in_nothing, mlb_membership_find(NULL, "one", &member, diagnostic))
CALL(facts_of_stranger, mlb_membership_facts(object, "two", facts, 8, &length, NULL, diagnostic))
CALL(facts_untold, mlb_membership_facts(object, "one", facts, 8, &length, NULL, diagnostic))
CALL(facts_of_nobody, mlb_membership_facts(object, NULL, facts, 8, &length, NULL, diagnostic))
CALL(facts_nowhere, mlb_membership_facts(object, "one", NULL, 8, &length, NULL, diagnostic))
CALL(facts_unmeasured, mlb_membership_facts(object, "one", facts, 8, NULL, NULL, diagnostic))
CALL(facts_in_nothing, mlb_membership_facts(NULL, "one", facts, 8, &length, NULL, diagnostic))
CALL(count_nowhere, mlb_membership_statistics(object, NULL, diagnostic))
CALL(count_nothing, mlb_membership_statistics(NULL, &statistics, diagnostic))

#define NO_MEMBERSHIP "there is no membership (NULL); make one with mlb_membership_new()"

static const struct wrong questions[] = {
    {"unknown profile", time_profile, MLB_ERROR_INVALID_ARGUMENT,
     "the profile is 3; it can be MLB_MEMBERSHIP_FAST (0), MLB_MEMBERSHIP_LAN (1) or "
     "MLB_MEMBERSHIP_WAN (2)"},
    {"no timing", time_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"timing\" is missing (NULL)"},
    {"empty secret", key_of_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the secret is empty; it needs at least one byte"},
    {"no secret", key_of_missing, MLB_ERROR_INVALID_ARGUMENT,
     "the length of the secret is 6 but it is missing (NULL)"},
    {"no key", key_nowhere, MLB_ERROR_INVALID_ARGUMENT, "the argument \"key\" is missing (NULL)"},
    {"no event", event_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no struct mlb_membership_event to write to (NULL)"},
    {"small event", event_small, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size of the struct mlb_membership_event to write to is 4; set it to sizeof(struct "
     "mlb_membership_event)"},
    {"event of nothing", event_of_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_MEMBERSHIP},
    {"nothing leaves", leave_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_MEMBERSHIP},
    {"returns though it is there", return_present, MLB_ERROR_WRONG_STATE,
     "cannot return to the group: this node has not left with mlb_membership_leave()"},
    {"nothing returns", return_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_MEMBERSHIP},
    {"long meta data", set_long_meta, MLB_ERROR_INVALID_ARGUMENT,
     "the meta data has 513 bytes; at most 512 can be told"},
    {"no meta data", set_no_meta, MLB_ERROR_INVALID_ARGUMENT,
     "the length of the meta data is 5 but it is missing (NULL)"},
    {"meta data of nothing", meta_of_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_MEMBERSHIP},
    {"long facts", long_facts, MLB_ERROR_INVALID_ARGUMENT,
     "the facts have 4097 bytes; at most 4096 can be told"},
    {"no facts", no_facts, MLB_ERROR_INVALID_ARGUMENT,
     "the length is 5 but the facts are missing (NULL)"},
    {"facts of nothing", facts_of_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_MEMBERSHIP},
    {"behind the last member", member_behind, MLB_ERROR_NOT_FOUND,
     "the group has no member at position 1"},
    {"small member", member_small, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size of the struct mlb_member to write to is 16; set it to sizeof(struct "
     "mlb_member)"},
    {"member of nothing", member_of_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_MEMBERSHIP},
    {"stranger", find_stranger, MLB_ERROR_NOT_FOUND, "no member has the name \"two\""},
    {"nobody", find_nobody, MLB_ERROR_INVALID_ARGUMENT, "the argument \"name\" is missing (NULL)"},
    {"found into nothing", find_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no struct mlb_member to write to (NULL)"},
    {"found in nothing", find_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_MEMBERSHIP},
    {"facts of a stranger", facts_of_stranger, MLB_ERROR_NOT_FOUND,
     "no member has the name \"two\""},
    {"facts never told", facts_untold, MLB_ERROR_NOT_FOUND, "\"one\" has told no facts"},
    {"facts of nobody", facts_of_nobody, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"name\" is missing (NULL)"},
    {"facts to nowhere", facts_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"facts\" is missing (NULL)"},
    {"facts without length", facts_unmeasured, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"length\" is missing (NULL)"},
    {"facts in nothing", facts_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_MEMBERSHIP},
    {"statistics to nowhere", count_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no struct mlb_membership_statistics to write to (NULL)"},
    {"statistics of nothing", count_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_MEMBERSHIP},
};

/* What is wrong only after other calls. */
CALL(leave_twice, mlb_membership_leave(object, 100, diagnostic))
CALL(facts_short, mlb_membership_facts(object, "one", facts, 3, &length, NULL, diagnostic))

static const struct wrong with_facts[] = {
    {"short room for facts", facts_short, MLB_ERROR_BUFFER_TOO_SMALL,
     "the facts of \"one\" are longer than the 3 bytes that there is room for; "
     "MLB_MEMBERSHIP_FACTS_MAX (4096) bytes are always enough"},
};

static const struct wrong without_group[] = {
    {"leaves again", leave_twice, MLB_ERROR_WRONG_STATE,
     "cannot leave the group: this node has left already; mlb_membership_return() brings it back"},
};

static void test_options(void **state)
{
    (void)state;
    memset(long_text, 'a', sizeof(long_text) - 1);
    check_calls(options, COUNT(options), NULL);
}

/* An address of loopback that no other process uses. */
static struct mlb_address own_address(void)
{
    const int process = getpid();

    return (struct mlb_address){
        .family = MLB_FAMILY_IPV4,
        .bytes = {127, (uint8_t)(1 + (process >> 8) % 250), (uint8_t)process, 1},
    };
}

static void test_calls(void **state)
{
    const struct mlb_membership_key key = {.length = 32};
    const struct mlb_membership_options wanted = {
        .struct_size = sizeof(wanted),
        .name = "one",
        .bind_address = own_address(),
        .keys = &key,
        .key_count = 1,
    };
    struct mlb_membership *membership = NULL;

    (void)state;
    assert_int_equal(mlb_membership_new(&wanted, &membership, NULL), MLB_OK);
    check_texts(seeds, COUNT(seeds), join, membership);
    check_calls(calls, COUNT(calls), membership);
    check_calls(questions, COUNT(questions), membership);
    assert_int_equal(mlb_membership_set_facts(membership, secret, 6, NULL), MLB_OK);
    check_calls(with_facts, COUNT(with_facts), membership);
    assert_int_equal(mlb_membership_leave(membership, 100, NULL), MLB_OK);
    check_calls(without_group, COUNT(without_group), membership);
    mlb_membership_free(membership);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_calls),
    };

    return cmocka_run_group_tests_name("messages of the membership", tests, NULL, NULL);
}
