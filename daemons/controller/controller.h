/* SPDX-License-Identifier: MIT */
/*
 * The controller: objects from the manifests, what services get from the reconciler, what is
 * decided into the state directory, and what became durable to those who ask.
 */
#pragma once

#include "controller/options.h"

struct controller;

/* Opens everything and decides for the first time; what is wrong is logged. NULL on failure. */
struct controller *controller_new(const struct controller_options *options, const struct log *log);

/* Runs until a signal ends it; returns the exit status. */
int controller_run(struct controller *controller);

/* NULL is ignored. */
void controller_free(struct controller *controller);
