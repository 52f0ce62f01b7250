/* SPDX-License-Identifier: MIT */
/*
 * Membership tells which nodes of a group are alive, and carries a small record of facts about each
 * of them. Nodes watch each other without a central place: SWIM with the Lifeguard extensions in
 * the wire protocol of hashicorp/memberlist, so that MetalLB's speakers and serf agents can be
 * members of the same group.
 *
 * It has one descriptor. When that is readable (poll(2), libev, asyncio), call
 * mlb_membership_dispatch(), then take the events until there is none:
 *
 *     struct mlb_membership_options options = {.struct_size = sizeof(options), .name = "one"};
 *     struct mlb_membership_event event = {.struct_size = sizeof(event)};
 *     struct mlb_membership *membership = NULL;
 *
 *     if (mlb_membership_new(&options, &membership, &diagnostic) ||
 *         mlb_membership_join(membership, seeds, seed_count, &diagnostic))
 *         return complain(&diagnostic);
 *     struct pollfd p = {.fd = mlb_membership_fd(membership), .events = POLLIN};
 *     while (poll(&p, 1, -1) > 0) {
 *         if (mlb_membership_dispatch(membership, &diagnostic))
 *             return complain(&diagnostic);
 *         while (mlb_membership_next_event(membership, &event, NULL) == 1) ...
 *     }
 *
 * Who holds a key of the group can make any member fail or take its name: the keys are the boundary
 * of trust. Without keys that boundary is whoever can reach the port.
 *
 * The most impatient member decides for all when a silent one has failed. In a group with members
 * of other kinds take the profile MLB_MEMBERSHIP_LAN, which has their timing.
 *
 * What a node tells of itself comes in two kinds, both bytes that only the programs understand:
 * meta data goes to every member, also to those of other kinds; facts, which may be longer and
 * change often, go to members that use this library; others ignore them.
 *
 * A membership belongs to one thread at a time. No call blocks. A call that fails changes nothing.
 * Each that can fail takes a diagnostic, which may be NULL (see <metallb/error.h>); only
 * mlb_membership_fd() takes none.
 */
#ifndef METALLB_MEMBERSHIP_H
#define METALLB_MEMBERSHIP_H

#include <metallb/address.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The port of memberlist (its default BindPort), UDP and TCP. */
#define MLB_MEMBERSHIP_PORT 7946

/* Longest name of a member in bytes without the NUL. */
#define MLB_MEMBER_NAME_MAX 255

/* Longest meta data, record of facts, label and key in bytes, and most keys of a ring. */
#define MLB_MEMBERSHIP_META_MAX  512
#define MLB_MEMBERSHIP_FACTS_MAX 4096
#define MLB_MEMBERSHIP_LABEL_MAX 255
#define MLB_MEMBERSHIP_KEY_MAX   32
#define MLB_MEMBERSHIP_KEYS_MAX  16

struct mlb_membership;

/* Profiles of timing: tuned for plain hosts on one LAN; memberlist's own values for LAN and WAN. */
#define MLB_MEMBERSHIP_FAST 0
#define MLB_MEMBERSHIP_LAN  1
#define MLB_MEMBERSHIP_WAN  2

/* Of the timing: never probe by TCP a member that does not answer by UDP. */
#define MLB_MEMBERSHIP_NO_STREAM_PINGS 1u

/*
 * How fast failures are found and what that costs. Every value is used as it stands; fill them in
 * with mlb_membership_timing_init() first.
 */
