/* SPDX-License-Identifier: MIT */
/*
 * The terms on which a service shares its addresses, as a text that a record can hold: ports,
 * sharing key and backend key. "80/6,53/17 web app=a" is TCP 80 and UDP 53 (protocols by their IANA
 * numbers), shared under the key "web" by those that select app=a. Bytes that would break the form
 * are written as %XX. A service that shares with nobody has the terms "".
 */
#pragma once

#include "reconcile/request.h"

/* Returns the terms of a request, or NULL without memory. */
const char *service_terms_write(const struct service_request *request, struct arena *arena);

/*
 * Puts terms into a request in place of its own.
 *
 * @return  0, -EINVAL for a text that holds no terms, with the request sharing with nobody, or
 *          -ENOMEM
 */
int service_terms_read(const char *terms, struct arena *arena, struct service_request *request);
