/* SPDX-License-Identifier: MIT */
/*
 * The first byte is the size of the pieces, the rest a value: read as each kind, passed over, and
 * looked for in pieces, which must find the same end as all at once.
 */
#include <stdlib.h>

#include "wire/msgpack_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void read_all_kinds(const uint8_t *bytes, size_t size)
{
    struct reader map = reader_of(bytes, size);
    struct reader text = reader_of(bytes, size);
    struct reader number = reader_of(bytes, size);
    struct reader boolean = reader_of(bytes, size);
    struct span span = msgpack_read_bytes(&text);

    require(msgpack_read_map(&map) == 0 || !map.failed);
    require(msgpack_read_unsigned(&number, UINT16_MAX) <= UINT16_MAX);
    require(msgpack_read_bool(&boolean) <= 1);
    require(!text.failed || span.length == 0);
    if (span.length > 0)
        require(span.bytes >= bytes && span.bytes + span.length <= bytes + size);
}

static int scan_in_pieces(const uint8_t *bytes, size_t size, size_t piece,
                          struct msgpack_scan *scan)
{
    int result = MSGPACK_SCAN_SHORT;

    msgpack_scan_begin(scan, 0);
    for (size_t have = 0; result == MSGPACK_SCAN_SHORT && have < size;) {
        have += size - have < piece ? size - have : piece;
        result = msgpack_scan_value(scan, bytes, have);
        require(scan->offset <= have);
    }
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct msgpack_scan scan;
    struct reader reader;
    int result;

    if (size < 2)
        return 0;
    read_all_kinds(data + 1, size - 1);
    reader = reader_of(data + 1, size - 1);
    msgpack_skip(&reader);
    result = scan_in_pieces(data + 1, size - 1, 1 + data[0], &scan);
    require((result == MSGPACK_SCAN_WHOLE) == !reader.failed);
    require((result == MSGPACK_SCAN_REFUSED) == (reader.failed == MSGPACK_REFUSED));
    if (result == MSGPACK_SCAN_WHOLE)
        require(scan.offset == size - 1 - reader.left);
    return 0;
}
