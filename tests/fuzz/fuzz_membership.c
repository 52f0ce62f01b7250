/* SPDX-License-Identifier: MIT */
/*
 * A core is fed with a script of messages, streams, ticks and calls. Whatever comes: incarnations
 * only grow, old news brings nobody back, this node is alive unless it left, and what is sent and
 * remembered stays within its bounds.
 */
#include <stdlib.h>
#include <string.h>

#include "membership/membership.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX   300
#define MEMBERS_MAX 6
#define NAMES       8
#define MS(count)   ((uint64_t)(count)*1000000u)

/* What is remembered of a member to be compared with what is known later. */
struct record {
    int is_known;
    struct mlb_member member;
};

struct fuzz {
    struct membership *core;
    struct seal *seal;
    struct reader script;
    uint64_t now;
    uint64_t next_stream;
    uint64_t dialled;  /* the last stream that the core opened; 0: none */
    uint32_t sequence; /* of the last ping */
    int left;
    struct record records[NAMES];
};

static const char *const names[NAMES] = {"self", "a", "b", "c", "d", "e", "f", "a longer name"};

static void require(int condition)
{
    if (!condition)
        abort();
}

static struct membership_endpoint endpoint_of(uint8_t host)
{
    return (struct membership_endpoint){{MLB_FAMILY_IPV4, {0}, {192, 0, 2, host}}, 7946};
}

static void see_message(void *context, const uint8_t *message, size_t length)
{
    struct fuzz *fuzz = context;
    struct memberlist_ping ping;

    if (message[0] == MEMBERLIST_PING &&
        memberlist_parse_ping(message + 1, length - 1, &ping) == MLB_OK)
        fuzz->sequence = ping.sequence;
}

static void drain(struct fuzz *fuzz)
{
    static uint8_t buffer[SEAL_PACKET_MAX];
    struct membership_endpoint target;
    struct membership_action action;
    struct mlb_membership_event event = {.struct_size = sizeof(event)};
    size_t length = 0;

    while ((length = membership_output(fuzz->core, fuzz->now, buffer, sizeof(buffer), &target)) >
           0) {
        require(length <= 1405 && target.port > 0);
        require(seal_open_packet(fuzz->seal, buffer, length, see_message, fuzz) == MLB_OK);
    }
    while (membership_next_action(fuzz->core, &action)) {
        if (action.kind == MEMBERSHIP_STREAM_CONNECT) {
            require(action.stream % 2 == 0);
            fuzz->dialled = action.stream;
        }
        require(action.kind != MEMBERSHIP_STREAM_SEND || action.length > 0);
    }
    while (membership_next_event(fuzz->core, &event))
        require(event.kind >= MLB_MEMBERSHIP_JOINED && event.kind <= MLB_MEMBERSHIP_ERROR);
}

/* Nobody goes back: not in its incarnation, nor to life by what was known before. */
static void compare(const struct record *before, const struct mlb_member *now)
{
    const int was_gone = before->member.state >= MLB_MEMBER_FAILED;
    const int is_here = now->state <= MLB_MEMBER_SUSPECT;
    const int moved = mlb_address_compare(&before->member.address, &now->address) != 0 ||
                      before->member.port != now->port;

    /* Whoever takes the name of one that left begins anew. */
    if (moved) {
        require(before->member.state == MLB_MEMBER_LEFT);
        return;
    }
    require(now->incarnation >= before->member.incarnation);
    require(!was_gone || !is_here || now->incarnation > before->member.incarnation);
    require(now->facts_version == 0 || is_here);
}

static void check(struct fuzz *fuzz)
{
    struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};
    struct mlb_member member = {.struct_size = sizeof(member)};
    char before[MLB_MEMBER_NAME_MAX + 1] = "";
    size_t count = 0;

    for (size_t i = 0; i < NAMES; i++) {
        struct record *record = &fuzz->records[i];

        if (membership_find(fuzz->core, names[i], &member) != MLB_OK) {
            record->is_known = 0;
            continue;
        }
        if (record->is_known)
            compare(record, &member);
        record->is_known = 1;
        record->member = member;
    }
    require(fuzz->records[0].is_known && fuzz->records[0].member.is_self);
    require(fuzz->records[0].member.state == (fuzz->left ? MLB_MEMBER_LEFT : MLB_MEMBER_ALIVE));
    for (; membership_member(fuzz->core, count, &member) == MLB_OK; count++) {
        require(strcmp(before, member.name) < 0);
        memcpy(before, member.name, sizeof(before));
    }
    membership_statistics(fuzz->core, &statistics);
    require(count <= MEMBERS_MAX);
    require(statistics.alive + statistics.suspect + statistics.failed + statistics.left == count);
    require(statistics.queued <= 2 * MEMBERS_MAX);
    require(statistics.streams <= MEMBERSHIP_STREAMS_MAX + 64);
}

static void send_message(struct fuzz *fuzz, const uint8_t *message, size_t length)
{
    static uint8_t packet[SEAL_PACKET_MAX];
    const struct span span = {message, length};
    const struct membership_endpoint source = endpoint_of(9);
    const size_t sealed =
        length > 0 ? seal_close_packet(fuzz->seal, &span, 1, length % 2, packet, sizeof(packet))
                   : 0;

    if (sealed > 0)
        membership_input(fuzz->core, fuzz->now, &source, packet, sealed);
}

