/* SPDX-License-Identifier: MIT */
/* What the membership tells, as log lines, and what is wrong with members, as reports. */
#pragma once

#include "speaker/group/group.h"

void group_log_event(const struct group *group, const struct mlb_membership_event *event,
                     uint64_t now);

/* Reports members that say nothing of themselves where that counts. */
void group_log_facts(const struct group *group);

/* Reports members whose configuration differs for too long. */
void group_log_digests(const struct group *group);

/* "192.0.2.1:7946" or "[2001:db8::1]:7946". */
#define GROUP_ENDPOINT_SIZE (MLB_ADDRESS_TEXT_SIZE + 9)
void group_format_endpoint(const struct mlb_address *address, uint16_t port, char *text);
