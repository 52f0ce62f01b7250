/* SPDX-License-Identifier: MIT */
#include "speaker/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECONDS_MAX 86400

/* In the order of enum election_mode. */
static const char *const election_names[] = {"endpoints", "prefer-endpoints", "speakers", "metallb",
                                             NULL};
/* In the order of enum local_delivery_mode. */
static const char *const delivery_names[] = {"none", "address", NULL};
/* In the order of enum log_format. */
static const char *const format_names[] = {"logfmt", "json", NULL};

#define AT(member) .offset = offsetof(struct speaker_options, member)

static const struct option table[] = {
    {.name = "manifests",
     .argument = "PATH",
     .help = "file or directory of manifests; may be repeated",
     .type = OPTION_LIST,
     AT(manifests),
     .required = true},
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
     .choices = election_names,
     AT(election)},
    {.name = "local-delivery",
     .argument = "MODE",
     .help = "address (default): hold owned addresses on the loopback\n"
             "device, so that local servers receive the traffic; or none",
     .type = OPTION_CHOICE,
     .choices = delivery_names,
     AT(delivery)},
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
    {.name = "lb-class",
     .argument = "CLASS",
     .help = "serve the services of this load balancer class",
     .type = OPTION_TEXT,
     AT(load_balancer_class)},
    {.name = "control",
     .argument = "PATH",
     .help = "socket for metallbctl (default /run/metallb/speaker.sock)",
     .type = OPTION_TEXT,
     AT(control)},
    {.name = "metrics",
     .argument = "ADDR:PORT",
     .help = "serve /metrics, /healthz and /readyz there (default: not)",
     .type = OPTION_TEXT,
     AT(metrics)},
    {.name = "log-level",
     .argument = "LEVEL",
     .help = "all, debug, info (default), warn, error or none",
     .type = OPTION_TEXT,
     AT(log_level_text)},
    {.name = "log-format",
     .argument = "FORMAT",
     .help = "logfmt (default) or json",
     .type = OPTION_CHOICE,
     .choices = format_names,
     AT(log_format)},
};

#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

static void set_defaults(struct speaker_options *options)
{
    *options = (struct speaker_options){
        .control = "/run/metallb/speaker.sock",
        .log_level_text = "info",
        .election = ELECTION_ENDPOINTS,
        .delivery = LOCAL_DELIVERY_ADDRESS,
        .log_format = LOG_FORMAT_LOGFMT,
        .drain_seconds = 5,
    };
    if (gethostname(options->host_name, sizeof(options->host_name) - 1) == 0)
        options->node_name = options->host_name;
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
    if (!log_level_parse(options->log_level_text, &options->log_level)) {
        snprintf(error, error_size,
                 "--log-level: '%s' is not valid, expected all, debug, info, warn, error, none",
                 options->log_level_text);
        return OPTIONS_WRONG;
    }
    if (options->node_name == NULL || options->node_name[0] == '\0' ||
        strlen(options->node_name) > MLB_NODE_NAME_MAX) {
        snprintf(error, error_size, "--node-name: needs a name of 1 to %d characters",
                 MLB_NODE_NAME_MAX);
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
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
