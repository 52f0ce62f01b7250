/* SPDX-License-Identifier: MIT */
/*
 * The announcer makes a host the owner of addresses on its LANs: it answers ARP (RFC 826, RFC 5227)
 * and neighbour discovery (RFC 4861) for them, tells the LAN when it takes one over, and follows
 * the host's network interfaces by itself.
 *
 * It has one descriptor. When that is readable (poll(2), libev, asyncio), call
 * mlb_announcer_dispatch(), then take the events until there is none:
 *
 *     struct mlb_announcer_event event = {.struct_size = sizeof(event)};
 *     struct mlb_announcer *announcer = NULL;
 *
 *     if (mlb_announcer_new(NULL, &announcer, &diagnostic) ||
 *         mlb_announcer_announce(announcer, &address, NULL, 0, &diagnostic))
 *         return complain(&diagnostic);
 *     struct pollfd p = {.fd = mlb_announcer_fd(announcer), .events = POLLIN};
 *     while (poll(&p, 1, -1) > 0) {
 *         if (mlb_announcer_dispatch(announcer, &diagnostic))
 *             return complain(&diagnostic);
 *         while (mlb_announcer_next_event(announcer, &event, NULL) == 1) ...
 *     }
 *
 * An address is announced; it need not be configured on the host, and need not lie in a subnet of
 * an interface. Creating an announcer needs CAP_NET_RAW, and CAP_BPF for the exact kernel filter at
 * any number of addresses; both may be dropped afterwards only if no interface will appear later
 * (each new interface needs a new packet socket, so keep CAP_NET_RAW).
 *
 * An announcer belongs to one thread at a time. No call blocks. A call that fails changes nothing.
 * Each that can fail takes a diagnostic, which may be NULL (see <metallb/error.h>); only
 * mlb_announcer_fd() takes none.
 */
#ifndef METALLB_ANNOUNCER_H
#define METALLB_ANNOUNCER_H

#include <metallb/address.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of an interface name with its NUL (IFNAMSIZ). */
#define MLB_INTERFACE_NAME_SIZE 16

/* Bytes of an Ethernet hardware address. */
#define MLB_HARDWARE_ADDRESS_SIZE 6

struct mlb_announcer;

/* Of options: do not load an eBPF filter even where that is possible. */
#define MLB_ANNOUNCER_NO_EBPF 1u

/* What an announcer is made with; set what is not used to zero. */
struct mlb_announcer_options {
    uint32_t struct_size; /* sizeof(struct mlb_announcer_options) */
    uint32_t flags;       /* MLB_ANNOUNCER_NO_EBPF or 0 */
    /* POSIX extended regular expressions; an interface whose name one matches is never used */
    const char *const *exclude;
    uint32_t exclude_count; /* how many patterns; 0: no interface is left out by its name */
    /* Seconds between two repeats of an announcement long after the take-over; 0: none */
    uint32_t refresh_seconds;
};

/* Kinds of events. */
#define MLB_ANNOUNCER_INTERFACE_UP      1 /* an interface can be used now */
#define MLB_ANNOUNCER_INTERFACE_DOWN    2 /* it cannot any more; detail says why */
#define MLB_ANNOUNCER_INTERFACE_CHANGED 3 /* it was renamed or has a new hardware address */
#define MLB_ANNOUNCER_CONFLICT          4 /* another host claims an announced address */
#define MLB_ANNOUNCER_LOCAL_ADDRESS     5 /* an announced address stands on a local interface */
#define MLB_ANNOUNCER_LOCAL_REMOVED     6 /* it no longer does */
#define MLB_ANNOUNCER_VRRP              7 /* a VRRP advertisement names an announced address */
#define MLB_ANNOUNCER_ERROR             8 /* something failed; detail says what, work goes on */

/* One event; fields that a kind does not use are zero. */
struct mlb_announcer_event {
    uint32_t struct_size;       /* sizeof(struct mlb_announcer_event), set by the caller */
    uint32_t kind;              /* MLB_ANNOUNCER_* */
    uint32_t interface_index;   /* as the kernel numbers it; 0: of none */
    int32_t code;               /* for MLB_ANNOUNCER_ERROR: enum mlb_error */
    uint64_t count;             /* CONFLICT, VRRP: how often so far, this time included */
    struct mlb_address address; /* the announced address that it is about */
    char interface_name[MLB_INTERFACE_NAME_SIZE];
    uint8_t hardware_address[MLB_HARDWARE_ADDRESS_SIZE]; /* CONFLICT: who claims it */
    uint8_t reserved[2];
    struct mlb_address sender; /* VRRP: source of the advertisement */
    char detail[128];          /* for a person */
};

