/* SPDX-License-Identifier: MIT */
/* An explanation as a JSON document, the same from the daemon and from metallbctl. */
#pragma once

#include "reconcile/explain.h"

/*
 * Explains a service as service_reconciler_explain() does.
 *
 * @param text  receives the document with a newline behind it; the caller frees it
 * @return      0, -ENOENT or -ENOMEM
 */
int explanation_document(const struct service_reconciler *reconciler,
                         const struct object_set *objects, const char *namespace_, const char *name,
                         char **text, size_t *length);