struct mlb_membership_timing {
    uint32_t struct_size; /* sizeof(struct mlb_membership_timing) */
    uint32_t flags;       /* MLB_MEMBERSHIP_NO_STREAM_PINGS or 0 */
    /* Times in milliseconds, 1 to 3 600 000 */
    uint32_t probe_interval;     /* between two probes of this member */
    uint32_t probe_timeout;      /* wait for the direct answer; less than the interval, and
                                  * best below half of it */
    uint32_t gossip_interval;    /* between two rounds of gossip */
    uint32_t gossip_to_the_dead; /* how long a failed member is gossiped to and remembered */
    uint32_t push_pull_interval; /* between two full exchanges with a random member */
    uint32_t stream_timeout;     /* limit of one TCP exchange */
    uint32_t seed_interval;      /* between two tries of a seed that is no member */
    uint32_t indirect_checks;    /* members asked to probe in our place, 0 to 16 */
    uint32_t gossip_nodes;       /* members told in a round, 1 to 16 */
    /* A message is sent this often for each decimal digit of the number of members, 1 to 16 */
    uint32_t retransmit_multiplier;
    /* A suspected member has this many probe intervals to answer, times the logarithm to base 10
     * of the number of members where that is above 1; 1 to 16, below 3 nobody can confirm a
     * suspicion */
    uint32_t suspicion_multiplier;
    uint32_t suspicion_max_multiplier; /* and so many times longer unconfirmed, 1 to 16 */
    uint32_t awareness_max;            /* limit of the health score, 1 to 16 */
    uint32_t reserved;
};

/* A key of the group; whoever has one can read and write in it. */
struct mlb_membership_key {
    uint8_t bytes[MLB_MEMBERSHIP_KEY_MAX]; /* the first length of them */
    uint32_t length;                       /* 16, 24 or 32: AES-128, AES-192 or AES-256 in GCM */
    uint32_t reserved;
};

/* Of options: do not compress what is sent; what is received is decompressed anyway. */
#define MLB_MEMBERSHIP_NO_COMPRESSION 1u

/* What a membership is made with; only struct_size and name must be set, the rest may be zero. */
struct mlb_membership_options {
    uint32_t struct_size; /* sizeof(struct mlb_membership_options) */
    uint32_t flags;       /* MLB_MEMBERSHIP_NO_COMPRESSION or 0 */
    const char *name;     /* of this node, 1 to MLB_MEMBER_NAME_MAX bytes without control
                           * characters; unique in the group */
    /* At most MLB_MEMBERSHIP_LABEL_MAX bytes; packets of other labels are not heard; NULL: none */
    const char *label;
    const struct mlb_membership_key *keys;      /* the first encrypts, each decrypts; NULL: none */
    const uint8_t *meta;                        /* told to all members; NULL: none */
    const struct mlb_membership_timing *timing; /* NULL: MLB_MEMBERSHIP_FAST */
    /* Family MLB_FAMILY_NONE: all addresses of both families; 0.0.0.0 or ::, those of its family.
     * Then the kernel chooses the address that packets leave from */
    struct mlb_address bind_address;
    /* What the others are told; family MLB_FAMILY_NONE: the bind address, or where that is all
     * addresses the source address of a route, else one of an interface, IPv4 before IPv6 */
    struct mlb_address advertise_address;
    uint32_t key_count;      /* at most MLB_MEMBERSHIP_KEYS_MAX */
    uint32_t meta_length;    /* at most MLB_MEMBERSHIP_META_MAX */
    uint16_t bind_port;      /* 0: MLB_MEMBERSHIP_PORT */
    uint16_t advertise_port; /* 0: the bind port */
    /* Versions of an application protocol: least, most, spoken. Members with incompatible ones
     * refuse each other; MetalLB's are 0, 0, 0 and those of serf 0.9.4 are 2, 5, 4 */
    uint8_t delegate_versions[3];
    uint8_t reserved;
};

/* States of a member. */
#define MLB_MEMBER_ALIVE   0 /* answers */
#define MLB_MEMBER_SUSPECT 1 /* did not answer; still counts as a member */
#define MLB_MEMBER_FAILED  2 /* taken for dead */
#define MLB_MEMBER_LEFT    3 /* went of its own will */

/* What is known of one member. */
struct mlb_member {
    uint32_t struct_size;   /* sizeof(struct mlb_member), set by the caller */
    uint32_t state;         /* MLB_MEMBER_* */
    uint32_t incarnation;   /* counts up when it joins and when it refutes a suspicion */
    uint32_t meta_length;   /* bytes of meta */
    uint64_t facts_version; /* 0: it has not published any facts */
    uint32_t facts_length;  /* bytes; mlb_membership_facts() copies them */
    uint16_t port;          /* UDP and TCP */
    uint8_t is_self;        /* 1 for this node, else 0 */
    uint8_t reserved;
    struct mlb_address address;
    uint8_t versions[6]; /* protocol least, most, spoken; application least, most, spoken */
    uint8_t reserved2[2];
    uint8_t meta[MLB_MEMBERSHIP_META_MAX];
    char name[MLB_MEMBER_NAME_MAX + 1];
};