/* What happened for an address on an interface. */
struct mlb_announcer_counters {
    uint32_t struct_size; /* sizeof(struct mlb_announcer_counters), set by the caller */
    uint32_t reserved;
    uint64_t requests;   /* ARP requests and neighbour solicitations received */
    uint64_t replies;    /* ARP replies and neighbour advertisements sent in answer */
    uint64_t gratuitous; /* frames sent unasked: two for an ARP set, one for NDP */
    uint64_t dropped;    /* repeats that the pacing left out */
    uint64_t conflicts;  /* claims of the address by other hosts */
};

/* A network interface of the host as the announcer sees it. */
struct mlb_interface {
    uint32_t struct_size; /* sizeof(struct mlb_interface), set by the caller */
    uint32_t index;       /* as the kernel numbers it */
    char name[MLB_INTERFACE_NAME_SIZE];
    uint8_t hardware_address[MLB_HARDWARE_ADDRESS_SIZE];
    uint8_t usable; /* 1: announced on */
    uint8_t filter; /* MLB_FILTER_* */
    uint8_t reserved[8];
    char reason[64];  /* why it is not used, for a person; empty for a usable one */
    uint64_t frames;  /* frames that passed the kernel filter */
    uint64_t foreign; /* of these, frames for addresses not announced */
};

/* How frames are filtered in the kernel before they reach the process. */
#define MLB_FILTER_NONE     0 /* no socket: the interface is not used */
#define MLB_FILTER_EBPF     1 /* exact, a hash set of addresses */
#define MLB_FILTER_CLASSIC  2 /* exact, a classic BPF program */
#define MLB_FILTER_COVERING 3 /* classic BPF over covering intervals, exact check in user space */

/*
 * Makes an announcer and reads the interfaces of the network namespace of the calling thread.
 *
 * @param options     may be NULL; copied
 * @param announcer   receives it; the caller frees it with mlb_announcer_free()
 * @param diagnostic  may be NULL; names the capability, the system call or the bad pattern
 * @return            MLB_OK, MLB_ERROR_PERMISSION without CAP_NET_RAW, MLB_ERROR_SYSTEM,
 *                    MLB_ERROR_NO_MEMORY; MLB_ERROR_INVALID_ARGUMENT for a bad pattern, an unknown
 *                    flag, or options without struct_size
 */
MLB_API int32_t mlb_announcer_new(const struct mlb_announcer_options *options,
                                  struct mlb_announcer **announcer,
                                  struct mlb_diagnostic *diagnostic);

/*
 * Stops answering at once and frees the announcer with its descriptor; NULL is ignored. Nothing is
 * sent: take the descriptor out of an event loop first.
 */
MLB_API void mlb_announcer_free(struct mlb_announcer *announcer);

/*
 * Descriptor that is readable when mlb_announcer_dispatch() has work, and stays so while work is
 * left: watch it level-triggered, not with EPOLLET. It is always the same one, belongs to the
 * announcer, and is for waiting only: never read or close it.
 *
 * @return  the descriptor, or MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_announcer_fd(const struct mlb_announcer *announcer);

/*
 * Does a bounded amount of the work that is due: frames, interface changes, timers. If more is due
 * the descriptor stays readable.
 *
 * What fails for one address or interface is an event and work goes on; an error here means that
 * the descriptor itself cannot be read, so that calling again will hardly help.
 *
 * @return  MLB_OK, MLB_ERROR_SYSTEM, MLB_ERROR_NO_MEMORY, MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_announcer_dispatch(struct mlb_announcer *announcer,
                                       struct mlb_diagnostic *diagnostic);

/*
 * Takes the next event. Of events that come faster than they are taken the oldest of a kind is kept
 * and counted up, so memory stays bounded.
 *
 * @param event  receives it
 * @return       1 with an event, 0 when there is none; MLB_ERROR_INVALID_ARGUMENT for NULL, or an
 *               event without struct_size
 */
