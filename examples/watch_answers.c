/* SPDX-License-Identifier: MIT */
/*
 * Asks once a second who has an address, and says when another host answers than before; needs
 * CAP_NET_RAW. To look without taking part in the announcing it uses sockets of the system.
 *
 *     watch-answers 192.0.2.10 eth0
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <metallb/address.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PERIOD_MS 1000

struct solicitation {
    struct nd_neighbor_solicit header;
    struct nd_opt_hdr option; /* source link-layer address */
    uint8_t hardware[ETH_ALEN];
};

struct watch {
    struct mlb_address address;
    int ipv4;
    int interface;
    int descriptor;
    uint8_t own[ETH_ALEN], owner[ETH_ALEN]; /* owner is zero until somebody answers */
};

/* A probe as in RFC 5227: without a sender's address it changes nobody's cache. */
static ssize_t ask_arp(const struct watch *watch)
{
    const struct sockaddr_ll everybody = {.sll_family = AF_PACKET,
                                          .sll_protocol = htons(ETH_P_ARP),
                                          .sll_ifindex = watch->interface,
                                          .sll_halen = ETH_ALEN,
                                          .sll_addr = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    struct ether_arp probe = {
        .ea_hdr = {htons(ARPHRD_ETHER), htons(ETH_P_IP), ETH_ALEN, 4, htons(ARPOP_REQUEST)}};

    memcpy(probe.arp_sha, watch->own, ETH_ALEN);
    memcpy(probe.arp_tpa, watch->address.bytes, sizeof(probe.arp_tpa));
    return sendto(watch->descriptor, &probe, sizeof(probe), 0, (const struct sockaddr *)&everybody,
                  sizeof(everybody));
}

/* To the solicited-node group of the address (RFC 4291); the kernel adds the checksum. */
static ssize_t ask_ndp(const struct watch *watch)
{
    struct sockaddr_in6 group = {.sin6_family = AF_INET6,
                                 .sin6_scope_id = (uint32_t)watch->interface};
    struct solicitation question = {.header = {.nd_ns_type = ND_NEIGHBOR_SOLICIT},
                                    .option = {ND_OPT_SOURCE_LINKADDR, 1}};

    inet_pton(AF_INET6, "ff02::1:ff00:0", &group.sin6_addr);
    memcpy(&group.sin6_addr.s6_addr[13], &watch->address.bytes[13], 3);
    memcpy(&question.header.nd_ns_target, watch->address.bytes, 16);
    memcpy(question.hardware, watch->own, ETH_ALEN);
    return sendto(watch->descriptor, &question, sizeof(question), 0,
                  (const struct sockaddr *)&group, sizeof(group));
}

static int open_watch(struct watch *watch, const char *interface)
{
    const struct sockaddr_ll arp = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = watch->interface};
    const int hops = 255; /* else nobody answers (RFC 4861) */
    struct icmp6_filter filter;
    struct ifreq request;

    watch->descriptor =
        watch->ipv4 ? socket(AF_PACKET, SOCK_DGRAM, 0) : socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
    if (watch->descriptor < 0 || ioctl(watch->descriptor, SIOCGIFHWADDR, &request))
        return -1;
    memcpy(watch->own, request.ifr_hwaddr.sa_data, ETH_ALEN);
    if (watch->ipv4)
        return bind(watch->descriptor, (const struct sockaddr *)&arp, sizeof(arp));
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ND_NEIGHBOR_ADVERT, &filter);
    return setsockopt(watch->descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) ||
           setsockopt(watch->descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface,
                      (socklen_t)strlen(interface)) ||
           setsockopt(watch->descriptor, SOL_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops));
}

/* Who claims the address in what was received, or NULL. */
static const uint8_t *claimant(const struct watch *watch, const uint8_t *bytes, ssize_t length)
{
    const struct ether_arp *arp = (const struct ether_arp *)bytes;
    const struct nd_neighbor_advert *answer = (const struct nd_neighbor_advert *)bytes;
    const uint8_t *option = bytes + sizeof(*answer); /* the target's link-layer address */

    if (watch->ipv4 && length >= (ssize_t)sizeof(*arp) &&
        !memcmp(arp->arp_spa, watch->address.bytes, 4))
        return arp->arp_sha;
    if (!watch->ipv4 && length >= (ssize_t)sizeof(*answer) + 8 &&
        option[0] == ND_OPT_TARGET_LINKADDR &&
        !memcmp(&answer->nd_na_target, watch->address.bytes, 16))
        return option + 2;
    return NULL;
}

static void hear(struct watch *watch)
{
    _Alignas(8) uint8_t bytes[1500];
    const uint8_t *who = claimant(watch, bytes, recv(watch->descriptor, bytes, sizeof(bytes), 0));

    if (!who || !memcmp(who, watch->owner, ETH_ALEN))
        return;
    memcpy(watch->owner, who, ETH_ALEN);
    for (int i = 0; i < ETH_ALEN; i++)
        printf("%02x%s", who[i], i < ETH_ALEN - 1 ? ":" : " answers\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct watch watch = {.interface = argc == 3 ? (int)if_nametoindex(argv[2]) : 0};
    struct mlb_diagnostic diagnostic;

    if (argc != 3) {
        fprintf(stderr, "usage: %s ADDRESS INTERFACE\n", argv[0]);
        return 2;
    }
    mlb_diagnostic_init(&diagnostic);
    if (mlb_address_parse(argv[1], &watch.address, &diagnostic)) {
        fprintf(stderr, "watch-answers: %s\n", diagnostic.message);
        return 1;
    }
    watch.ipv4 = watch.address.family == MLB_FAMILY_IPV4;
    if (!watch.interface || open_watch(&watch, argv[2])) {
        perror("watch-answers");
        return 1;
    }
    for (;;) {
        struct pollfd readable = {.fd = watch.descriptor, .events = POLLIN};
        if ((watch.ipv4 ? ask_arp(&watch) : ask_ndp(&watch)) < 0)
            perror("watch-answers: asking");
        while (poll(&readable, 1, PERIOD_MS) > 0)
            hear(&watch);
    }
}
