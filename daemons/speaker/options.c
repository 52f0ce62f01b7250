/* SPDX-License-Identifier: MIT */
#include "speaker/options.h"

#include <metallb/membership.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONTROL     "/run/metallb/speaker.sock"
#define SECONDS_MAX 86400
#define PORT_MAX    65535

/* In the order of enum local_delivery_mode. */
static const char *const delivery_names[] = {"none", "address", NULL};
/* In the order of MLB_MEMBERSHIP_FAST, _LAN and _WAN. */
static const char *const profile_names[] = {"fast", "lan", "wan", NULL};

_Static_assert(offsetof(struct speaker_options, common) == 0, "where the common rows write");

#define AT(member) .offset = offsetof(struct speaker_options, member)

static const struct option table[] = {
    COMMON_OPTION_MANIFESTS,
    {.name = "node-name",
     .argument = "NAME",
     .help = "name of this node in the manifests (default: the host name)",
     .type = OPTION_TEXT,
     AT(node_name)},
    {.name = "election",
     .argument = "RULE",
     .help = "which nodes may announce an address: endpoints (default),\n"
             "prefer-endpoints, speakers or metallb",
     .type = OPTION_CHOICE,
     .choices = election_mode_names,
     AT(election)},
    {.name = "local-delivery",
     .argument = "MODE",
     .help = "address (default): hold owned addresses on the loopback\n"
             "device, so that local servers receive the traffic; or none",
     .type = OPTION_CHOICE,
     .choices = delivery_names,
     AT(delivery)},
    {.name = "members",
     .argument = "LIST",
     .help = "find the other speakers by this list: HOST[:PORT],... or a\n"
             "file with one a line; without it Node objects say who is there",
     .type = OPTION_TEXT,
     AT(members)},
    {.name = "ml-bindaddr",
     .environment = "ml-bind-addr",
     .argument = "ADDRESS",
     .help = "talk to the other speakers from this address (default: any)",
     .type = OPTION_TEXT,
     AT(group_address)},
    {.name = "ml-bindport",
     .environment = "ml-bind-port",
     .argument = "PORT",
     .help = "and this port, UDP and TCP (default 7946)",
     .type = OPTION_NUMBER,
     .maximum = PORT_MAX,
     AT(group_port)},
    {.name = "ml-secret-key-path",
     .argument = "PATH",
     .help = "key of the group: a file, or a directory with secretkey",
     .type = OPTION_TEXT,
     AT(group_secret)},
    {.name = "ml-profile",
     .argument = "PROFILE",
     .help = "how fast a silent speaker counts as failed: fast (default),\n"
             "lan as MetalLB, for groups with its speakers, or wan",
     .type = OPTION_CHOICE,
     .choices = profile_names,
     AT(group_profile)},
    {.name = "ml-wan-config",
     .help = "the same as --ml-profile wan",
     .type = OPTION_FLAG,
     AT(group_wide)},
    {.name = "ml-insecure",
     .help = "do without a key: whoever reaches the port can take addresses",
     .type = OPTION_FLAG,
     AT(group_insecure)},
    {.name = "join-timeout",
     .argument = "N",
     .help = "seconds to wait for the others before the first\nannouncement (default 3)",
     .type = OPTION_NUMBER,
     .maximum = SECONDS_MAX,
     AT(join_seconds)},
    {.name = "drain-seconds",
     .argument = "N",
     .help = "how long to deliver after answering has stopped (default 5)",
     .type = OPTION_NUMBER,
     .maximum = SECONDS_MAX,
     AT(drain_seconds)},
    {.name = "refresh-seconds",
     .argument = "N",
     .help = "pace of repeated announcements, 0 for none (default 0)",
     .type = OPTION_NUMBER,
     .maximum = SECONDS_MAX,
     AT(refresh_seconds)},
    {.name = "exclude-interfaces",
     .argument = "FILE",
     .help = "interfaces never to use, in the format of MetalLB's\nexcludel2.yaml",
     .type = OPTION_TEXT,
     AT(exclude_interfaces)},
    {.name = "ignore-exclude-lb",
     .help = "let nodes with the label\n"
             "node.kubernetes.io/exclude-from-external-load-balancers announce",
     .type = OPTION_FLAG,
     AT(ignore_exclude_label)},
    COMMON_OPTION_CLASS,
    COMMON_OPTION_CONTROL(CONTROL),
    COMMON_OPTION_METRICS,
    COMMON_OPTION_LOG_LEVEL,
    COMMON_OPTION_LOG_FORMAT,
};