MLB_API int32_t mlb_announcer_next_event(struct mlb_announcer *announcer,
                                         struct mlb_announcer_event *event,
                                         struct mlb_diagnostic *diagnostic);

/*
 * Announces an address, on all usable interfaces or on those named, now and when they appear.
 *
 * An address that was not announced before is told to the LAN at once and each 1.1 s until 5 s
 * later (the times of MetalLB). For one that is announced already, only the set of interfaces is
 * replaced; the LAN is told on interfaces that are new to it.
 *
 * An IPv4-mapped address counts as IPv4, as in all calls here. One that no single host can have
 * (unspecified, multicast, reserved) is refused.
 *
 * @param address     of either family
 * @param interfaces  names of 1 to MLB_INTERFACE_NAME_SIZE - 1 bytes, copied; they need not exist
 *                    yet
 * @param count       how many names; 0 with NULL: all interfaces, also those that appear later;
 *                    an empty list that is not NULL is refused
 * @param diagnostic  may be NULL; names the address or the interface refused
 * @return            MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
MLB_API int32_t mlb_announcer_announce(struct mlb_announcer *announcer,
                                       const struct mlb_address *address,
                                       const char *const *interfaces, size_t count,
                                       struct mlb_diagnostic *diagnostic);

/*
 * Stops announcing an address; nothing is sent, the new owner corrects the neighbours.
 *
 * @param address  as it was announced
 * @return         MLB_OK, MLB_ERROR_NOT_FOUND for an address not announced;
 *                 MLB_ERROR_INVALID_ARGUMENT for NULL or an address without family
 */
MLB_API int32_t mlb_announcer_withdraw(struct mlb_announcer *announcer,
                                       const struct mlb_address *address,
                                       struct mlb_diagnostic *diagnostic);

/*
 * Tells the LAN again about an announced address, as if it were new.
 *
 * @param address  as it was announced
 * @return         MLB_OK, MLB_ERROR_NOT_FOUND for an address not announced;
 *                 MLB_ERROR_INVALID_ARGUMENT for NULL or an address without family
 */
MLB_API int32_t mlb_announcer_repeat(struct mlb_announcer *announcer,
                                     const struct mlb_address *address,
                                     struct mlb_diagnostic *diagnostic);

/*
 * Copies the counters of an address; they begin with 0 each time that it is announced anew.
 *
 * @param address          as it was announced
 * @param interface_index  one interface, or 0 for the sum over all, past ones included
 * @param counters         receives them
 * @return                 MLB_OK, MLB_ERROR_NOT_FOUND for an address not announced or no such
 *                         interface; MLB_ERROR_INVALID_ARGUMENT for NULL, an address without
 *                         family, or counters without struct_size
 */
MLB_API int32_t mlb_announcer_counters(const struct mlb_announcer *announcer,
                                       const struct mlb_address *address, uint32_t interface_index,
                                       struct mlb_announcer_counters *counters,
                                       struct mlb_diagnostic *diagnostic);

/*
 * Copies the interface at a position, ascending by interface index; unusable ones are among them.
 *
 * @param position   0 for the first
 * @param interface  receives it
 * @return           MLB_OK, MLB_ERROR_NOT_FOUND behind the last; MLB_ERROR_INVALID_ARGUMENT for
 *                   NULL, or an interface without struct_size
 */
MLB_API int32_t mlb_announcer_interface(const struct mlb_announcer *announcer, size_t position,
                                        struct mlb_interface *interface,
                                        struct mlb_diagnostic *diagnostic);

/*
 * Tells whether an announced address is announced on an interface at this moment.
 *
 * @param address          as it was announced
 * @param interface_index  as the kernel numbers it
 * @return                 1 if it is, 0 if not, MLB_ERROR_NOT_FOUND for an address not announced;
 *                         MLB_ERROR_INVALID_ARGUMENT for NULL or an address without family
 */
MLB_API int32_t mlb_announcer_announces_on(const struct mlb_announcer *announcer,
                                           const struct mlb_address *address,
                                           uint32_t interface_index,
                                           struct mlb_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif

#endif
