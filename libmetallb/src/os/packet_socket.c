/* SPDX-License-Identifier: MIT */
#include "os/packet_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An Ethernet frame of the usual MTU with a tag; a longer neighbour message does not exist. */
#define FRAME_SIZE 1520

struct control_space {
    _Alignas(struct cmsghdr) uint8_t bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
};

struct packet_batch {
    struct mmsghdr headers[PACKET_BATCH_FRAMES];
    struct iovec vectors[PACKET_BATCH_FRAMES];
    struct sockaddr_ll sources[PACKET_BATCH_FRAMES];
    struct control_space controls[PACKET_BATCH_FRAMES];
    uint8_t frames[PACKET_BATCH_FRAMES][FRAME_SIZE];
};

struct packet_batch *packet_batch_new(void)
{
    struct packet_batch *batch = calloc(1, sizeof(*batch));

    if (!batch)
        return NULL;
    for (size_t i = 0; i < PACKET_BATCH_FRAMES; i++) {
        batch->vectors[i] = (struct iovec){batch->frames[i], FRAME_SIZE};
        batch->headers[i].msg_hdr.msg_iov = &batch->vectors[i];
        batch->headers[i].msg_hdr.msg_iovlen = 1;
        batch->headers[i].msg_hdr.msg_name = &batch->sources[i];
        batch->headers[i].msg_hdr.msg_control = batch->controls[i].bytes;
    }
    return batch;
}

void packet_batch_free(struct packet_batch *batch)
{
    free(batch);
}

int packet_socket_open(void)
{
    const int on = 1;
    int error;
    /* Protocol 0 receives nothing until bind(), so that the filter is in force from the first. */
    int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (descriptor < 0)
        return -errno;
    if (setsockopt(descriptor, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) == 0 &&
        setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) == 0)
        return descriptor;
    error = errno;
    close(descriptor);
    return -error;
}

static uint16_t ethernet_type(enum packet_protocol protocol)
{
    return protocol == PACKET_PROTOCOL_ARP ? ETH_P_ARP : ETH_P_IPV6;
}

int packet_socket_bind(int descriptor, uint32_t interface_index, enum packet_protocol protocol)
{
    const struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ethernet_type(protocol)),
        .sll_ifindex = (int)interface_index,
    };

    if (bind(descriptor, (const struct sockaddr *)&address, sizeof(address)) != 0)
        return -errno;
    return 0;
}

int packet_socket_is_bound(int descriptor)
{
    struct sockaddr_ll address = {0};
    socklen_t length = sizeof(address);

    return getsockname(descriptor, (struct sockaddr *)&address, &length) == 0 &&
           address.sll_ifindex > 0;
}

/* The kernel overwrites these lengths with those of what it delivered. */
static void reset_headers(struct packet_batch *batch, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        batch->headers[i].msg_hdr.msg_namelen = sizeof(batch->sources[i]);
        batch->headers[i].msg_hdr.msg_controllen = sizeof(batch->controls[i].bytes);
        batch->headers[i].msg_hdr.msg_flags = 0;
    }
}

int packet_socket_receive(int descriptor, struct packet_batch *batch, size_t limit)
{
    size_t count = limit < PACKET_BATCH_FRAMES ? limit : PACKET_BATCH_FRAMES;
    int received;

    reset_headers(batch, count);
    received = recvmmsg(descriptor, batch->headers, (unsigned int)count, MSG_DONTWAIT, NULL);
    if (received >= 0)
        return received;
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/*
 * The kernel takes the tag out of a frame of a VLAN for which the host has no device, and hands the
 * rest to the sockets of the parent interface; an answer would go to the wrong VLAN.
 */
static int has_vlan_tag(struct msghdr *header)
{
    struct tpacket_auxdata data;

    for (struct cmsghdr *message = CMSG_FIRSTHDR(header); message;
         message = CMSG_NXTHDR(header, message)) {
        if (message->cmsg_level != SOL_PACKET || message->cmsg_type != PACKET_AUXDATA)
            continue;
        memcpy(&data, CMSG_DATA(message), sizeof(data));
        return (data.tp_status & TP_STATUS_VLAN_VALID) != 0;
    }
    return 0;
}

struct packet_frame packet_batch_frame(const struct packet_batch *batch, size_t position)
{
    struct msghdr header = batch->headers[position].msg_hdr;

    return (struct packet_frame){
        .bytes = batch->frames[position],
        .length = batch->headers[position].msg_len,
        .tagged = has_vlan_tag(&header) || batch->sources[position].sll_pkttype == PACKET_OTHERHOST,
    };
}

int packet_socket_send(int descriptor, const void *frame, size_t length)
{
    if (send(descriptor, frame, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return -errno;
    return 0;
}

int packet_socket_membership(int descriptor, uint32_t interface_index,
                             const uint8_t hardware_address[6], int join)
{
    struct packet_mreq request = {
        .mr_ifindex = (int)interface_index,
        .mr_type = PACKET_MR_MULTICAST,
        .mr_alen = 6,
    };
    const int option = join ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP;

    memcpy(request.mr_address, hardware_address, 6);
    if (setsockopt(descriptor, SOL_PACKET, option, &request, sizeof(request)) != 0)
        return -errno;
    return 0;
}
