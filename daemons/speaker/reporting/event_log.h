/* SPDX-License-Identifier: MIT */
/* Turns what the announcer tells into log lines and reports. */
#pragma once

#include <metallb/announcer.h>

#include "speaker/reporting/reports.h"

void event_log_write(struct reports *reports, const struct mlb_announcer_event *event,
                     uint64_t now);

/* Ends what was reported of an address that is announced no longer. */
void event_log_forget(struct reports *reports, const struct mlb_address *address);
