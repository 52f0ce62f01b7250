/* SPDX-License-Identifier: MIT */
/*
 * eBPF socket filters over one set of addresses that lives in the kernel: exact for any number of
 * addresses, and changed by an update of the set alone. Loading them needs CAP_BPF, changing the
 * set does not.
 *
 * Results are 0 or a negative errno.
 */
#pragma once

#include <metallb/address.h>

#include <stddef.h>
#include <stdint.h>

struct ebpf_filter {
    int set; /* descriptor of the map of addresses */
    int arp; /* descriptors of the programs */
    int ndp;
    size_t limit; /* addresses that the set can hold */
};

/* Makes an empty set for at most limit addresses and loads the programs that search it. */
int ebpf_filter_open(struct ebpf_filter *filter, size_t limit);

void ebpf_filter_close(struct ebpf_filter *filter);

/* -E2BIG when the set is full. */
int ebpf_filter_add(const struct ebpf_filter *filter, const struct mlb_address *address);

/* An address that is not in the set is no error. */
int ebpf_filter_remove(const struct ebpf_filter *filter, const struct mlb_address *address);
