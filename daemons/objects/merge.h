/* SPDX-License-Identifier: MIT */
#pragma once

#include "objects/objects.h"

/* A new Service that is a copy of one with the ingress addresses of the other, or NULL without
 * memory. */
struct object *service_with_status(const struct service *service, const struct service *status);
