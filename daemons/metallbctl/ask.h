/* SPDX-License-Identifier: MIT */
/* Asks a daemon over its control socket. What goes wrong is said on standard error. */
#pragma once

#define SPEAKER_CONTROL_PATH    "/run/metallb/speaker.sock"
#define CONTROLLER_CONTROL_PATH "/run/metallb/controller.sock"

/*
 * Sends one line and reads the whole answer.
 *
 * @param command  the name of the command, for messages
 * @param request  with its newline
 * @param answer   receives it, NUL-terminated; the caller frees it
 * @return         EXIT_GOOD or EXIT_BAD
 */
int ask(const char *command, const char *path, const char *request, char **answer);

/* Sends one line and hands each line of the answer to take(), until the daemon ends it or take()
 * returns something else than EXIT_GOOD, which is returned then. */
int ask_lines(const char *command, const char *path, const char *request,
              int (*take)(const char *line, void *context), void *context);