/* Kinds of events. */
#define MLB_MEMBERSHIP_JOINED       1  /* a member is new, or back */
#define MLB_MEMBERSHIP_UPDATED      2  /* its meta data or address changed */
#define MLB_MEMBERSHIP_SUSPECTED    3  /* it does not answer */
#define MLB_MEMBERSHIP_FAILED       4  /* it is taken for dead */
#define MLB_MEMBERSHIP_LEFT         5  /* it left */
#define MLB_MEMBERSHIP_FACTS        6  /* its facts changed */
#define MLB_MEMBERSHIP_CONFLICT     7  /* two nodes claim one name; address is the newcomer's */
#define MLB_MEMBERSHIP_TRUSTED      8  /* a suspected member answered after all */
#define MLB_MEMBERSHIP_SYNCHRONIZED 9  /* full state was exchanged with the node at address */
#define MLB_MEMBERSHIP_SEEDS_SILENT 10 /* every seed was tried since, none answered */
/* This node stood still for longer than the suspicion time, or others take it for dead: what it
 * believes is old until MLB_MEMBERSHIP_RECOVERED */
#define MLB_MEMBERSHIP_STALLED   11
#define MLB_MEMBERSHIP_RECOVERED 12 /* the group was asked, or did not answer for 2 s */
#define MLB_MEMBERSHIP_DEPARTED  13 /* our own leave has been told, or its time is over */
#define MLB_MEMBERSHIP_ERROR     14 /* something failed; detail says what, work goes on */

/* One event; fields that a kind does not use are zero. */
struct mlb_membership_event {
    uint32_t struct_size;       /* sizeof(struct mlb_membership_event), set by the caller */
    uint32_t kind;              /* MLB_MEMBERSHIP_* */
    int32_t code;               /* for MLB_MEMBERSHIP_ERROR: enum mlb_error */
    uint32_t incarnation;       /* of the member, at that moment */
    uint64_t time;              /* nanoseconds of CLOCK_BOOTTIME */
    struct mlb_address address; /* of the member, or of the node that a kind above names */
    uint16_t port;
    uint8_t reserved[6];
    char name[MLB_MEMBER_NAME_MAX + 1]; /* the member it is about */
    char detail[256];                   /* for a person */
};

/* What happened since the start. */
struct mlb_membership_statistics {
    uint32_t struct_size; /* sizeof(struct mlb_membership_statistics), set by the caller */
    uint32_t health;      /* 0: healthy; the higher the slower this node takes itself to be */
    uint32_t alive;       /* members now, by state; this node counts */
    uint32_t suspect;
    uint32_t failed; /* remembered still */
    uint32_t left;
    uint32_t queued;           /* messages that wait to be gossiped */
    uint32_t streams;          /* TCP connections that are open */
    uint64_t packets_received; /* UDP */
    uint64_t packets_sent;
    uint64_t bytes_received; /* UDP */
    uint64_t bytes_sent;
    uint64_t packets_failed;  /* the system would not send them; they are lost */
    uint64_t packets_refused; /* wrong label, key, checksum, or malformed */
    uint64_t
        messages_refused; /* of a packet or stream that was sound: malformed or out of bounds */
    uint64_t streams_accepted;
    uint64_t streams_opened;
    uint64_t streams_failed; /* either way */
    uint64_t push_pulls;     /* completed full exchanges */
    uint64_t probes;         /* of other members by this node */
    uint64_t probes_failed;
    uint64_t suspicions;  /* begun here or heard of */
    uint64_t refutations; /* suspicions of this node that it contradicted */
    uint64_t stalls;
    uint64_t conflicts;
};

