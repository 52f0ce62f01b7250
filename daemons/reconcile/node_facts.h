/* SPDX-License-Identifier: MIT */
/*
 * The record of facts: what only a node itself can know and all speakers elect from. It travels
 * with the membership as bytes of at most MLB_MEMBERSHIP_FACTS_MAX.
 *
 * The bytes are "MLF", a format version, and fields: type (1 byte), length (2 bytes, network byte
 * order), value. Each field stands at most once. Fields of unknown types are skipped, and so is
 * what stands behind the known part of flags, run and digest, so that later versions can add to
 * it; another format version is refused.
 */
#pragma once

#include <metallb/address.h>
#include <metallb/announcer.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Positions of interfaces are one byte. */
#define NODE_FACTS_INTERFACES_MAX 255

struct node_facts_interface {
    char name[MLB_INTERFACE_NAME_SIZE];
    uint8_t hardware_address[MLB_HARDWARE_ADDRESS_SIZE];
};

struct node_facts_subnet {
    uint8_t interface; /* position in the interfaces */
    struct mlb_prefix prefix;
};

struct node_facts {
    bool ready;    /* it may own addresses; false while it starts */
    bool draining; /* it owns addresses only if nobody else can */
    /* A list was cut short to fit */
    bool more_interfaces;
    bool more_subnets;
    bool more_addresses;
    uint64_t run;                                  /* of the process, as in its meta data */
    uint64_t digest;                               /* of its configuration */
    const struct node_facts_interface *interfaces; /* those that it can announce on */
    size_t interface_count;
    const struct node_facts_subnet *subnets; /* of these interfaces */
    size_t subnet_count;
    const struct mlb_address *addresses; /* that it holds, ascending, each once */
    size_t address_count;
    void *memory; /* of the lists, after node_facts_read() */
};

/*
 * Writes the bytes of a record. What does not fit is left out, addresses first, then subnets, then
 * interfaces, and the flag of that list is set; the flags given are not looked at.
 *
 * @param bytes  room for MLB_MEMBERSHIP_FACTS_MAX bytes
 * @return       how many were written
 */
size_t node_facts_write(const struct node_facts *facts, uint8_t *bytes);

/*
 * Reads the bytes of a record.
 *
 * @param facts  receives it; the caller clears it with node_facts_clear()
 * @return       0, -EPROTONOSUPPORT for another format version, -EINVAL for what is no record,
 *               -ENOMEM; after a failure facts is as it was
 */
int node_facts_read(const uint8_t *bytes, size_t length, struct node_facts *facts);

/* Frees what node_facts_read() allocated and empties the record. */
void node_facts_clear(struct node_facts *facts);

/* Whether the node can announce on an interface of this name; true where the list was cut short,
 * since nobody knows then. */
bool node_facts_has_interface(const struct node_facts *facts, const char *name);

/* Whether the node says that it holds an address. */
bool node_facts_holds(const struct node_facts *facts, const struct mlb_address *address);

/*
 * The meta data of a member that publishes facts: "MLF", the format version and its run (8 bytes,
 * network byte order). Facts of another run are from a former life of the node.
 */
#define NODE_FACTS_META_SIZE 12

void node_facts_meta_write(uint64_t run, uint8_t bytes[NODE_FACTS_META_SIZE]);

/* Whether the meta data say that the member publishes facts; then run receives its run. */
bool node_facts_meta_read(const uint8_t *bytes, size_t length, uint64_t *run);
