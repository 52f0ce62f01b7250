/* SPDX-License-Identifier: MIT */
#include "wire/vrrp.h"

#include <metallb/error.h>
#include <string.h>

#include "base/cursor.h"
#include "wire/checksum.h"

/* RFC 3768 §5.1, RFC 5798 §5.1 */
#define VRRP_TYPE_ADVERTISEMENT 1
#define VRRP_CHECKSUM_OFFSET    6
#define VRRP_AUTHENTICATION_V2  8
#define VRRP_INTERVAL_V2        1
#define VRRP_INTERVAL_V3        100

/* RFC 5798 §5.1.1.2, §5.1.2.2: where advertisements are sent to. */
static const uint8_t group_ipv4[4] = {224, 0, 0, 18};
static const uint8_t group_ipv6[16] = {0xff, 0x02, [15] = 0x12};

static size_t address_size(uint8_t family)
{
    return family == MLB_FAMILY_IPV6 ? 16 : 4;
}

static uint32_t pseudo_header_sum(const struct mlb_address *source, size_t length)
{
    const uint8_t *group = source->family == MLB_FAMILY_IPV6 ? group_ipv6 : group_ipv4;

    return checksum_pseudo_header(source->bytes, group, address_size(source->family), length,
                                  VRRP_PROTOCOL);
}

static int has_right_checksum(uint8_t version, const struct mlb_address *source,
                              const uint8_t *bytes, size_t length)
{
    uint32_t sum = checksum_add(0, bytes, length);

    /* RFC 3768 §5.3.8: version 2 sums the message alone. RFC 5798 §5.2.8 adds the pseudo-header;
     * with IPv4 some routers leave it out there too, so both are taken. */
    if (source->family == MLB_FAMILY_IPV4 && checksum_finish(sum) == 0)
        return 1;
    if (version == 2)
        return 0;
    sum = checksum_add(pseudo_header_sum(source, length), bytes, length);
    return checksum_finish(sum) == 0;
}

int32_t vrrp_parse(const struct mlb_address *source, const uint8_t *bytes, size_t length,
                   struct vrrp_advertisement *advertisement)
{
    struct reader reader = reader_of(bytes, length);
    struct vrrp_advertisement parsed = {.family = source->family};
    uint8_t version_and_type = read_u8(&reader);

    parsed.version = version_and_type >> 4;
    parsed.router = read_u8(&reader);
    parsed.priority = read_u8(&reader);
    parsed.count = read_u8(&reader);
    read_span(&reader, 4);
    parsed.addresses = read_span(&reader, parsed.count * address_size(source->family));
    if (reader.failed || (version_and_type & 0xf) != VRRP_TYPE_ADVERTISEMENT)
        return MLB_ERROR_MALFORMED;
    if (parsed.version != 3 && (parsed.version != 2 || source->family != MLB_FAMILY_IPV4))
        return MLB_ERROR_MALFORMED;
    if (!has_right_checksum(parsed.version, source, bytes, length))
        return MLB_ERROR_MALFORMED;
    *advertisement = parsed;
    return MLB_OK;
}

size_t vrrp_build(const struct mlb_address *source, const struct vrrp_advertisement *advertisement,
                  uint8_t *buffer, size_t capacity)
{
    struct writer writer = writer_to(buffer, capacity);
    int is_version_2 = advertisement->version == 2;
    uint16_t checksum = 0;
    uint32_t sum = 0;

    write_u8(&writer, (uint8_t)(advertisement->version << 4 | VRRP_TYPE_ADVERTISEMENT));
    write_u8(&writer, advertisement->router);
    write_u8(&writer, advertisement->priority);
    write_u8(&writer, advertisement->count);
    write_u16(&writer, is_version_2 ? VRRP_INTERVAL_V2 : VRRP_INTERVAL_V3);
    write_zeros(&writer, 2);
    write_bytes(&writer, advertisement->addresses,
                advertisement->count * address_size(source->family));
    if (is_version_2)
        write_zeros(&writer, VRRP_AUTHENTICATION_V2);
    if (writer.failed)
        return 0;
    sum = is_version_2 ? 0 : pseudo_header_sum(source, writer.used);
    checksum = checksum_finish(checksum_add(sum, buffer, writer.used));
    buffer[VRRP_CHECKSUM_OFFSET] = (uint8_t)(checksum >> 8);
    buffer[VRRP_CHECKSUM_OFFSET + 1] = (uint8_t)checksum;
    return writer.used;
}

void vrrp_address(const struct vrrp_advertisement *advertisement, size_t index,
                  struct mlb_address *address)
{
    size_t size = address_size(advertisement->family);

    memset(address, 0, sizeof(*address));
    address->family = advertisement->family;
    memcpy(address->bytes, advertisement->addresses + index * size, size);
}