/*
 * Fills in the values of a profile. Members that a later version adds are not among them; they have
 * their defaults unless the caller raises struct_size.
 *
 * @param profile  MLB_MEMBERSHIP_FAST, MLB_MEMBERSHIP_LAN or MLB_MEMBERSHIP_WAN
 * @param timing   the members above are written, struct_size included
 * @return         MLB_OK; MLB_ERROR_INVALID_ARGUMENT for NULL or another profile
 */
MLB_API int32_t mlb_membership_timing_init(uint32_t profile, struct mlb_membership_timing *timing,
                                           struct mlb_diagnostic *diagnostic);

/*
 * Makes the key of a MetalLB group from its secret: MetalLB appends the SHA-256 digest of nothing
 * to the text and takes the first 32 bytes (v0.14 and later).
 *
 * @param secret  the bytes of the secret, which need no NUL
 * @param length  how many, at least 1
 * @param key     receives an AES-256 key
 * @return        MLB_OK; MLB_ERROR_INVALID_ARGUMENT for NULL or no byte
 */
MLB_API int32_t mlb_membership_key_from_secret(const uint8_t *secret, size_t length,
                                               struct mlb_membership_key *key,
                                               struct mlb_diagnostic *diagnostic);

/*
 * Makes a membership that listens and has this node as its only member. The sockets are of the
 * network namespace of the calling thread.
 *
 * @param options     copied, with all that they point to
 * @param membership  receives it; the caller frees it with mlb_membership_free()
 * @param diagnostic  may be NULL; names the option refused, or the system call and its address
 * @return            MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_SYSTEM (the port is taken),
 *                    MLB_ERROR_PERMISSION, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_membership_new(const struct mlb_membership_options *options,
                                   struct mlb_membership **membership,
                                   struct mlb_diagnostic *diagnostic);

/*
 * Stops at once and frees the membership with its descriptor; NULL is ignored. To the others this
 * node fails, unless it has left. Take the descriptor out of an event loop first.
 */
MLB_API void mlb_membership_free(struct mlb_membership *membership);

/*
 * Descriptor that is readable when mlb_membership_dispatch() has work, and stays so while work is
 * left: watch it level-triggered, not with EPOLLET. It is always the same one, belongs to the
 * membership, and is for waiting only: never read or close it.
 *
 * @return  the descriptor, or MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_membership_fd(const struct mlb_membership *membership);

/*
 * Does a bounded amount of the work that is due. If more is due the descriptor stays readable.
 *
 * Call it as soon as the descriptor is readable: a node that answers late is suspected. What fails
 * on the network is an event and work goes on; an error here means that the descriptor itself
 * cannot be read, so that calling again will hardly help.
 *
 * @return  MLB_OK, MLB_ERROR_SYSTEM, MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_membership_dispatch(struct mlb_membership *membership,
                                        struct mlb_diagnostic *diagnostic);

/*
 * Takes the next event. Of events about one member that come faster than they are taken the last of
 * each kind is kept, so memory stays bounded; mlb_membership_member() tells what holds now.
 *
 * @param event  receives it
 * @return       1 with an event, 0 when there is none; MLB_ERROR_INVALID_ARGUMENT for NULL, or an
 *               event without struct_size
 */
MLB_API int32_t mlb_membership_next_event(struct mlb_membership *membership,
                                          struct mlb_membership_event *event,
                                          struct mlb_diagnostic *diagnostic);

/*
 * Sets the seeds in place of those set before: nodes to join by. New ones are tried at once, and
 * each one while it is no member about once in each seed interval, also when the group looks whole.
 * Names are looked up beside the caller, and again each 30 s. A seed that is this node itself does
 * not count.
 *
 * @param seeds       copied: "host", "host:port", "192.0.2.1:port", "2001:db8::1",
 *                    "[2001:db8::1]:port"; without a port the bind port
 * @param count       how many, at most 1 024; 0 takes all away
 * @param diagnostic  may be NULL; names the seed refused
 * @return            MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_membership_join(struct mlb_membership *membership, const char *const *seeds,
                                    size_t count, struct mlb_diagnostic *diagnostic);

/*
 * Tells the others that this node goes. MLB_MEMBERSHIP_DEPARTED says when that is done; until it is
 * freed the membership still answers. Seeds are no longer tried.
 *
 * @param timeout_ms  how long to try at most, in milliseconds
 * @return            MLB_OK, MLB_ERROR_WRONG_STATE if it has left, MLB_ERROR_INVALID_ARGUMENT for
 *                    NULL
 */
