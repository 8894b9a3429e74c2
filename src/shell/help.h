/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What help prints, made of the commands' rows.
 */
#pragma once

#include "shell/shell.h"

/* The `help` command. */
int help_run(struct shell *sh, const struct command *cmd, struct error *err);

/* All groups with their commands; COLON follows each title. */
void help_groups(struct shell *sh, const char *colon);

/* The commands' part of vireo.1. */
int help_man(struct shell *sh);

/* "start <domain> [--paused]", "[--domain] <string>"; the text is the caller's. */
char *help_synopsis(const struct command_row *row);
char *help_option_name(const struct option_row *option);