#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

static void set_defaults(struct speaker_options *options)
{
    *options = (struct speaker_options){
        .common = common_options_defaults(CONTROL),
        .election = ELECTION_ENDPOINTS,
        .delivery = LOCAL_DELIVERY_ADDRESS,
        .drain_seconds = 5,
        .group_profile = MLB_MEMBERSHIP_FAST,
        .join_seconds = 3,
    };
    if (gethostname(options->host_name, sizeof(options->host_name) - 1) == 0)
        options->node_name = options->host_name;
}

static bool refuse(char *error, size_t error_size, const char *text)
{
    snprintf(error, error_size, "%s", text);
    return false;
}

/* What the options about the group of speakers say together. */
static bool check_group(struct speaker_options *options, char *error, size_t error_size)
{
    struct mlb_diagnostic diagnostic;

    mlb_diagnostic_init(&diagnostic);
    if (options->group_address != NULL &&
        mlb_address_parse(options->group_address, &options->bind_address, &diagnostic) != MLB_OK) {
        snprintf(error, error_size, "--ml-bindaddr: %s", diagnostic.message);
        return false;
    }
    if (options->group_wide)
        options->group_profile = MLB_MEMBERSHIP_WAN;
    if (options->members == NULL)
        return true;
    if (options->group_secret != NULL && options->group_insecure)
        return refuse(error, error_size,
                      "--ml-insecure: is for a group without a key, but --ml-secret-key-path "
                      "gives one");
    if (options->group_secret == NULL && !options->group_insecure)
        return refuse(error, error_size,
                      "--members: needs --ml-secret-key-path with the key of the group, or "
                      "--ml-insecure for a group that anybody who reaches the port can join");
    return true;
}

enum option_outcome speaker_options_parse(int count, char *const *arguments,
                                          struct speaker_options *options, char *error,
                                          size_t error_size)
{
    enum option_outcome outcome;

    set_defaults(options);
    outcome = options_parse(table, TABLE_COUNT, count, arguments, options, error, error_size);
    if (outcome != OPTIONS_RUN)
        return outcome;
    if (!common_options_check(&options->common, error, error_size))
        return OPTIONS_WRONG;
    if (options->node_name == NULL || options->node_name[0] == '\0' ||
        strlen(options->node_name) > MLB_NODE_NAME_MAX) {
        snprintf(error, error_size, "--node-name: needs a name of 1 to %d characters",
                 MLB_NODE_NAME_MAX);
        return OPTIONS_WRONG;
    }
    return check_group(options, error, error_size) ? OPTIONS_RUN : OPTIONS_WRONG;
}

struct announcement_options speaker_rules(const struct speaker_options *options)
{
    return (struct announcement_options){
        .mode = (enum election_mode)options->election,
        .ignore_exclude_label = options->ignore_exclude_label,
        .load_balancer_class = options->common.load_balancer_class,
        .node_name = options->node_name,
    };
}

void speaker_options_clear(struct speaker_options *options)
{
    options_clear(table, TABLE_COUNT, options);
}

char *speaker_options_help(void)
{
    return options_help(table, TABLE_COUNT, "metallb-speaker --manifests PATH [options]",
                        "Announces the addresses of load balancer services that this node owns.");
}
