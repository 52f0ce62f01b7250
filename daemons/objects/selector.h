/* SPDX-License-Identifier: MIT */
/* Reads label selectors. */
#pragma once

#include "objects/field.h"

/* A sequence of selectors of which none may stand twice. */
void selector_read_list(const struct field *field, struct selector_list *list);

/* One selector; one that is absent matches everything. */
void selector_read(const struct field *field, struct selector *selector);
