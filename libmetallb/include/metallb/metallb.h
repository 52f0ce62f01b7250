/* SPDX-License-Identifier: MIT */
/* All public headers of libmetallb. */
#ifndef METALLB_METALLB_H
#define METALLB_METALLB_H

#include <metallb/address.h>
#include <metallb/allocator.h>
#include <metallb/announcer.h>
#include <metallb/election.h>
#include <metallb/error.h>
#include <metallb/membership.h>
#include <metallb/pool.h>
#include <metallb/version.h>

#endif
