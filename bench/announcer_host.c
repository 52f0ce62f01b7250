/* SPDX-License-Identifier: MIT */
/*
 * Announces a number of addresses until SIGTERM, then prints as one JSON line what it cost. Prints
 * "ready" when all are announced and events as they come.
 *
 *     bench-announcer-host [--no-ebpf] FIRST COUNT [STEP]
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <metallb/metallb.h>

static int fail(const char *what, const struct mlb_diagnostic *diagnostic)
{
    fprintf(stderr, "%s: %s\n", what, diagnostic->message);
    return 1;
}

/* The address a number of steps behind; carries through all its bytes. */
static struct mlb_address address_after(struct mlb_address address, unsigned long distance)
{
    const int last = address.family == MLB_FAMILY_IPV4 ? 3 : 15;

    for (int i = last; i >= 0 && distance > 0; i--) {
        distance += address.bytes[i];
        address.bytes[i] = (uint8_t)distance;
        distance >>= 8;
    }
    return address;
}

static void print_events(struct mlb_announcer *announcer)
{
    struct mlb_announcer_event event = {.struct_size = sizeof(event)};

    while (mlb_announcer_next_event(announcer, &event, NULL) == 1) {
        char address[MLB_ADDRESS_TEXT_SIZE] = "-";
        if (event.address.family != MLB_FAMILY_NONE)
            mlb_address_format(&event.address, address, sizeof(address), NULL);
        fprintf(stderr, "event kind=%u interface=%s address=%s count=%llu detail=%s\n", event.kind,
                event.interface_name, address, (unsigned long long)event.count, event.detail);
    }
}

static long resident_kilobytes(void)
{
    char line[128];
    long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "re");

    while (status && fgets(line, sizeof(line), status)) {
        if (strncmp(line, "VmRSS:", 6) == 0)
            kilobytes = strtol(line + 6, NULL, 10);
    }
    if (status)
        fclose(status);
    return kilobytes;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void print_summary(const struct mlb_announcer *announcer)
{
    struct mlb_interface interface = {.struct_size = sizeof(interface)};
    struct rusage usage;
    unsigned long long frames = 0;
    unsigned long long foreign = 0;
    unsigned int filter = MLB_FILTER_NONE;

    for (size_t i = 0; mlb_announcer_interface(announcer, i, &interface, NULL) == MLB_OK; i++) {
        frames += interface.frames;
        foreign += interface.foreign;
        if (interface.filter != MLB_FILTER_NONE)
            filter = interface.filter;
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"frames\":%llu,\"foreign\":%llu,\"filter\":%u,\"cpu\":%.6f,\"resident\":%ld}\n",
           frames, foreign, filter, seconds(usage.ru_utime) + seconds(usage.ru_stime),
           resident_kilobytes());
}

static int announce_all(struct mlb_announcer *announcer, const char *first, unsigned long count,
                        unsigned long step)
{
    struct mlb_diagnostic diagnostic;
    struct mlb_address address;

    mlb_diagnostic_init(&diagnostic);
    if (mlb_address_parse(first, &address, &diagnostic) != MLB_OK)
        return fail("address", &diagnostic);
    for (unsigned long i = 0; i < count; i++) {
        if (mlb_announcer_announce(announcer, &address, NULL, 0, &diagnostic) != MLB_OK)
            return fail("announce", &diagnostic);
        address = address_after(address, step);
    }
    return 0;
}

static void run(struct mlb_announcer *announcer, int signals)
{
    struct pollfd descriptors[] = {
        {.fd = mlb_announcer_fd(announcer), .events = POLLIN},
        {.fd = signals, .events = POLLIN},
    };
    int ready = 0;

    while (poll(descriptors, 2, -1) > 0 || errno == EINTR) {
        if (descriptors[1].revents & POLLIN)
            return;
        mlb_announcer_dispatch(announcer, NULL);
        print_events(announcer);
        if (!ready) {
            ready = 1;
            puts("ready");
            fflush(stdout);
        }
    }
}

static int block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
    struct mlb_announcer_options options = {.struct_size = sizeof(options)};
    struct mlb_announcer *announcer = NULL;
    struct mlb_diagnostic diagnostic;
    const int no_ebpf = argc > 1 && strcmp(argv[1], "--no-ebpf") == 0;
    const int signals = block_signals();
    int result;

    argv += no_ebpf;
    argc -= no_ebpf;
    if (argc < 3) {
        fputs("usage: bench-announcer-host [--no-ebpf] FIRST COUNT [STEP]\n", stderr);
        return 2;
    }
    mlb_diagnostic_init(&diagnostic);
    options.flags = no_ebpf ? MLB_ANNOUNCER_NO_EBPF : 0;
    if (mlb_announcer_new(&options, &announcer, &diagnostic) != MLB_OK)
        return fail("announcer", &diagnostic);
    result = announce_all(announcer, argv[1], strtoul(argv[2], NULL, 10),
                          argc > 3 ? strtoul(argv[3], NULL, 10) : 1);
    if (result == 0) {
        run(announcer, signals);
        print_summary(announcer);
    }
    mlb_announcer_free(announcer);
    return result;
}
