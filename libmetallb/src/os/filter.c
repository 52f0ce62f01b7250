/* SPDX-License-Identifier: MIT */
#include "os/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "os/classic_filter.h"
#include "os/ebpf_filter.h"
#include "os/interval_list.h"

/* Addresses that the first eBPF set holds; a full one is replaced by one four times as large. */
#define SET_LIMIT_FIRST 16384
#define SET_GROWTH      4

/* Intervals of a program that surely fits, see attach_classic(). */
#define SMALL_INTERVALS 16

/* The classic program of one protocol. */
struct classic {
    struct interval_list intervals; /* exact */
    struct classic_program program; /* in force */
    size_t refused_length;          /* a length that the kernel did not take */
    int covering;                   /* the program covers more than the intervals */
};

struct filter {
    int ebpf_loaded;
    int stale;
    struct ebpf_filter ebpf;
    struct classic classic[PACKET_PROTOCOL_COUNT];
};

static int build_program(enum packet_protocol protocol, const struct interval_list *intervals,
                         struct classic_program *program)
{
    return protocol == PACKET_PROTOCOL_ARP ? classic_filter_arp(intervals, program)
                                           : classic_filter_ndp(intervals, program);
}

static int build_covering(const struct classic *classic, enum packet_protocol protocol,
                          size_t limit, struct classic_program *program)
{
    struct interval_list covering;
    int error = interval_list_cover(&classic->intervals, limit, &covering);

    if (error)
        return error;
    error = build_program(protocol, &covering, program);
    interval_list_free(&covering);
    return error;
}

static void replace_program(struct classic *classic, struct classic_program program, int covering)
{
    classic_program_free(&classic->program);
    classic->program = program;
    classic->covering = covering;
}

/* The most exact program shorter than those that the kernel refused. */
static int choose_program(struct classic *classic, enum packet_protocol protocol)
{
    struct classic_program program;
    size_t limit = classic->intervals.count;
    int error = build_program(protocol, &classic->intervals, &program);

    while (error == -E2BIG || (error == 0 && program.length >= classic->refused_length)) {
        if (error == 0)
            classic_program_free(&program);
        if (limit <= 1)
            return -ENOMEM;
        limit /= 2;
        error = build_covering(classic, protocol, limit, &program);
    }
    if (error == 0)
        replace_program(classic, program, limit < classic->intervals.count);
    return error;
}

static int set_addresses(struct classic *classic, enum packet_protocol protocol,
                         const struct mlb_address *addresses, size_t count)
{
    const uint8_t family = protocol == PACKET_PROTOCOL_ARP ? MLB_FAMILY_IPV4 : MLB_FAMILY_IPV6;
    struct interval_list intervals;
    int error = interval_list_build(addresses, count, family, &intervals);

    if (error)
        return error;
    interval_list_free(&classic->intervals);
    classic->intervals = intervals;
    return choose_program(classic, protocol);
}

static int rebuild_classic(struct filter *filter, const struct mlb_address *addresses, size_t count)
{
    for (int i = 0; i < PACKET_PROTOCOL_COUNT; i++) {
        const int error =
            set_addresses(&filter->classic[i], (enum packet_protocol)i, addresses, count);
        if (error)
            return error;
    }
    return 0;
}

struct filter *filter_new(int allow_ebpf)
{
    struct filter *filter = calloc(1, sizeof(*filter));

    if (!filter)
        return NULL;
    for (int i = 0; i < PACKET_PROTOCOL_COUNT; i++)
        filter->classic[i].refused_length = SIZE_MAX;
    filter->ebpf = (struct ebpf_filter){-1, -1, -1, 0};
    filter->ebpf_loaded = allow_ebpf && ebpf_filter_open(&filter->ebpf, SET_LIMIT_FIRST) == 0;
    if (!filter->ebpf_loaded && rebuild_classic(filter, NULL, 0) != 0) {
        filter_free(filter);
        return NULL;
    }
    return filter;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    ebpf_filter_close(&filter->ebpf);
    for (int i = 0; i < PACKET_PROTOCOL_COUNT; i++) {
        interval_list_free(&filter->classic[i].intervals);
        classic_program_free(&filter->classic[i].program);
    }
    free(filter);
}

