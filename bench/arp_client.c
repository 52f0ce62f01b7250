/* SPDX-License-Identifier: MIT */
/*
 * The other side of the announcer's benchmarks: asks by ARP and measures, one JSON line each.
 *
 *     bench-arp-client latency INTERFACE COUNT TARGET...
 *         round trip of single requests, the targets in turn
 *     bench-arp-client flood INTERFACE RATE SECONDS TARGET COUNT
 *         RATE requests a second for addresses of nobody; among them each 10 ms one for the next of
 *         COUNT addresses from TARGET on, which is to be answered
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_SIZE    60
#define BATCH         64
#define TARGETS_MAX   8
#define TIMEOUT_NS    1000000000ull
#define PAUSE_NS      300000ull
#define LEGITIMATE_NS 10000000ull
#define ASKER         0xc0000201u /* 192.0.2.1 */
#define FOREIGN       0xac100000u /* 172.16.0.0 and the 65 535 behind */

struct client {
    int descriptor;
    uint8_t hardware_address[6];
};

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static void open_client(struct client *client, const char *name)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP)};
    struct ifreq request = {0};
    const int on = 1;

    client->descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (client->descriptor < 0)
        die("socket");
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    if (ioctl(client->descriptor, SIOCGIFHWADDR, &request) != 0)
        die(name);
    memcpy(client->hardware_address, request.ifr_hwaddr.sa_data, 6);
    address.sll_ifindex = (int)if_nametoindex(name);
    setsockopt(client->descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
    if (bind(client->descriptor, (const struct sockaddr *)&address, sizeof(address)) != 0)
        die("bind");
}

static void put_address(uint8_t *place, uint32_t address)
{
    address = htonl(address);
    memcpy(place, &address, sizeof(address));
}

static void make_request(const struct client *client, uint8_t frame[FRAME_SIZE], uint32_t target)
{
    static const uint8_t constant[] = {0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1};

    memset(frame, 0, FRAME_SIZE);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, client->hardware_address, 6);
    memcpy(frame + 12, constant, sizeof(constant));
    memcpy(frame + 22, client->hardware_address, 6);
    put_address(frame + 28, ASKER);
    put_address(frame + 38, target);
}

/* The address that a reply to us is about, or 0. */
static uint32_t answered_address(const uint8_t *frame, ssize_t length)
{
    uint32_t address;
    uint32_t target;

    if (length < 42 || frame[21] != 2)
        return 0;
    memcpy(&address, frame + 28, sizeof(address));
    memcpy(&target, frame + 38, sizeof(target));
    return ntohl(target) == ASKER ? ntohl(address) : 0;
}

