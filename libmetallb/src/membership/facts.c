/* SPDX-License-Identifier: MIT */
/*
 * Records of facts. One travels as a user message, "mlb" and a format number before it, by gossip
 * or, where it is long, from its origin by stream; full exchanges carry all that are known. Members
 * that know nothing of it ignore both.
 *
 *     record:  length of name, name, version (8), length (2), bytes
 *     state:   "mlb" 1, instance of the sender (8), length of its name, its name, records
 */
#include <stdlib.h>
#include <string.h>

#include "membership/core.h"

/* No serf message begins with such a byte. */
static const uint8_t magic[] = {'m', 'l', 'b', 1};

/* Bytes of a record beside name and facts, and of the state's head beside the name. */
#define RECORD_SIZE 11
#define HEAD_SIZE   (sizeof(magic) + 9)

/* Largest user state that is sent; what does not fit comes by gossip. */
#define STATE_MAX (8u * 1024 * 1024)

#define FACTS_MESSAGE_MAX \
    (1 + sizeof(magic) + RECORD_SIZE + MLB_MEMBER_NAME_MAX + MLB_MEMBERSHIP_FACTS_MAX)

struct record {
    struct span name;
    uint64_t version;
    struct span facts;
};

static void write_u64(struct writer *writer, uint64_t value)
{
    write_u32(writer, (uint32_t)(value >> 32));
    write_u32(writer, (uint32_t)value);
}

static uint64_t read_u64(struct reader *reader)
{
    const uint64_t high = read_u32(reader);

    return high << 32 | read_u32(reader);
}

static void write_record(struct writer *writer, const struct member *member)
{
    write_u8(writer, member->name_length);
    write_bytes(writer, (const uint8_t *)member->name, member->name_length);
    write_u64(writer, member->facts->version);
    write_u16(writer, member->facts->length);
    write_bytes(writer, member->facts->bytes, member->facts->length);
}

static int read_record(struct reader *reader, struct record *record)
{
    record->name.length = read_u8(reader);
    record->name.bytes = read_span(reader, record->name.length);
    record->version = read_u64(reader);
    record->facts.length = read_u16(reader);
    record->facts.bytes = read_span(reader, record->facts.length);
    return !reader->failed && name_is_valid(record->name) && record->version > 0 &&
           record->version <= FACTS_VERSION_MAX && record->facts.length <= MLB_MEMBERSHIP_FACTS_MAX;
}

static int has_visible_facts(const struct member *member)
{
    return member->facts && member->facts->visible;
}

static void build_message(const struct member *member, struct writer *writer)
{
    write_u8(writer, MEMBERLIST_USER);
    write_bytes(writer, magic, sizeof(magic));
    write_record(writer, member);
}

