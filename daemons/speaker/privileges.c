/* SPDX-License-Identifier: MIT */
#include "speaker/privileges.h"

#include <string.h>

#include "common/capabilities.h"

int privileges_check(const struct speaker_options *options, const struct log *log)
{
    int result = 0;

    if (!capabilities_have(CAP_NET_RAW)) {
        log_error(log, NULL,
                  "needs CAP_NET_RAW to answer ARP and neighbour discovery; run it as root or with "
                  "AmbientCapabilities=CAP_NET_RAW");
        result = -1;
    }
    if (options->delivery == LOCAL_DELIVERY_ADDRESS && !capabilities_have(CAP_NET_ADMIN)) {
        log_error(log, NULL,
                  "needs CAP_NET_ADMIN to hold addresses on lo; run it as root, with "
                  "AmbientCapabilities=CAP_NET_ADMIN, or with --local-delivery none");
        result = -1;
    }
    if (!capabilities_have(CAP_BPF) && !capabilities_have(CAP_SYS_ADMIN))
        log_info(log, NULL,
                 "without CAP_BPF the kernel filters exactly only for some hundred addresses");
    return result;
}

int privileges_drop(const struct speaker_options *options, const struct log *log)
{
    static const cap_value_t keep[] = {CAP_NET_RAW, CAP_BPF, CAP_NET_ADMIN};
    size_t count = options->delivery == LOCAL_DELIVERY_ADDRESS ? 3 : 2;
    int result = capabilities_keep(keep, count);

    if (result == 0)
        return 0;
    log_error(log, NULL, "cannot give up capabilities: %s", strerror(-result));
    return -1;
}
