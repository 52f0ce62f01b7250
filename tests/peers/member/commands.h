/* SPDX-License-Identifier: MIT */
/* The commands that the test's member takes, one a line. */
#pragma once

#include <metallb/membership.h>

/*
 * Carries out a command and prints its answer: {"answer": COMMAND, …}, with "error" if it failed.
 *
 *     join ENDPOINT…   leave   return   facts HEX   facts-of NAME   meta HEX   keys HEX,…
 *     members   statistics
 *
 * @param line  without the newline; is changed
 */
void command_run(struct mlb_membership *membership, char *line);
