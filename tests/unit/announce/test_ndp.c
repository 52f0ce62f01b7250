/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lab.h"

#define SERVICE "2001:db8::10"

static struct announce *settled(void)
{
    struct announce *core = lab_new(1);

    lab_add(core, 0, SERVICE);
    lab_settle(core, 0, 10 * SECOND);
    return core;
}

static void assert_silent(struct announce *core)
{
    assert_int_equal(lab_drain(core, 0, NULL, 0), 0);
    announce_free(core);
}

/* Takes the only answer and checks what all have in common. */
static struct ndp_message take_answer(struct announce *core, struct sent *sent)
{
    struct mlb_address service = address_of(SERVICE);
    struct ndp_message answer;
    uint8_t own[6];

    own_hardware(1, own);
    assert_int_equal(lab_drain(core, 0, sent, 1), 1);
    assert_int_equal(sent->interface_index, 1);
    assert_int_equal(sent->kind, ANNOUNCE_FRAME_NDP);
    assert_memory_equal(sent->bytes + 6, own, 6);
    assert_int_equal(sent->bytes[21], 255); /* hop limit */
    assert_int_equal(ndp_parse(sent->bytes + 14, sent->length - 14, &answer), MLB_OK);
    assert_int_equal(answer.type, NDP_ADVERTISEMENT);
    assert_memory_equal(answer.source, service.bytes, 16);
    assert_memory_equal(answer.target, service.bytes, 16);
    assert_int_equal(answer.has_link_address, 1);
    assert_memory_equal(answer.link_address, own, 6);
    announce_free(core);
    return answer;
}

static void assert_unicast_answer(struct announce *core, const uint8_t *hardware_address)
{
    struct mlb_address client = address_of("fe80::2");
    struct sent sent;
    struct ndp_message answer = take_answer(core, &sent);

    assert_int_equal(answer.flags, NDP_FLAG_SOLICITED | NDP_FLAG_OVERRIDE);
    assert_memory_equal(answer.destination, client.bytes, 16);
    assert_memory_equal(sent.bytes, hardware_address, 6);
}

static void test_multicast_solicitation(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for(SERVICE);

    (void)state;
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_TAKEN);
    assert_unicast_answer(core, client_hardware);
}

/* RFC 4861 §7.3.3: reachability is verified by a unicast solicitation to the address itself. */
static void test_unicast_solicitation(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for(SERVICE);

    (void)state;
    memcpy(message.destination, message.target, sizeof(message.destination));
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_TAKEN);
    assert_unicast_answer(core, client_hardware);
}

/* The option counts, not where the frame came from. */
static void test_source_option(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for(SERVICE);

    (void)state;
    assert_int_equal(lab_ndp(core, 1, rival_hardware, &message), ANNOUNCE_TAKEN);
    assert_unicast_answer(core, client_hardware);
}

static void test_without_source_option(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for(SERVICE);

    (void)state;
    message.has_link_address = 0;
    assert_int_equal(lab_ndp(core, 1, rival_hardware, &message), ANNOUNCE_TAKEN);
    assert_unicast_answer(core, rival_hardware);
}

/* RFC 4862 §5.4: a solicitation from the unspecified address is answered to all nodes. */
static void test_duplicate_address_detection(void **state)
{
    static const uint8_t all_nodes_hardware[6] = {0x33, 0x33, 0, 0, 0, 1};
    struct announce *core = settled();
    struct ndp_message message = solicitation_for(SERVICE);
    struct mlb_announcer_event event;
    struct ndp_message answer;
    struct sent sent;

    (void)state;
    memset(message.source, 0, sizeof(message.source));
    message.has_link_address = 0;
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_TAKEN);
    assert_int_equal(announce_next_event(core, &event), 0);
    answer = take_answer(core, &sent);
    assert_int_equal(answer.flags, NDP_FLAG_OVERRIDE);
    assert_memory_equal(answer.destination, ipv6_all_nodes, 16);
    assert_memory_equal(sent.bytes, all_nodes_hardware, 6);
}

