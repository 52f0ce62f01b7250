/* SPDX-License-Identifier: MIT */
#include "wire/ethernet.h"

#include <string.h>

#include "base/cursor.h"

const uint8_t ethernet_broadcast[ETHERNET_ADDRESS_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

void ethernet_read(struct reader *reader, struct ethernet_header *header)
{
    read_bytes(reader, header->destination, ETHERNET_ADDRESS_SIZE);
    read_bytes(reader, header->source, ETHERNET_ADDRESS_SIZE);
    header->type = read_u16(reader);
}

void ethernet_write(struct writer *writer, const struct ethernet_header *header)
{
    write_bytes(writer, header->destination, ETHERNET_ADDRESS_SIZE);
    write_bytes(writer, header->source, ETHERNET_ADDRESS_SIZE);
    write_u16(writer, header->type);
}

int ethernet_equal(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, ETHERNET_ADDRESS_SIZE) == 0;
}

int ethernet_is_station(const uint8_t *address)
{
    static const uint8_t zero[ETHERNET_ADDRESS_SIZE];

    return (address[0] & 1) == 0 && !ethernet_equal(address, zero);
}
