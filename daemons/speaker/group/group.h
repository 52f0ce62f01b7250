/* SPDX-License-Identifier: MIT */
/*
 * The group of speakers: the membership with its seeds and keys, kept as the files that name them
 * say, and the members as they stand. What happens is logged here.
 */
#pragma once

#include <metallb/membership.h>

#include "speaker/group/followed_file.h"
#include "speaker/group/key_ring.h"
#include "speaker/group/peers.h"
#include "speaker/options.h"
#include "speaker/reporting/reports.h"

struct group {
    const struct speaker_options *options;
    const struct log *log;
    struct reports *reports;
    struct mlb_membership *membership; /* NULL without --members */
    struct peers peers;
    uint64_t run; /* of this process, told with meta data and facts */
    struct key_ring keys;
    struct followed_file secret;
    struct followed_file seeds;
    uint64_t look_at; /* when to look at these files again */
    bool has_seeds;
    bool stalled; /* what the membership believes is old */
    bool left;    /* this node is no member now */
    bool stale;   /* for lack of memory not all was taken in */
};

/* What happened, as bits. */
#define GROUP_ELECTION 1u  /* an election could come out differently now */
#define GROUP_INFORMED 2u  /* full state was exchanged, or there is nobody to do so with */
#define GROUP_STALLED  4u  /* this node stood still */
#define GROUP_AGREED   8u  /* nothing needs to be left to a member any more: peer->agreed */
#define GROUP_DEPARTED 16u /* the others were told that this node goes */

/* Opens the membership, without a seed yet; what fails is told on the log. Nothing without
 * --members. Returns 0 or -1; after either the caller calls group_close(). */
int group_open(struct group *group, const struct speaker_options *options, const struct log *log,
               struct reports *reports);

/* To the others this node fails, unless it has left. */
void group_close(struct group *group);

bool group_is_used(const struct group *group);

/* Begins to join by the seeds. Returns 0, or -1 where they are not to be had, which is reported; a
 * file of them is looked at again. */
int group_join(struct group *group, uint64_t now);

/* Works and takes in what happened. Returns GROUP_* bits, or -1 where the membership is disturbed,
 * which is reported. */
int group_dispatch(struct group *group, uint64_t now);

/* Looks at the files of seeds and key and at what differs for too long. Returns when more is
 * due. */
uint64_t group_tick(struct group *group, uint64_t now);

/* Tells the others what this node says of itself; the same as before costs nothing. */
void group_publish(struct group *group, const uint8_t *facts, size_t length);

/* Tells the others that this node goes, or is back. */
void group_leave(struct group *group);
void group_return(struct group *group);

/* How long the others are told at most that this node goes. */
#define GROUP_LEAVE_SECONDS 1
