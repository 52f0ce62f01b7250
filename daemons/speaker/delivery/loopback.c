/* SPDX-License-Identifier: MIT */
#include "speaker/delivery/loopback.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICE "lo"

/* The marks: IPv4 addresses have a label, those of both families a protocol since Linux 5.18. */
#define LABEL         DEVICE ":metallb"
#define PROTOCOL_MARK 77

struct loopback {
    struct nl_sock *socket;
    unsigned index;
    int error; /* of the last request: a negative errno */
};

static int on_error(struct sockaddr_nl *sender, struct nlmsgerr *message, void *argument)
{
    struct loopback *loopback = argument;

    (void)sender;
    loopback->error = message->error;
    return NL_STOP;
}

static int open_loopback(struct loopback *loopback)
{
    loopback->index = if_nametoindex(DEVICE);
    if (loopback->index == 0)
        return -ENODEV;
    loopback->socket = nl_socket_alloc();
    if (loopback->socket == NULL)
        return -ENOMEM;
    if (nl_connect(loopback->socket, NETLINK_ROUTE) < 0)
        return -EIO;
    nl_socket_modify_err_cb(loopback->socket, NL_CB_CUSTOM, on_error, loopback);
    return 0;
}

int loopback_new(struct loopback **loopback)
{
    struct loopback *made = calloc(1, sizeof(*made));
    int result;

    if (made == NULL)
        return -ENOMEM;
    result = open_loopback(made);
    if (result != 0) {
        loopback_free(made);
        return result;
    }
    *loopback = made;
    return 0;
}

void loopback_free(struct loopback *loopback)
{
    if (loopback == NULL)
        return;
    nl_socket_free(loopback->socket);
    free(loopback);
}

bool loopback_is_up(const struct loopback *loopback)
{
    struct ifreq request = {.ifr_name = DEVICE};

    return ioctl(nl_socket_get_fd(loopback->socket), SIOCGIFFLAGS, &request) == 0 &&
           (request.ifr_flags & IFF_UP) != 0;
}

static size_t address_length(const struct mlb_address *address)
{
    return address->family == MLB_FAMILY_IPV4 ? 4 : 16;
}

/* Scope host keeps an IPv4 address from being chosen as source of what the host itself sends; IPv6
 * has the preferred lifetime of zero for that (RFC 6724 §5, rule 3). */
static struct ifaddrmsg header_of(const struct loopback *loopback,
                                  const struct mlb_address *address)
{
    bool is_ipv4 = address->family == MLB_FAMILY_IPV4;

    return (struct ifaddrmsg){
        .ifa_family = is_ipv4 ? AF_INET : AF_INET6,
        .ifa_prefixlen = is_ipv4 ? 32 : 128,
        .ifa_scope = is_ipv4 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE,
        .ifa_index = loopback->index,
    };
}

static struct nl_msg *make_message(const struct loopback *loopback,
                                   const struct mlb_address *address, int type, int flags)
{
    struct ifaddrmsg header = header_of(loopback, address);
    struct nl_msg *message = nlmsg_alloc_simple(type, flags);
    int length = (int)address_length(address);

    if (message == NULL)
        return NULL;
    if (nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) < 0 ||
        nla_put(message, IFA_LOCAL, length, address->bytes) < 0 ||
        nla_put(message, IFA_ADDRESS, length, address->bytes) < 0) {
        nlmsg_free(message);
        return NULL;
    }
    return message;
}

static int put_lifetime(struct nl_msg *message, const struct mlb_address *address,
                        unsigned lifetime_seconds)
{
    struct ifa_cacheinfo lifetime = {.ifa_prefered = 0, .ifa_valid = lifetime_seconds};

    if (address->family == MLB_FAMILY_IPV4 && nla_put_string(message, IFA_LABEL, LABEL) < 0)
        return -ENOMEM;
    if (nla_put(message, IFA_CACHEINFO, sizeof(lifetime), &lifetime) < 0 ||
        nla_put_u32(message, IFA_FLAGS, IFA_F_NODAD | IFA_F_NOPREFIXROUTE) < 0 ||
        nla_put_u8(message, IFA_PROTO, PROTOCOL_MARK) < 0)
        return -ENOMEM;
    return 0;
}

/* Sends a request and waits for its acknowledgement; the kernel answers within the call. */
static int send_message(struct loopback *loopback, struct nl_msg *message)
{
    int result;

    loopback->error = 0;
    result = nl_send_auto(loopback->socket, message);
    nlmsg_free(message);
    if (result >= 0)
        result = nl_wait_for_ack(loopback->socket);
    if (loopback->error != 0)
        return loopback->error;
    return result < 0 ? -EIO : 0;
}

static int put_address(struct loopback *loopback, const struct mlb_address *address,
                       unsigned lifetime_seconds, int flags)
{
    struct nl_msg *message = make_message(loopback, address, RTM_NEWADDR, NLM_F_CREATE | flags);

    if (message == NULL)
        return -ENOMEM;
    if (put_lifetime(message, address, lifetime_seconds) != 0) {
        nlmsg_free(message);
        return -ENOMEM;
    }
    return send_message(loopback, message);
}