uint8_t filter_kind(const struct filter *filter)
{
    if (filter->ebpf_loaded)
        return MLB_FILTER_EBPF;
    for (int i = 0; i < PACKET_PROTOCOL_COUNT; i++) {
        if (filter->classic[i].covering)
            return MLB_FILTER_COVERING;
    }
    return MLB_FILTER_CLASSIC;
}

void filter_add(struct filter *filter, const struct mlb_address *address)
{
    if (!filter->ebpf_loaded || ebpf_filter_add(&filter->ebpf, address) != 0)
        filter->stale = 1;
}

void filter_remove(struct filter *filter, const struct mlb_address *address)
{
    if (!filter->ebpf_loaded || ebpf_filter_remove(&filter->ebpf, address) != 0)
        filter->stale = 1;
}

int filter_is_stale(const struct filter *filter)
{
    return filter->stale;
}

static int fill_set(const struct ebpf_filter *ebpf, const struct mlb_address *addresses,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const int error = ebpf_filter_add(ebpf, &addresses[i]);
        if (error)
            return error;
    }
    return 0;
}

/* A set cannot grow: a larger one with programs of its own takes its place. */
static int rebuild_ebpf(struct filter *filter, const struct mlb_address *addresses, size_t count)
{
    struct ebpf_filter larger;
    size_t limit = filter->ebpf.limit;
    int error;

    while (limit <= count)
        limit *= SET_GROWTH;
    error = ebpf_filter_open(&larger, limit);
    if (error)
        return error;
    error = fill_set(&larger, addresses, count);
    if (error) {
        ebpf_filter_close(&larger);
        return error;
    }
    ebpf_filter_close(&filter->ebpf);
    filter->ebpf = larger;
    return 0;
}

int filter_rebuild(struct filter *filter, const struct mlb_address *addresses, size_t count)
{
    int error = -EPERM;

    if (filter->ebpf_loaded)
        error = rebuild_ebpf(filter, addresses, count);
    if (error) {
        /* The capability may be gone since the first set was loaded. */
        error = rebuild_classic(filter, addresses, count);
        if (error)
            return error;
        ebpf_filter_close(&filter->ebpf);
        filter->ebpf_loaded = 0;
    }
    filter->stale = 0;
    return 0;
}

static int attach_program(int descriptor, const struct classic_program *program)
{
    const struct sock_fprog argument = {(unsigned short)program->length, program->instructions};

    if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &argument, sizeof(argument)) != 0)
        return -errno;
    return 0;
}

/*
 * The kernel charges the socket for the new program while it still charges for the old one, so two
 * that fit alone may not fit together. A small covering program in between makes room; it passes
 * all that either of them passes.
 */
static int attach_by_way_of_small(const struct classic *classic, int descriptor,
                                  enum packet_protocol protocol)
{
    struct classic_program small;
    int error = build_covering(classic, protocol, SMALL_INTERVALS, &small);

    if (error)
        return error;
    error = attach_program(descriptor, &small);
    classic_program_free(&small);
    return error ? error : attach_program(descriptor, &classic->program);
}

static int attach_classic(struct classic *classic, int descriptor, enum packet_protocol protocol)
{
    for (;;) {
        int error = attach_program(descriptor, &classic->program);

        if (error == -ENOMEM)
            error = attach_by_way_of_small(classic, descriptor, protocol);
        if (error != -ENOMEM && error != -EINVAL)
            return error;
        classic->refused_length = classic->program.length;
        error = choose_program(classic, protocol);
        if (error)
            return error;
    }
}

int filter_attach(struct filter *filter, int descriptor, enum packet_protocol protocol)
{
    const int program = protocol == PACKET_PROTOCOL_ARP ? filter->ebpf.arp : filter->ebpf.ndp;

    if (!filter->ebpf_loaded)
        return attach_classic(&filter->classic[protocol], descriptor, protocol);
    if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) != 0)
        return -errno;
    return 0;
}
