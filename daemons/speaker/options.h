/* SPDX-License-Identifier: MIT */
/* What metallb-speaker was told on its command line and in its environment. */
#pragma once

#include <stdbool.h>

#include <metallb/election.h>

#include "common/program.h"
#include "reconcile/announcements.h"

enum local_delivery_mode {
    LOCAL_DELIVERY_NONE,
    LOCAL_DELIVERY_ADDRESS,
};

struct speaker_options {
    struct common_options common;
    const char *node_name;
    const char *exclude_interfaces; /* NULL: none are excluded */
    bool ignore_exclude_label;
    unsigned election; /* enum election_mode */
    unsigned delivery; /* enum local_delivery_mode */
    unsigned drain_seconds;
    unsigned refresh_seconds;
    const char *members;             /* NULL: the Node objects say who is there */
    const char *group_address;       /* NULL: all addresses */
    const char *group_secret;        /* file or directory of the key; NULL: none */
    unsigned group_port;             /* 0: MLB_MEMBERSHIP_PORT */
    unsigned group_profile;          /* MLB_MEMBERSHIP_FAST, _LAN or _WAN */
    bool group_wide;                 /* MetalLB's word for the profile wan */
    bool group_insecure;             /* without a key */
    unsigned join_seconds;           /* how long to wait for the others at the start */
    struct mlb_address bind_address; /* group_address read; MLB_FAMILY_NONE: all */
    char host_name[MLB_NODE_NAME_MAX + 1];
};

/* Sets the defaults and reads the arguments without the program name; error is filled when the
 * outcome is OPTIONS_WRONG. */
enum option_outcome speaker_options_parse(int count, char *const *arguments,
                                          struct speaker_options *options, char *error,
                                          size_t error_size);

/* The rules of election that the options give; borrows from them. */
struct announcement_options speaker_rules(const struct speaker_options *options);

void speaker_options_clear(struct speaker_options *options);

/* NULL without memory; the caller frees it. */
char *speaker_options_help(void);