static void gossip(struct membership *core, const struct member *member)
{
    uint8_t buffer[GOSSIPED_FACTS_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    build_message(member, &writer);
    gossip_put_user(core, member, &writer);
}

static int is_long(const struct member *member)
{
    return 1 + sizeof(magic) + RECORD_SIZE + member->name_length + member->facts->length >
           GOSSIPED_FACTS_MAX;
}

void facts_owe(struct membership *core, struct member *member)
{
    if (member->owed || member == core->self || member->ignores_facts ||
        !has_visible_facts(core->self) || !is_long(core->self))
        return;
    member->owed = 1;
    core->owed++;
}

static int is_mixed(const struct membership *core)
{
    for (size_t i = 0; i < core->members.count; i++)
        if (core->members.order[i]->ignores_facts)
            return 1;
    return 0;
}

/* Facts of unknown members are dropped, so the alive goes ahead. */
static void send_short(struct membership *core, const struct member *member)
{
    const struct membership_endpoint endpoint = member_endpoint(member);
    uint8_t buffer[GOSSIPED_FACTS_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    build_message(core->self, &writer);
    push_pull_tell_alive(core, &endpoint);
    packet_push(core, &endpoint, &writer, NULL, member_understands(member, 5), PIGGYBACK_NEWS);
}

void facts_greet(struct membership *core, struct member *member)
{
    if (!has_visible_facts(core->self) || is_long(core->self))
        facts_owe(core, member);
    else if (is_mixed(core))
        send_short(core, member);
}

void facts_publish(struct membership *core)
{
    struct member *self = core->self;

    if (!self->facts || core->leave.left)
        return;
    self->facts->visible = 1;
    if (!is_long(self)) {
        uint8_t buffer[GOSSIPED_FACTS_MAX];
        struct writer writer = writer_to(buffer, sizeof(buffer));

        build_message(self, &writer);
        gossip_put_user(core, self, &writer);
        gossip_tell_all(core, &writer);
        return;
    }
    for (size_t i = 0; i < core->members.count; i++)
        if (member_is_visible(core->members.order[i]))
            facts_owe(core, core->members.order[i]);
}

/* The next member that is owed the own facts, and owed no more. */
static struct member *next_creditor(struct membership *core)
{
    struct member *member = NULL;

    do {
        if (core->owed_cursor >= core->members.count)
            core->owed_cursor = 0;
        member = core->members.order[core->owed_cursor++];
    } while (!member->owed);
    member->owed = 0;
    core->owed--;
    return member;
}

/* Facts of unknown members are dropped, so the alive goes ahead. */
static void send_facts(struct membership *core, const struct member *member)
{
    const struct membership_endpoint endpoint = member_endpoint(member);
    uint8_t buffer[FACTS_MESSAGE_MAX + 32];
    struct writer writer = writer_to(buffer, sizeof(buffer));
    const size_t length =
        sizeof(magic) + RECORD_SIZE + core->self->name_length + core->self->facts->length;

    memberlist_build_user_length(&writer, (uint32_t)length);
    write_bytes(&writer, magic, sizeof(magic));
    write_record(&writer, core->self);
    if (writer.failed)
        return;
    push_pull_tell_alive(core, &endpoint);
    (void)stream_dial(core, &endpoint, STREAM_FACTS, buffer, writer.used,
                      core->now + milliseconds(core->timing.stream_timeout));
}

void facts_settle(struct membership *core)
{
    while (core->owed > 0 && core->facts_streams < FACTS_STREAMS_MAX) {
        const struct member *member = next_creditor(core);

        if (member_is_visible(member) && has_visible_facts(core->self))
            send_facts(core, member);
    }
}

void facts_hide(struct member *member)
{
    if (member->facts)
        member->facts->visible = 0;
}

/* Facts of our own that we did not publish in this life: a version above theirs. */
static void overtake(struct membership *core, const struct record *record)
{
    struct facts *own = core->self->facts;

    if (own && (record->version < own->version ||
                (record->version == own->version && record->facts.length == own->length &&
                 memcmp(record->facts.bytes, own->bytes, own->length) == 0)))
        return;
    if (core->facts_version <= record->version)
        core->facts_version = record->version + 1;
    if (!own)
        return;
    own->version = core->facts_version++;
    facts_publish(core);
}

static struct facts *make(uint64_t version, struct span bytes)
{
    struct facts *facts = malloc(sizeof(*facts) + bytes.length);

    if (!facts)
        return NULL;
    *facts = (struct facts){
        .version = version,
        .length = (uint16_t)bytes.length,
        .visible = 1,
    };
    if (bytes.length > 0)
        memcpy(facts->bytes, bytes.bytes, bytes.length);
    return facts;
}

/*
 * A member that came back with a lower version than it had before it failed: nobody believes it
 * until it knows, so it is told the version, with no facts, which nobody is to take for new.
 */
static void tell_version(struct membership *core, const struct member *member)
{
    const struct membership_endpoint endpoint = member_endpoint(member);
    uint8_t buffer[GOSSIPED_FACTS_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    write_u8(&writer, MEMBERLIST_USER);
    write_bytes(&writer, magic, sizeof(magic));
    write_u8(&writer, member->name_length);
    write_bytes(&writer, (const uint8_t *)member->name, member->name_length);
    write_u64(&writer, member->facts->version);
    write_u16(&writer, 0);
    packet_push(core, &endpoint, &writer, NULL, 0, PIGGYBACK_NEWS);
}

static void take_record(struct membership *core, const struct record *record)
{
    struct member *member = member_find(core, record->name);
    struct facts *facts = member ? member->facts : NULL;
    int changed = 0;

    if (!member)
        return;
    if (member == core->self) {
        overtake(core, record);
        return;
    }
    if (!member_is_visible(member))
        return;
    if (facts && record->version < facts->version) {
        if (!facts->visible)
            tell_version(core, member);
        return;
    }
    if (facts && record->version == facts->version && facts->visible)
        return;
    changed = !facts || !facts->visible || facts->length != record->facts.length ||
              memcmp(facts->bytes, record->facts.bytes, facts->length) != 0;
    facts = make(record->version, record->facts);
    if (!facts)
        return;
    free(member->facts);
    member->facts = facts;
    member->ignores_facts = 0;
    if (!is_long(member))
        gossip(core, member);
    if (changed)
        event_member(core, MLB_MEMBERSHIP_FACTS, member);
}

static int has_magic(struct span bytes)
{
    return bytes.length >= sizeof(magic) && memcmp(bytes.bytes, magic, sizeof(magic)) == 0;
}

/* Messages of other applications, as of serf, are nothing to us. */
void input_user_message(struct membership *core, struct span message)
{
    struct reader reader;
    struct record record;

    if (!has_magic(message))
        return;
    reader = reader_of(message.bytes + sizeof(magic), message.length - sizeof(magic));
    if (read_record(&reader, &record))
        take_record(core, &record);
    else
        core->statistics.messages_refused++;
}

/* Bytes that a member adds to a state of so many; 0 if it has no facts or they do not fit. */
static size_t size_in_state(const struct member *member, size_t size)
{
    const size_t more = has_visible_facts(member)
                            ? RECORD_SIZE + (size_t)member->name_length + member->facts->length
                            : 0;

    return size + more <= STATE_MAX ? more : 0;
}

size_t facts_state_size(const struct membership *core, int self_only)
{
    size_t size = HEAD_SIZE + core->self->name_length;

    size += size_in_state(core->self, size);
    for (size_t i = 0; i < core->members.count && !self_only; i++)
        if (core->members.order[i] != core->self)
            size += size_in_state(core->members.order[i], size);
    return size;
}

void facts_build_state(const struct membership *core, struct writer *writer, int self_only)
{
    const struct member *self = core->self;
    size_t size = HEAD_SIZE + self->name_length;

    write_bytes(writer, magic, sizeof(magic));
    write_u64(writer, core->instance);
    write_u8(writer, self->name_length);
    write_bytes(writer, (const uint8_t *)self->name, self->name_length);
    size += size_in_state(self, size);
    if (has_visible_facts(self))
        write_record(writer, self);
    for (size_t i = 0; i < core->members.count && !self_only; i++) {
        const struct member *member = core->members.order[i];
        const size_t more = member != self ? size_in_state(member, size) : 0;

        if (more > 0)
            write_record(writer, member);
        size += more;
    }
}

/* The records of a state, the instance that sent it and its name; 0 if it is not of our format. */
static int open_state(struct span state, struct reader *records, uint64_t *instance,
                      struct span *name)
{
    struct reader reader;

    if (!has_magic(state))
        return 0;
    reader = reader_of(state.bytes + sizeof(magic), state.length - sizeof(magic));
    *instance = read_u64(&reader);
    name->length = read_u8(&reader);
    name->bytes = read_span(&reader, name->length);
    *records = reader;
    return !reader.failed;
}

int facts_is_own_state(const struct membership *core, struct span state)
{
    struct reader records;
    struct span name;
    uint64_t instance = 0;

    return open_state(state, &records, &instance, &name) && instance == core->instance;
}

int facts_are_in(struct span state)
{
    return has_magic(state);
}

void facts_are_ignored(struct membership *core, const struct membership_endpoint *endpoint)
{
    for (size_t i = 0; i < core->members.count; i++) {
        struct member *member = core->members.order[i];

        if (!member->facts && member_is_at(member, endpoint))
            member->ignores_facts = 1;
    }
}

int facts_are_in_vain(const struct membership *core, const struct membership_endpoint *endpoint)
{
    size_t ignoring = 0;

    for (size_t i = 0; i < core->members.count; i++) {
        const struct member *member = core->members.order[i];

        if (!member_is_at(member, endpoint))
            continue;
        if (!member->ignores_facts)
            return 0;
        ignoring++;
    }
    return ignoring > 0;
}

void facts_input_state(struct membership *core, struct span state)
{
    struct reader records;
    struct span name;
    struct member *member = NULL;
    uint64_t instance = 0;

    if (!open_state(state, &records, &instance, &name))
        return;
    member = member_find(core, name);
    if (member)
        member->ignores_facts = 0;
    while (records.left > 0) {
        struct record record;

        if (read_record(&records, &record)) {
            take_record(core, &record);
        } else {
            core->statistics.messages_refused++;
            if (records.failed)
                return;
        }
    }
}

int32_t membership_set_facts(struct membership *core, uint64_t now, const uint8_t *facts,
                             size_t length)
{
    struct facts *own = core->self->facts;
    uint64_t version = core->facts_version > 0 ? core->facts_version : 1;

    (void)stall_check(core, now);
    if (length > MLB_MEMBERSHIP_FACTS_MAX || (length > 0 && !facts))
        return MLB_ERROR_INVALID_ARGUMENT;
    if (own && own->length == length && (length == 0 || memcmp(own->bytes, facts, length) == 0))
        return MLB_OK;
    own = make(version, (struct span){facts, length});
    if (!own)
        return MLB_ERROR_NO_MEMORY;
    free(core->self->facts);
    core->self->facts = own;
    own->visible = !core->leave.left;
    core->facts_version = version + 1;
    facts_publish(core);
    membership_settle(core);
    return MLB_OK;
}
