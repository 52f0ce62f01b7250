/* SPDX-License-Identifier: MIT */
/* Messages of rtnetlink(7) about interfaces and addresses, as values. */
#pragma once

#include "os/link.h"

#include <linux/netlink.h>
#include <stdint.h>

/* 1 with an interface; 0 for a message that says nothing about one. */
int link_message_parse(struct nlmsghdr *message, struct link *link);

/* 1 with an address and the index of the interface that it stands on, else 0. */
int address_message_parse(struct nlmsghdr *message, uint32_t *interface_index,
                          struct mlb_address *address);
