/* SPDX-License-Identifier: MIT */
/* The linker turns mkdtemp(3) and mkstemp(3) of the tests here, so that a case which ends early, or
 * badly, leaves nothing behind. */
#pragma once

#define TEMPORARY_MAX       8
#define TEMPORARY_PATH_SIZE 256

/* What was made; shared with the processes of the cases. */
struct temporary {
    unsigned count;
    char paths[TEMPORARY_MAX][TEMPORARY_PATH_SIZE];
};

/* Notes from now on what is made. */
void temporary_note(struct temporary *temporary);

/* Removes what is still there, and forgets it. */
void temporary_remove(struct temporary *temporary);
