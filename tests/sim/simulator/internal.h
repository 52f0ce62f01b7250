/* SPDX-License-Identifier: MIT */
/* What the files of the simulator share. */
#pragma once

#include "base/deadline_heap.h"
#include "simulator/chance.h"
#include "simulator/event_queue.h"
#include "simulator/packets.h"
#include "simulator/sim.h"

/* Sides of a cut network. */
#define SIDES_MAX 8

/* Packets that the socket of a stalled process holds. */
#define SOCKET_PACKETS 1000

/* How often what may not last too long is looked at. */
#define CHECK_INTERVAL (100 * (uint64_t)SIM_MILLISECOND)

enum node_state {
    NODE_DOWN,
    NODE_RUNNING,
    NODE_STALLED,
};

struct stream;
struct stream_end;

struct node {
    struct deadline deadline; /* first member */
    struct membership *core;
    enum node_state state;
    int has_left;
    int refuses; /* down, and its machine refuses streams */
    uint32_t side;
    int is_counted; /* as observer, on counted_side */
    uint32_t counted_side;
    uint32_t life;
    uint32_t peak_incarnation; /* of its own, in all lives that are over */
    uint64_t loss_in;          /* thresholds */
    uint64_t loss_out;
    uint64_t clean_since; /* nothing was done to it since */
    uint64_t gone_at;     /* SIM_NEVER: it is up */
    uint64_t first_verdict;
    uint64_t false_verdicts;
    uint32_t false_incarnation; /* last one that was taken for dead wrongly */
    int is_ready;               /* may own addresses: has asked the group, or waited for it */
    int is_doubtful;            /* takes itself for stalled */
    uint64_t ready_at;          /* at the latest */
    uint32_t next_look;         /* subject that is compared with the core next */
    struct event *waiting;      /* of a stalled process, in order */
    struct event **waiting_end;
    uint32_t waiting_packets;
    struct stream_end *ends;
    uint64_t last_accepted; /* number of a stream */
    struct random entropy;
    struct sim_traffic traffic;
    char name[SIM_NAME_SIZE];
};

/* What an observer knew of a subject; kept when the core has forgotten it. */
struct history {
    uint32_t incarnation; /* highest seen since the core knows it */
    uint32_t life;
    uint32_t gone_incarnation; /* it was gone at, in gone_life */
    uint32_t gone_life;
    uint64_t gone_at;
};

struct link {
    uint32_t from;
    uint32_t to;
    uint64_t loss;
};

struct owners;

struct sim {
    struct sim_options options;
    struct random random;
    uint64_t now;
    uint64_t next_check;
    uint64_t disturbed_at;
    struct event_queue events;
    struct packet_pool packets;
    struct deadline_heap deadlines;
    struct node *nodes;
    uint32_t node_count;
    /* node_count * node_count, the observer first */
    uint8_t *views;
    struct history *histories; /* NULL unless watched */
    /* For each side and subject: observers that take it for a member, and since when they are
     * not those that should */
    uint32_t *believers;
    uint64_t *wrong_since;
    uint32_t observers[SIDES_MAX];
    uint64_t wrong;        /* how many of believers are not as they should be */
    struct owners *owners; /* NULL: no election */
    struct stream *streams_over;
    uint64_t loss;
    uint64_t doubles;
    uint64_t late;
    struct link links[SIM_LINKS_MAX];
    size_t link_count;
    sim_tap tap;
    void *tap_context;
    int changed; /* who believes what, since that was last asked */
    struct sim_counts counts;
    struct mlb_membership_event event;
    struct mlb_member member;
    char violation[512];
    uint8_t buffer[SEAL_PACKET_MAX];
};

/* sim.c */
void sim_violate(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_disturb(struct sim *sim, uint32_t node);
static inline int is_observer(const struct node *node)
{
    return node->state == NODE_RUNNING && !node->has_left;
}

/* network.c */
void network_send(struct sim *sim, uint32_t from, const struct membership_endpoint *target,
                  const uint8_t *bytes, size_t length);
uint32_t network_number(const struct membership_endpoint *endpoint);
/* Whether a packet or segment from one to the other arrives. */
int network_passes(struct sim *sim, uint32_t from, uint32_t to);
uint64_t network_delay(struct sim *sim);
void network_deliver(struct sim *sim, struct packet *packet);
void network_free_waiting(struct sim *sim, struct node *node);
void network_queue_waiting(struct node *node, struct event *event);

/* streams.c */
void streams_act(struct sim *sim, uint32_t node, const struct membership_action *action);
void streams_event(struct sim *sim, struct event *event);
/* All streams of a node end; with refuses its machine says so. */
void streams_drop(struct sim *sim, uint32_t node, int refuses);
/* A process that stood still hears which of its streams are over. */
void streams_tell(struct sim *sim, uint32_t node);
/* At the end of the simulation, after all streams were dropped. */
void streams_release(struct sim *sim, struct event *event);
/* Frees those that are over. */
void streams_collect(struct sim *sim);

/* views.c */
void views_new(struct sim *sim);
void views_free(struct sim *sim);
/* An observer begins a life without any view. */
void views_forget(struct sim *sim, uint32_t observer);
/* After each change of whether a node observes, is up, or stands on which side. */
void views_recount(struct sim *sim, uint32_t node);
/* What an observer believes of a subject: VIEW_*. */
void views_set(struct sim *sim, uint32_t observer, uint32_t subject, uint8_t view);
uint8_t views_get(const struct sim *sim, uint32_t observer, uint32_t subject);
/* Looks at what lasts for too long. */
void views_check(struct sim *sim);

#define VIEW_NONE    0
#define VIEW_ALIVE   1 /* and the following as MLB_MEMBER_* plus 1 */
#define VIEW_SUSPECT 2
#define VIEW_FAILED  3
#define VIEW_LEFT    4
static inline int is_member(uint8_t view)
{
    return view == VIEW_ALIVE || view == VIEW_SUSPECT;
}

/* news.c */
/* An event of a core. */
void news_take(struct sim *sim, uint32_t observer, const struct mlb_membership_event *event);
/* Compares one subject in turn with what the core says of it. */
void news_look(struct sim *sim, uint32_t observer);
/* The incarnation of a running node's own, or 0. */
uint32_t news_own_incarnation(struct sim *sim, uint32_t node);

/* owners.c */
void owners_new(struct sim *sim);
void owners_free(struct sim *sim);
/* An observer begins without any view. */
void owners_forget(struct sim *sim, uint32_t observer);
/* A view changed. */
void owners_update(struct sim *sim, uint32_t observer, uint32_t subject, int is_member);
/* Whether a node may own, or its side, changed. */
void owners_recount(struct sim *sim);
void owners_check(struct sim *sim);
