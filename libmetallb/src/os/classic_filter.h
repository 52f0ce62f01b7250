/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF programs that pass ARP or neighbour discovery for a set of addresses.
 *
 * A program searches the intervals with a balanced tree. It passes an ARP frame whose target or
 * sender protocol address is in the set, a neighbour solicitation or advertisement whose target is,
 * and nothing with a VLAN tag.
 */
#pragma once

#include "os/interval_list.h"

#include <linux/filter.h>

struct classic_program {
    struct sock_filter *instructions;
    size_t length;
};

void classic_program_free(struct classic_program *program);

/*
 * Builds a program.
 *
 * @return  0, -ENOMEM, or -E2BIG when it would need more than BPF_MAXINSNS instructions
 */
int classic_filter_arp(const struct interval_list *intervals, struct classic_program *program);
int classic_filter_ndp(const struct interval_list *intervals, struct classic_program *program);
