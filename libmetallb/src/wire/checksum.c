/* SPDX-License-Identifier: MIT */
#include "wire/checksum.h"

static uint32_t fold(uint32_t sum)
{
    sum = (sum >> 16) + (sum & 0xffff);
    return (sum >> 16) + (sum & 0xffff);
}

uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t length)
{
    size_t i = 0;

    for (; i + 1 < length; i += 2)
        sum = fold(sum + ((uint32_t)bytes[i] << 8 | bytes[i + 1]));
    if (i < length)
        sum = fold(sum + ((uint32_t)bytes[i] << 8));
    return sum;
}

uint32_t checksum_pseudo_header(const uint8_t *source, const uint8_t *destination,
                                size_t address_size, size_t payload_length, uint8_t protocol)
{
    const uint8_t tail[] = {0, protocol, (uint8_t)(payload_length >> 8), (uint8_t)payload_length};
    uint32_t sum = checksum_add(0, source, address_size);

    sum = checksum_add(sum, destination, address_size);
    return checksum_add(sum, tail, sizeof(tail));
}

uint16_t checksum_finish(uint32_t sum)
{
    return (uint16_t)~fold(sum);
}
