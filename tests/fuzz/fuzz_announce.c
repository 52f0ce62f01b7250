/* SPDX-License-Identifier: MIT */
/*
 * The input is a script for the announcer's core: a byte for the operation and one for what it is
 * about; frames take their length and bytes from the script too. A naive model checks the filter
 * and the groups, and that time passing always leads to silence.
 */
#include <stdlib.h>
#include <string.h>

#include "announce/announce.h"

#define ADDRESSES  8 /* the lower half IPv4 */
#define INTERFACES 4 /* indexes 1 to 4 */
#define FRAMES_MAX 1000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model {
    struct announce *core;
    uint64_t now;
    uint8_t announced[ADDRESSES];
    uint8_t filtered[ADDRESSES];
    uint8_t joined[INTERFACES + 1][256];
};

static void require(int condition)
{
    if (!condition)
        abort();
}

/* The last octet is the number plus 10; addresses 6 and 7 share a group with 4 and 5. */
static struct mlb_address address_number(unsigned number)
{
    struct mlb_address ipv4 = {MLB_FAMILY_IPV4, {0}, {192, 0, 2, (uint8_t)(number + 10)}};
    struct mlb_address ipv6 = {MLB_FAMILY_IPV6, {0}, {0x20, 0x01, 0x0d, 0xb8, (uint8_t)number}};

    ipv6.bytes[15] = (uint8_t)(10 + number % 2);
    return number < ADDRESSES / 2 ? ipv4 : ipv6;
}

static unsigned number_of(const struct mlb_address *address)
{
    return address->family == MLB_FAMILY_IPV4 ? address->bytes[3] - 10u : address->bytes[4];
}

static void set_interface(struct model *model, uint8_t what)
{
    struct announce_interface interface = {
        .index = 1 + what % INTERFACES,
        .name = {'e', (char)('a' + (what >> 2 & 3))},
        .hardware_address = {0x02, what >> 4 & 1, 0, 0, 0, what % INTERFACES},
        .usable = what >> 5 & 1,
    };

    require(announce_set_interface(model->core, model->now, &interface) == MLB_OK);
}

static void add(struct model *model, uint8_t what)
{
    static const char *const names[] = {"ea", "eb"};
    struct mlb_address address = address_number(what % ADDRESSES);

    require(announce_add(model->core, model->now, &address, names, what >> 3 & 1) == MLB_OK);
    model->announced[what % ADDRESSES] = 1;
}

static void withdraw(struct model *model, uint8_t what)
{
    struct mlb_address address = address_number(what % ADDRESSES);
    int32_t result = announce_remove(model->core, model->now, &address);

    require(result == (model->announced[what % ADDRESSES] ? MLB_OK : MLB_ERROR_NOT_FOUND));
    model->announced[what % ADDRESSES] = 0;
}

static void set_local(struct model *model, uint8_t what)
{
    struct mlb_address address = address_number(what % ADDRESSES);

    require(announce_local_address(model->core, 1 + (what >> 3) % INTERFACES, "e", &address,
                                   what >> 7) == MLB_OK);
}

static void take_frames(struct model *model)
{
    uint8_t frame[ANNOUNCE_FRAME_SIZE_MAX];
    enum announce_frame_kind kind;
    uint32_t index = 0;
    size_t length = 0;

    for (size_t count = 0;; count++) {
        length = announce_output(model->core, model->now, frame, sizeof(frame), &index, &kind);
        if (length == 0)
            return;
        require(length <= sizeof(frame) && index >= 1 && index <= INTERFACES);
        require(count < FRAMES_MAX);
    }
}

static void take_changes(struct model *model)
{
    struct announce_change change;

    while (announce_next_change(model->core, &change)) {
        uint8_t *joined = &model->joined[change.interface_index][change.address.bytes[15]];
        uint8_t *filtered = NULL;

        if (change.kind == ANNOUNCE_GROUP_JOIN || change.kind == ANNOUNCE_GROUP_LEAVE) {
            require(*joined == (change.kind == ANNOUNCE_GROUP_LEAVE));
            *joined = !*joined;
            continue;
        }
        filtered = &model->filtered[number_of(&change.address)];
        require(*filtered == (change.kind == ANNOUNCE_FILTER_REMOVE));
        *filtered = !*filtered;
    }
}

/* After all changes are taken, filter and groups are what the addresses need. */
static void check_state(const struct model *model)
{
    uint8_t needed[INTERFACES + 1][256] = {{0}};

    require(memcmp(model->announced, model->filtered, sizeof(model->announced)) == 0);
    for (unsigned number = ADDRESSES / 2; number < ADDRESSES; number++)
        for (uint32_t index = 1; index <= INTERFACES; index++) {
            struct mlb_address address = address_number(number);

            if (announce_announces_on(model->core, &address, index) == 1)
                needed[index][address.bytes[15]] = 1;
        }
    require(memcmp(needed, model->joined, sizeof(needed)) == 0);
}

static void pass_time(struct model *model, uint64_t nanoseconds)
{
    uint64_t end = model->now + nanoseconds;

    for (;;) {
        uint64_t deadline = announce_deadline(model->core);

        if (deadline > end)
            break;
        if (deadline > model->now)
            model->now = deadline;
        announce_tick(model->core, model->now);
        take_frames(model);
        require(announce_deadline(model->core) > model->now);
    }
    model->now = end;
}

static size_t take_input(struct model *model, uint8_t what, const uint8_t *data, size_t size)
{
    struct mlb_address source = address_number(what % ADDRESSES);
    size_t length = size > 0 && data[0] < size ? data[0] : 0;

    if (what & 0x80)
        announce_input_vrrp(model->core, model->now, what % 8, &source, data, length);
    else
        announce_input(model->core, model->now, what % 8, data + (size > 0), length, what >> 6);
    return length + (size > 0);
}

static size_t step(struct model *model, const uint8_t *data, size_t size)
{
    struct mlb_announcer_event event;
    struct mlb_address address = address_number(data[1] % ADDRESSES);

    switch (data[0] % 9) {
    case 0:
        set_interface(model, data[1]);
        break;
    case 1:
        announce_remove_interface(model->core, model->now, data[1] % 8);
        break;
    case 2:
        add(model, data[1]);
        break;
    case 3:
        withdraw(model, data[1]);
        break;
    case 4:
        announce_repeat(model->core, model->now, &address);
        break;
    case 5:
        set_local(model, data[1]);
        break;
    case 6:
        pass_time(model, (uint64_t)data[1] << 24);
        break;
    case 7:
        take_changes(model);
        check_state(model);
        while (announce_next_event(model->core, &event))
            require(event.kind >= MLB_ANNOUNCER_CONFLICT && event.kind <= MLB_ANNOUNCER_VRRP);
        break;
    default:
        return 2 + take_input(model, data[1], data + 2, size - 2);
    }
    return 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model *model = calloc(1, sizeof(*model));

    if (!model || announce_new(NULL, &model->core) != MLB_OK) {
        free(model);
        return 0;
    }
    while (size >= 2) {
        size_t used = step(model, data, size);

        data += used;
        size -= used;
    }
    take_changes(model);
    check_state(model);
    pass_time(model, UINT64_C(60000000000));
    require(announce_deadline(model->core) == ANNOUNCE_NEVER);
    announce_free(model->core);
    free(model);
    return 0;
}
