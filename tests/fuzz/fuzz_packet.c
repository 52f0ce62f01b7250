/* SPDX-License-Identifier: MIT */
/*
 * A packet for a group with label and one without, with keys and without; also sealed first, so
 * that what stands within a packet is reached. What is heard is closed again and must be heard the
 * same.
 */
#include <metallb/error.h>
#include <stdlib.h>

#include "membership/keyring.h"
#include "membership/seal.h"

#define LABEL        "blue"
#define MESSAGES_MAX 1024
#define SIZE_LIMIT   16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    struct span messages[MESSAGES_MAX];
    size_t count;
    size_t bytes;
};

static const struct mlb_membership_key key = {.bytes = "0123456789abcdef", .length = 16};

static void require(int condition)
{
    if (!condition)
        abort();
}

static int no_entropy(void *context, uint8_t *bytes, size_t length)
{
    (void)context;
    memset(bytes, 0, length);
    return 0;
}

static void hear(void *context, const uint8_t *message, size_t length)
{
    struct heard *heard = context;

    require(length > 0);
    if (heard->count < MESSAGES_MAX)
        heard->messages[heard->count] = (struct span){message, length};
    heard->count++;
    heard->bytes += length;
    /* All that a packet can unfold to. */
    require(heard->bytes <= SEAL_PACKET_MAX + SEAL_PLAIN_MAX);
}

static void compare(void *context, const uint8_t *message, size_t length)
{
    struct span **next = context;

    require((*next)->length == length && memcmp((*next)->bytes, message, length) == 0);
    (*next)++;
}

static struct seal *seal_of(const char *label, int is_encrypted)
{
    struct seal_options options = {.label = label, .compress = 1, .entropy = no_entropy};
    struct seal *seal = NULL;

    require(seal_new(&options, &seal) == MLB_OK);
    if (is_encrypted)
        require(seal_set_keys(seal, &key, 1) == MLB_OK);
    return seal;
}

static void check(struct seal *seal, struct seal *other, const uint8_t *bytes, size_t size)
{
    static struct heard heard;
    static uint8_t packet[SEAL_PACKET_MAX];
    struct span *next = heard.messages;
    size_t length;

    heard.count = heard.bytes = 0;
    if (seal_open_packet(seal, bytes, size, hear, &heard) != MLB_OK) {
        require(heard.count == 0);
        return;
    }
    if (heard.count == 0 || heard.count > MEMBERLIST_COMPOUND_MAX)
        return;
    length =
        seal_close_packet(other, heard.messages, heard.count, size & 1, packet, sizeof(packet));
    if (length == 0)
        return;
    require(seal_open_packet(other, packet, length, compare, &next) == MLB_OK);
    require(next == heard.messages + heard.count);
}

/* Seals the input as a peer of the group would. */
static void check_inside(struct seal *seal, struct seal *other, const uint8_t *bytes, size_t size)
{
    static const uint8_t nonce[AES_GCM_NONCE_SIZE];
    static uint8_t packet[SIZE_LIMIT + KEYRING_OVERHEAD];
    struct keyring keyring = {0};
    struct span plain = {bytes, size};

    require(keyring_set(&keyring, &key, 1) == MLB_OK);
    require(keyring_seal(&keyring, nonce, (struct span){0}, plain, packet) == 0);
    keyring_clear(&keyring);
    check(seal, other, packet, size + KEYRING_OVERHEAD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct seal *seals[4];

    if (size == 0 || size > SIZE_LIMIT)
        return 0;
    for (int i = 0; i < 4; i++)
        if (!seals[i])
            seals[i] = seal_of(i & 1 ? LABEL : NULL, i & 2);
    for (int i = 0; i < 4; i++)
        check(seals[i], seals[3 - i], data, size);
    check_inside(seals[2], seals[1], data, size);
    return 0;
}
