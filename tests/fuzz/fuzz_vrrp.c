/* SPDX-License-Identifier: MIT */
/*
 * The first byte chooses the family, the rest is an advertisement: as it comes and with its
 * checksum put right.
 */
#include <metallb/error.h>
#include <stdlib.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/vrrp.h"

#define CHECKSUM    6
#define MESSAGE_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check(const struct mlb_address *source, const uint8_t *bytes, size_t size)
{
    struct vrrp_advertisement advertisement;
    struct mlb_address address;

    if (vrrp_parse(source, bytes, size, &advertisement) != MLB_OK)
        return;
    for (size_t i = 0; i < advertisement.count; i++) {
        vrrp_address(&advertisement, i, &address);
        require(address.family == source->family);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mlb_address source = {.bytes = {192, 0, 2, 1}};
    uint16_t checksum = 0;
    uint8_t *copy = NULL;

    if (size == 0 || size > MESSAGE_MAX)
        return 0;
    source.family = data[0] & 1 ? MLB_FAMILY_IPV6 : MLB_FAMILY_IPV4;
    check(&source, data + 1, size - 1);
    if (size - 1 < CHECKSUM + 2)
        return 0;
    copy = malloc(size - 1);
    if (!copy)
        return 0;
    memcpy(copy, data + 1, size - 1);
    memset(copy + CHECKSUM, 0, 2);
    checksum = checksum_finish(checksum_add(0, copy, size - 1));
    copy[CHECKSUM] = (uint8_t)(checksum >> 8);
    copy[CHECKSUM + 1] = (uint8_t)checksum;
    check(&source, copy, size - 1);
    free(copy);
    return 0;
}
