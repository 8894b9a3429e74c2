/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The options before the command, as rows.
 */
#pragma once

#include "shell/shell.h"

/*
 * Reads ARGV into SH. Returns the index of the first word of the command; -1: told the user what was wrong
 * (QUIETLY: nothing is said); -2: an option has been answered already (help, version).
 */
int options_read(struct shell *sh, int argc, char **argv, bool quietly);

/* Adds the options that begin like WORD (char *). */
void options_complete(const char *word, GPtrArray *out);

/* The usage text with all commands, on standard output. */
void options_usage(struct shell *sh);