MLB_API int32_t mlb_membership_leave(struct mlb_membership *membership, uint32_t timeout_ms,
                                     struct mlb_diagnostic *diagnostic);

/*
 * Comes back after mlb_membership_leave(), with the seeds that it had.
 *
 * @return  MLB_OK, MLB_ERROR_WRONG_STATE if it has not left, MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_membership_return(struct mlb_membership *membership,
                                      struct mlb_diagnostic *diagnostic);

/*
 * Replaces the keys. To change the key of a group without a gap: give all members the new key as
 * second one, then as first one, then take the old one away.
 *
 * @param keys        copied; the first encrypts, each decrypts
 * @param count       how many, at most MLB_MEMBERSHIP_KEYS_MAX; 0 for none, where there were none
 *                    before either
 * @param diagnostic  may be NULL; says which key is refused and why, and never holds its bytes
 * @return            MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_membership_set_keys(struct mlb_membership *membership,
                                        const struct mlb_membership_key *keys, size_t count,
                                        struct mlb_diagnostic *diagnostic);

/*
 * Replaces the meta data of this node and tells the others; equal ones do nothing.
 *
 * @param meta    copied; may be NULL when length is 0
 * @param length  bytes, at most MLB_MEMBERSHIP_META_MAX
 * @return        MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_membership_set_meta(struct mlb_membership *membership, const uint8_t *meta,
                                        size_t length, struct mlb_diagnostic *diagnostic);

/*
 * Replaces the facts of this node and tells the others; facts equal to the present ones do nothing.
 *
 * @param facts   copied; may be NULL when length is 0
 * @param length  bytes, at most MLB_MEMBERSHIP_FACTS_MAX
 * @return        MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_membership_set_facts(struct mlb_membership *membership, const uint8_t *facts,
                                         size_t length, struct mlb_diagnostic *diagnostic);

/*
 * Copies the member at a position, ascending by the bytes of its name. This node is one of them,
 * and so are failed and left ones that are remembered still.
 *
 * @param position  0 for the first; a dispatch may move members
 * @param member    receives it
 * @return          MLB_OK, MLB_ERROR_NOT_FOUND behind the last; MLB_ERROR_INVALID_ARGUMENT for
 *                  NULL, or a member without struct_size
 */
MLB_API int32_t mlb_membership_member(const struct mlb_membership *membership, size_t position,
                                      struct mlb_member *member, struct mlb_diagnostic *diagnostic);

/*
 * Copies the member of a name.
 *
 * @param name    as in struct mlb_member
 * @param member  receives it
 * @return        MLB_OK, MLB_ERROR_NOT_FOUND for no such member; MLB_ERROR_INVALID_ARGUMENT for
 *                NULL, or a member without struct_size
 */
MLB_API int32_t mlb_membership_find(const struct mlb_membership *membership, const char *name,
                                    struct mlb_member *member, struct mlb_diagnostic *diagnostic);

/*
 * Copies the facts of a member.
 *
 * @param name      of the member, which may be this node
 * @param facts     receives them
 * @param capacity  bytes of facts; MLB_MEMBERSHIP_FACTS_MAX is always enough
 * @param length    receives how many bytes they have
 * @param version   receives their version, which only grows; may be NULL
 * @return          MLB_OK, MLB_ERROR_NOT_FOUND for no such member or one without facts,
 *                  MLB_ERROR_BUFFER_TOO_SMALL, MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_membership_facts(const struct mlb_membership *membership, const char *name,
                                     uint8_t *facts, size_t capacity, size_t *length,
                                     uint64_t *version, struct mlb_diagnostic *diagnostic);

/*
 * Copies the statistics.
 *
 * @param statistics  receives them
 * @return            MLB_OK; MLB_ERROR_INVALID_ARGUMENT for NULL, or statistics without struct_size
 */
MLB_API int32_t mlb_membership_statistics(const struct mlb_membership *membership,
                                          struct mlb_membership_statistics *statistics,
                                          struct mlb_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif

#endif