/* Nanoseconds until the answer; 0 when none came. */
static uint64_t round_trip(const struct client *client, uint32_t target)
{
    uint8_t frame[FRAME_SIZE];
    uint8_t reply[128];
    uint64_t start;

    make_request(client, frame, target);
    start = now();
    if (send(client->descriptor, frame, sizeof(frame), 0) < 0)
        die("send");
    while (now() - start < TIMEOUT_NS) {
        const ssize_t length = recv(client->descriptor, reply, sizeof(reply), MSG_DONTWAIT);
        if (length > 0 && answered_address(reply, length) == target)
            return now() - start;
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

/* The value that a share of the sorted times does not exceed. */
static double percentile_us(const uint64_t *times, size_t count, size_t percent)
{
    const size_t position = count * percent / 100;

    return count > 0 ? (double)times[position] / 1e3 : 0;
}

static void print_latency(const char *target, uint64_t *times, size_t count, size_t lost)
{
    qsort(times, count, sizeof(*times), compare);
    printf("{\"target\":\"%s\",\"count\":%zu,\"lost\":%zu,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
           target, count, lost, percentile_us(times, count, 50), percentile_us(times, count, 99));
}

static void wait_quietly(uint64_t nanoseconds)
{
    const struct timespec time = {.tv_nsec = (long)nanoseconds};

    nanosleep(&time, NULL);
}

static int measure_latency(const struct client *client, size_t count, char **targets,
                           size_t target_count)
{
    uint64_t *times[TARGETS_MAX];
    size_t used[TARGETS_MAX] = {0};

    for (size_t t = 0; t < target_count; t++) {
        times[t] = calloc(count + 1, sizeof(**times));
        if (!times[t])
            die("memory");
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t t = 0; t < target_count; t++) {
            const uint64_t time = round_trip(client, ntohl(inet_addr(targets[t])));
            if (time > 0)
                times[t][used[t]++] = time;
            wait_quietly(PAUSE_NS);
        }
    }
    for (size_t t = 0; t < target_count; t++) {
        print_latency(targets[t], times[t], used[t], count - used[t]);
        free(times[t]);
    }
    return 0;
}

static size_t count_answers(const struct client *client)
{
    uint8_t reply[128];
    size_t count = 0;
    ssize_t length;

    while ((length = recv(client->descriptor, reply, sizeof(reply), MSG_DONTWAIT)) > 0)
        count += answered_address(reply, length) != 0;
    return count;
}

static size_t send_batch(const struct client *client, uint32_t *next)
{
    uint8_t frames[BATCH][FRAME_SIZE];
    struct mmsghdr headers[BATCH] = {0};
    struct iovec vectors[BATCH];
    int sent;

    for (size_t i = 0; i < BATCH; i++) {
        make_request(client, frames[i], FOREIGN | (++*next & 0xffff));
        vectors[i] = (struct iovec){frames[i], FRAME_SIZE};
        headers[i].msg_hdr.msg_iov = &vectors[i];
        headers[i].msg_hdr.msg_iovlen = 1;
    }
    sent = sendmmsg(client->descriptor, headers, BATCH, 0);
    return sent > 0 ? (size_t)sent : 0;
}

static void ask(const struct client *client, uint32_t target)
{
    uint8_t frame[FRAME_SIZE];

    make_request(client, frame, target);
    if (send(client->descriptor, frame, sizeof(frame), 0) < 0)
        die("send");
}

static int flood(const struct client *client, uint64_t rate, uint64_t seconds, uint32_t target,
                 uint32_t count)
{
    const uint64_t start = now();
    const uint64_t end = start + seconds * 1000000000ull;
    uint64_t sent = 0;
    uint64_t asked = 0;
    uint64_t answered = 0;
    uint32_t next = 0;

    for (uint64_t time = start; time < end; time = now()) {
        if (sent * 1000000000ull < (time - start) * rate)
            sent += send_batch(client, &next);
        if (asked * LEGITIMATE_NS < time - start)
            ask(client, target + (uint32_t)(asked++ % count));
        answered += count_answers(client);
    }
    wait_quietly(200000000);
    answered += count_answers(client);
    printf("{\"foreign\":%llu,\"per_second\":%.0f,\"asked\":%llu,\"answered\":%llu}\n",
           (unsigned long long)sent, (double)sent / (double)seconds, (unsigned long long)asked,
           (unsigned long long)answered);
    return 0;
}

int main(int argc, char **argv)
{
    struct client client;

    if (argc >= 5 && argc - 4 <= TARGETS_MAX && strcmp(argv[1], "latency") == 0) {
        open_client(&client, argv[2]);
        return measure_latency(&client, strtoul(argv[3], NULL, 10), argv + 4, (size_t)argc - 4);
    }
    if (argc == 7 && strcmp(argv[1], "flood") == 0) {
        open_client(&client, argv[2]);
        return flood(&client, strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10),
                     ntohl(inet_addr(argv[5])), (uint32_t)strtoul(argv[6], NULL, 10));
    }
    fputs("usage: bench-arp-client latency INTERFACE COUNT TARGET...\n"
          "       bench-arp-client flood INTERFACE RATE SECONDS TARGET COUNT\n",
          stderr);
    return 2;
}
