/* SPDX-License-Identifier: MIT */
#include "os/vrrp_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IP_PROTOCOL_VRRP    112
#define VRRP_GROUP_IPV4     "224.0.0.18" /* RFC 5798 §5.1.1.2 */
#define VRRP_GROUP_IPV6     "ff02::12"   /* RFC 5798 §5.1.2.2 */
#define IPV4_HEADER_MINIMUM 20

/* Enough for the few messages a second of a LAN; a flood is not to fill the memory. */
#define RECEIVE_BUFFER_SIZE 16384

#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29 /* Linux 4.20, missing in the headers of the C library */
#endif

union control_space {
    struct cmsghdr alignment;
    uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static int set_options(int descriptor, int level, int information, int all_groups)
{
    const int on = 1;
    const int off = 0;
    const int size = RECEIVE_BUFFER_SIZE;

    if (setsockopt(descriptor, level, information, &on, sizeof(on)) != 0 ||
        setsockopt(descriptor, level, all_groups, &off, sizeof(off)) != 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) != 0)
        return -errno;
    return 0;
}

int vrrp_socket_open(uint8_t family)
{
    const int domain = family == MLB_FAMILY_IPV4 ? AF_INET : AF_INET6;
    int descriptor = socket(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IP_PROTOCOL_VRRP);
    int error;

    if (descriptor < 0)
        return -errno;
    /* Only the groups joined by this very socket, not those of other processes on the host. */
    if (family == MLB_FAMILY_IPV4)
        error = set_options(descriptor, IPPROTO_IP, IP_PKTINFO, IP_MULTICAST_ALL);
    else
        error = set_options(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, IPV6_MULTICAST_ALL);
    if (!error)
        return descriptor;
    close(descriptor);
    return error;
}

static int membership_ipv4(int descriptor, uint32_t interface_index, int join)
{
    struct ip_mreqn request = {.imr_ifindex = (int)interface_index};
    const int option = join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;

    inet_pton(AF_INET, VRRP_GROUP_IPV4, &request.imr_multiaddr);
    return setsockopt(descriptor, IPPROTO_IP, option, &request, sizeof(request));
}

static int membership_ipv6(int descriptor, uint32_t interface_index, int join)
{
    struct ipv6_mreq request = {.ipv6mr_interface = interface_index};
    const int option = join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;

    inet_pton(AF_INET6, VRRP_GROUP_IPV6, &request.ipv6mr_multiaddr);
    return setsockopt(descriptor, IPPROTO_IPV6, option, &request, sizeof(request));
}

int vrrp_socket_membership(int descriptor, uint8_t family, uint32_t interface_index, int join)
{
    const int result = family == MLB_FAMILY_IPV4
                           ? membership_ipv4(descriptor, interface_index, join)
                           : membership_ipv6(descriptor, interface_index, join);

    return result == 0 ? 0 : -errno;
}

static uint32_t arrival_interface(struct msghdr *header)
{
    for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control;
         control = CMSG_NXTHDR(header, control)) {
        if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo information;
            memcpy(&information, CMSG_DATA(control), sizeof(information));
            return (uint32_t)information.ipi_ifindex;
        }
        if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo information;
            memcpy(&information, CMSG_DATA(control), sizeof(information));
            return information.ipi6_ifindex;
        }
    }
    return 0;
}

static void set_source(struct vrrp_message *message, uint8_t family,
                       const struct sockaddr_storage *source)
{
    memset(&message->source, 0, sizeof(message->source));
    message->source.family = family;
    if (family == MLB_FAMILY_IPV4)
        memcpy(message->source.bytes, &((const struct sockaddr_in *)source)->sin_addr, 4);
    else
        memcpy(message->source.bytes, &((const struct sockaddr_in6 *)source)->sin6_addr, 16);
}

/* A raw IPv4 socket delivers the IP header too (raw(7)), one of IPv6 does not. */
static void remove_ip_header(struct vrrp_message *message)
{
    const size_t header = (size_t)(message->payload[0] & 0x0f) * 4;

    if (message->length < IPV4_HEADER_MINIMUM || header > message->length) {
        message->length = 0;
        return;
    }
    message->length -= header;
    memmove(message->payload, message->payload + header, message->length);
}

int vrrp_socket_receive(int descriptor, uint8_t family, struct vrrp_message *message)
{
    struct sockaddr_storage source = {0};
    union control_space control;
    struct iovec vector = {message->payload, sizeof(message->payload)};
    struct msghdr header = {
        .msg_name = &source,
        .msg_namelen = sizeof(source),
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    const ssize_t received = recvmsg(descriptor, &header, MSG_DONTWAIT);

    if (received < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    message->length = (size_t)received;
    message->interface_index = arrival_interface(&header);
    set_source(message, family, &source);
    if (family == MLB_FAMILY_IPV4)
        remove_ip_header(message);
    return 1;
}