/* The group of another address, and another address of ours. */
static void test_destination_that_is_not_the_target(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for(SERVICE);

    (void)state;
    memcpy(message.destination, ipv6_all_nodes, sizeof(message.destination));
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_IGNORED);
    memcpy(message.destination, solicitation_for("2001:db8::11").destination,
           sizeof(message.destination));
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_IGNORED);
    memcpy(message.destination, address_of("2001:db8::11").bytes, sizeof(message.destination));
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_IGNORED);
    assert_silent(core);
}

/* 2001:db8:1::10 has the same group, so its solicitations come in as well. */
static void test_foreign_target_of_the_same_group(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for("2001:db8:1::10");

    (void)state;
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_FOREIGN);
    assert_silent(core);
}

static void test_frame_to_another_station(void **state)
{
    static const uint8_t group_hardware[6] = {0x33, 0x33, 0xff, 0, 0, 0x10};
    struct announce *core = settled();
    struct ndp_message message = solicitation_for(SERVICE);
    uint8_t frame[NDP_FRAME_SIZE_MAX];
    size_t length = ndp_build(rival_hardware, client_hardware, &message, frame, sizeof(frame));

    (void)state;
    assert_int_equal(announce_input(core, 0, 1, frame, length, 0), ANNOUNCE_IGNORED);
    memcpy(frame, group_hardware, sizeof(group_hardware));
    assert_int_equal(announce_input(core, 0, 1, frame, length, 1), ANNOUNCE_IGNORED);
    frame[21] = 254; /* hop limit */
    assert_int_equal(announce_input(core, 0, 1, frame, length, 0), ANNOUNCE_IGNORED);
    frame[21] = 255;
    frame[60] ^= 1; /* reserved, under the checksum */
    assert_int_equal(announce_input(core, 0, 1, frame, length, 0), ANNOUNCE_IGNORED);
    frame[60] ^= 1;
    for (size_t shorter = 0; shorter < length; shorter++)
        assert_int_equal(announce_input(core, 0, 1, frame, shorter, 0), ANNOUNCE_IGNORED);
    assert_int_equal(announce_input(core, 0, 1, frame, length, 0), ANNOUNCE_TAKEN);
    announce_free(core);
}

static void test_requesters_that_cannot_be_answered(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for(SERVICE);

    (void)state;
    memset(message.link_address, 0xff, sizeof(message.link_address));
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_IGNORED);
    memset(message.link_address, 0, sizeof(message.link_address));
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_IGNORED);
    own_hardware(1, message.link_address);
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_IGNORED);
    message = solicitation_for(SERVICE);
    memcpy(message.source, message.target, sizeof(message.source));
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_IGNORED);
    assert_silent(core);
}

static void test_own_frame(void **state)
{
    struct announce *core = settled();
    struct ndp_message message = solicitation_for(SERVICE);
    uint8_t own[6];

    (void)state;
    own_hardware(1, own);
    assert_int_equal(lab_ndp(core, 1, own, &message), ANNOUNCE_IGNORED);
    assert_silent(core);
}

static void test_interface_not_allowed(void **state)
{
    struct announce *core = lab_new(2);
    const char *names[] = {"eth2"};
    struct mlb_address address = address_of(SERVICE);
    struct ndp_message message = solicitation_for(SERVICE);

    (void)state;
    assert_int_equal(announce_add(core, 0, &address, names, 1), MLB_OK);
    lab_settle(core, 0, 10 * SECOND);
    assert_int_equal(lab_ndp(core, 1, client_hardware, &message), ANNOUNCE_FOREIGN);
    assert_int_equal(lab_ndp(core, 2, client_hardware, &message), ANNOUNCE_TAKEN);
    announce_free(core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_multicast_solicitation),
        cmocka_unit_test(test_unicast_solicitation),
        cmocka_unit_test(test_source_option),
        cmocka_unit_test(test_without_source_option),
        cmocka_unit_test(test_duplicate_address_detection),
        cmocka_unit_test(test_destination_that_is_not_the_target),
        cmocka_unit_test(test_foreign_target_of_the_same_group),
        cmocka_unit_test(test_frame_to_another_station),
        cmocka_unit_test(test_requesters_that_cannot_be_answered),
        cmocka_unit_test(test_own_frame),
        cmocka_unit_test(test_interface_not_allowed),
    };

    return cmocka_run_group_tests_name("announce ndp", tests, NULL, NULL);
}