static struct span rest_of(struct fuzz *fuzz, size_t most)
{
    struct span span = {NULL, read_u16(&fuzz->script)};

    if (span.length > fuzz->script.left)
        span.length = fuzz->script.left;
    if (span.length > most)
        span.length = most;
    span.bytes = read_span(&fuzz->script, span.length);
    if (!span.bytes)
        span.length = 0;
    return span;
}

static const char *name_of(uint8_t number)
{
    return names[number % NAMES];
}

static struct span text(const char *name)
{
    return (struct span){(const uint8_t *)name, strlen(name)};
}

static struct memberlist_node read_node(struct fuzz *fuzz, uint8_t address[4])
{
    static const uint8_t versions[] = {1, 5, 2, 0, 0, 0};
    const uint8_t number = read_u8(&fuzz->script);

    memcpy(address, (uint8_t[]){192, 0, 2, (uint8_t)(1 + number % NAMES + (number > 250))}, 4);
    return (struct memberlist_node){
        .name = text(name_of(number)),
        .address = {address, 4},
        .versions = {versions, sizeof(versions)},
        .incarnation = number > 240 ? read_u32(&fuzz->script) : read_u8(&fuzz->script),
        .port = 7946,
        .state = number / NAMES % 4,
    };
}

static void send_alive(struct fuzz *fuzz)
{
    uint8_t buffer[512];
    uint8_t address[4];
    struct writer writer = writer_to(buffer, sizeof(buffer));
    const struct memberlist_node node = read_node(fuzz, address);

    memberlist_build_alive(&writer, &node);
    send_message(fuzz, buffer, writer.used);
}

static void send_verdict(struct fuzz *fuzz, enum memberlist_type type)
{
    uint8_t buffer[512];
    struct writer writer = writer_to(buffer, sizeof(buffer));
    const struct memberlist_verdict verdict = {
        .node = text(name_of(read_u8(&fuzz->script))),
        .from = text(name_of(read_u8(&fuzz->script))),
        .incarnation = read_u8(&fuzz->script),
    };

    memberlist_build_verdict(&writer, type, &verdict);
    send_message(fuzz, buffer, writer.used);
}

static void send_ack(struct fuzz *fuzz, int by_stream)
{
    const struct memberlist_ack ack = {.sequence = fuzz->sequence + read_u8(&fuzz->script) % 2};
    uint8_t buffer[64];
    struct writer writer = writer_to(buffer, sizeof(buffer));
    uint8_t *sealed = NULL;
    size_t length = 0;

    memberlist_build_ack(&writer, &ack);
    if (!by_stream) {
        send_message(fuzz, buffer, writer.used);
        return;
    }
    require(seal_close_stream(fuzz->seal, SEAL_ACCEPTED, buffer, writer.used, &sealed, &length) ==
            MLB_OK);
    membership_stream_input(fuzz->core, fuzz->now, fuzz->dialled, sealed, length);
    free(sealed);
}

static void send_facts(struct fuzz *fuzz)
{
    const char *name = name_of(read_u8(&fuzz->script));
    uint8_t buffer[2048];
    struct writer writer = writer_to(buffer, sizeof(buffer));
    struct span facts;

    write_u8(&writer, MEMBERLIST_USER);
    write_bytes(&writer, (const uint8_t *)"mlb\1", 4);
    write_u8(&writer, (uint8_t)strlen(name));
    write_bytes(&writer, (const uint8_t *)name, strlen(name));
    write_zeros(&writer, 7);
    write_u8(&writer, read_u8(&fuzz->script));
    facts = rest_of(fuzz, 1000);
    write_u16(&writer, (uint16_t)facts.length);
    if (facts.bytes)
        write_bytes(&writer, facts.bytes, facts.length);
    send_message(fuzz, buffer, writer.used);
}

/* A full exchange, as who dialled or as who was dialled. */
static void send_state(struct fuzz *fuzz, enum seal_role role)
{
    static uint8_t buffer[8192];
    const uint32_t count = read_u8(&fuzz->script) % NAMES;
    const int is_short = read_u8(&fuzz->script) == 255;
    const uint8_t first = read_u8(&fuzz->script);
    struct writer writer = writer_to(buffer, sizeof(buffer));
    struct span user_state = rest_of(fuzz, 500);
    uint8_t address[4];
    uint8_t *sealed = NULL;
    size_t length = 0;
    uint64_t stream = role == SEAL_DIALLED ? fuzz->next_stream - 2 : fuzz->dialled;

    memberlist_build_push_pull(
        &writer,
        &(struct memberlist_push_pull){0, count + (uint32_t)is_short, (uint32_t)user_state.length});
    for (uint32_t i = 0; i < count; i++) {
        struct memberlist_node node = read_node(fuzz, address);

        /* Each name once, so that a check after the exchange sees each change. */
        node.name = text(name_of((uint8_t)(first + i)));
        memberlist_build_node(&writer, &node);
    }
    if (user_state.bytes)
        write_bytes(&writer, user_state.bytes, user_state.length);
    require(!writer.failed);
    require(seal_close_stream(fuzz->seal, role, buffer, writer.used, &sealed, &length) == MLB_OK);
    membership_stream_input(fuzz->core, fuzz->now, stream, sealed, length);
    free(sealed);
}