int loopback_add(struct loopback *loopback, const struct mlb_address *address,
                 unsigned lifetime_seconds)
{
    return put_address(loopback, address, lifetime_seconds, NLM_F_EXCL);
}

int loopback_renew(struct loopback *loopback, const struct mlb_address *address,
                   unsigned lifetime_seconds)
{
    return put_address(loopback, address, lifetime_seconds, NLM_F_REPLACE);
}

int loopback_remove(struct loopback *loopback, const struct mlb_address *address)
{
    struct nl_msg *message = make_message(loopback, address, RTM_DELADDR, 0);
    int result;

    if (message == NULL)
        return -ENOMEM;
    result = send_message(loopback, message);
    return result == -EADDRNOTAVAIL ? 0 : result;
}

static int on_route(struct nl_msg *message, void *argument)
{
    const struct rtmsg *route = nlmsg_data(nlmsg_hdr(message));

    if (nlmsg_hdr(message)->nlmsg_type == RTM_NEWROUTE)
        *(bool *)argument = route->rtm_type == RTN_LOCAL;
    return NL_OK;
}

/* Sends the question which way the kernel would take. */
static int send_question(struct loopback *loopback, const struct mlb_address *address)
{
    bool is_ipv4 = address->family == MLB_FAMILY_IPV4;
    int length = (int)address_length(address);
    struct rtmsg header = {
        .rtm_family = is_ipv4 ? AF_INET : AF_INET6,
        .rtm_dst_len = (unsigned char)(8 * length),
    };
    struct nl_msg *message = nlmsg_alloc_simple(RTM_GETROUTE, 0);
    int result = -ENOMEM;

    if (message == NULL)
        return -ENOMEM;
    if (nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) >= 0 &&
        nla_put(message, RTA_DST, length, address->bytes) >= 0)
        result = nl_send_auto(loopback->socket, message);
    nlmsg_free(message);
    return result;
}

/* The kernel answers within the call: with a route and an acknowledgement, or with an error alone.
 * Whatever is left unread would be taken for the answer of the next request. */
bool loopback_delivers(struct loopback *loopback, const struct mlb_address *address)
{
    struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
    bool delivers = false;
    int result;

    if (callbacks == NULL)
        return false;
    nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_route, &delivers);
    nl_cb_err(callbacks, NL_CB_CUSTOM, on_error, loopback);
    loopback->error = 0;
    result = send_question(loopback, address);
    if (result >= 0)
        result = nl_recvmsgs(loopback->socket, callbacks);
    if (result >= 0 && loopback->error == 0)
        result = nl_wait_for_ack(loopback->socket);
    nl_cb_put(callbacks);
    return result >= 0 && loopback->error == 0 && delivers;
}

struct listing {
    const struct loopback *loopback;
    void (*found)(void *context, const struct mlb_address *address);
    void *context;
};

static bool has_mark(struct nlattr **attributes)
{
    if (attributes[IFA_PROTO] != NULL && nla_len(attributes[IFA_PROTO]) >= 1)
        return nla_get_u8(attributes[IFA_PROTO]) == PROTOCOL_MARK;
    return attributes[IFA_LABEL] != NULL && nla_strcmp(attributes[IFA_LABEL], LABEL) == 0;
}

static int on_address(struct nl_msg *message, void *argument)
{
    const struct listing *listing = argument;
    const struct ifaddrmsg *header = nlmsg_data(nlmsg_hdr(message));
    struct nlattr *attributes[IFA_MAX + 1];
    struct nlattr *value;
    struct mlb_address address = {0};

    if (nlmsg_hdr(message)->nlmsg_type != RTM_NEWADDR ||
        nlmsg_parse(nlmsg_hdr(message), sizeof(*header), attributes, IFA_MAX, NULL) < 0 ||
        header->ifa_index != listing->loopback->index)
        return NL_OK;
    address.family = header->ifa_family == AF_INET ? MLB_FAMILY_IPV4 : MLB_FAMILY_IPV6;
    value = attributes[header->ifa_family == AF_INET ? IFA_LOCAL : IFA_ADDRESS];
    if (value == NULL || (size_t)nla_len(value) != address_length(&address) ||
        header->ifa_prefixlen != 8 * address_length(&address) || !has_mark(attributes))
        return NL_OK;
    memcpy(address.bytes, nla_data(value), address_length(&address));
    listing->found(listing->context, &address);
    return NL_OK;
}

int loopback_list(struct loopback *loopback,
                  void (*found)(void *context, const struct mlb_address *address), void *context)
{
    struct listing listing = {.loopback = loopback, .found = found, .context = context};
    struct rtgenmsg request = {.rtgen_family = AF_UNSPEC};
    struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
    int result;

    if (callbacks == NULL)
        return -ENOMEM;
    nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_address, &listing);
    result = nl_send_simple(loopback->socket, RTM_GETADDR, NLM_F_DUMP, &request, sizeof(request));
    if (result >= 0)
        result = nl_recvmsgs(loopback->socket, callbacks);
    nl_cb_put(callbacks);
    return result < 0 ? -EIO : 0;
}