static void accept_stream(struct fuzz *fuzz)
{
    const struct membership_endpoint peer = endpoint_of(read_u8(&fuzz->script) % 3 + 2);

    (void)membership_stream_accepted(fuzz->core, fuzz->now, fuzz->next_stream, &peer);
    fuzz->next_stream += 2;
}

static void call(struct fuzz *fuzz)
{
    struct membership_endpoint seeds[3] = {endpoint_of(1), endpoint_of(2), endpoint_of(3)};
    const uint8_t what = read_u8(&fuzz->script);
    struct span bytes = {NULL, 0};

    switch (what % 5) {
    case 0:
        bytes = rest_of(fuzz, 600);
        (void)membership_set_meta(fuzz->core, fuzz->now, bytes.bytes, bytes.length);
        break;
    case 1:
        bytes = rest_of(fuzz, 5000);
        (void)membership_set_facts(fuzz->core, fuzz->now, bytes.bytes, bytes.length);
        break;
    case 2:
        require(membership_set_seeds(fuzz->core, fuzz->now, seeds, what / 5 % 4) == MLB_OK);
        break;
    case 3:
        require((membership_leave(fuzz->core, fuzz->now, MS(500)) == MLB_OK) == !fuzz->left);
        fuzz->left = 1;
        break;
    default:
        require((membership_return(fuzz->core, fuzz->now) == MLB_OK) == fuzz->left);
        fuzz->left = 0;
        break;
    }
}

/* Time passes: by steps to each deadline, or at once, which may be a stall. */
static void pass(struct fuzz *fuzz, int at_once)
{
    const uint64_t end = fuzz->now + MS(read_u16(&fuzz->script) % 4000);

    for (int i = 0; i < 500 && !at_once && membership_deadline(fuzz->core) <= end; i++) {
        if (membership_deadline(fuzz->core) > fuzz->now)
            fuzz->now = membership_deadline(fuzz->core);
        membership_tick(fuzz->core, fuzz->now);
        require(membership_deadline(fuzz->core) > fuzz->now);
        drain(fuzz);
    }
    fuzz->now = end;
    membership_tick(fuzz->core, fuzz->now);
    require(membership_deadline(fuzz->core) > fuzz->now);
}

static void step(struct fuzz *fuzz)
{
    const struct membership_endpoint source = endpoint_of(9);
    struct span bytes = {NULL, 0};

    switch (read_u8(&fuzz->script) % 15) {
    case 0:
        bytes = rest_of(fuzz, 60000);
        membership_input(fuzz->core, fuzz->now, &source, bytes.bytes, bytes.length);
        break;
    case 1:
        bytes = rest_of(fuzz, 60000);
        send_message(fuzz, bytes.bytes, bytes.length);
        break;
    case 2:
        send_alive(fuzz);
        break;
    case 3:
        send_verdict(fuzz, MEMBERLIST_SUSPECT);
        break;
    case 4:
        send_verdict(fuzz, MEMBERLIST_DEAD);
        break;
    case 5:
        send_ack(fuzz, 0);
        break;
    case 6:
        send_ack(fuzz, 1);
        break;
    case 7:
        send_facts(fuzz);
        break;
    case 8:
        accept_stream(fuzz);
        break;
    case 9:
        send_state(fuzz, SEAL_DIALLED);
        break;
    case 10:
        send_state(fuzz, SEAL_ACCEPTED);
        break;
    case 11:
        bytes = rest_of(fuzz, 60000);
        membership_stream_input(fuzz->core, fuzz->now, fuzz->next_stream - 2, bytes.bytes,
                                bytes.length);
        break;
    case 12:
        membership_stream_closed(fuzz->core, fuzz->now,
                                 read_u8(&fuzz->script) % 2 ? fuzz->dialled
                                                            : fuzz->next_stream - 2);
        break;
    case 13:
        call(fuzz);
        break;
    default:
        pass(fuzz, read_u8(&fuzz->script) % 8 == 0);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz fuzz = {.script = reader_of(data, size), .now = MS(1000), .next_stream = 1};
    struct membership_options options = {
        .name = "self",
        .advertise = endpoint_of(1),
        .members_max = MEMBERS_MAX,
        .seed = size,
    };

    require(membership_timing_init(read_u8(&fuzz.script) % 3, &options.timing) == MLB_OK);
    if (seal_new(&(struct seal_options){0}, &fuzz.seal) != MLB_OK)
        return 0;
    if (membership_new(&options, fuzz.now, &fuzz.core) == MLB_OK) {
        for (int i = 0; i < STEPS_MAX && fuzz.script.left > 0; i++) {
            step(&fuzz);
            drain(&fuzz);
            check(&fuzz);
        }
    }
    membership_free(fuzz.core);
    seal_free(fuzz.seal);
    return 0;
}
