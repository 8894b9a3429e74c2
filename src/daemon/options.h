/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of vireod, as rows.
 *
 * Owns: struct options, the table of options and what is made from it: --help, and the manual page's part.
 * Must not know: what the options bring about.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct options {
	const char *root;   /* everything below this folder; NULL = the host's or the user's usual folders */
	const char *config; /* NULL = vireod.conf in the configuration folder, where there is one */
	const char *pid_file; /* NULL = vireod.pid in the state folder */
	bool detach, libvirt_sockets, verbose, print_config, version, help;
};

/* What takes an argument (ARGUMENT is its name) fills a const char *, what takes none a bool. */
struct option_row {
	const char *name;
	char letter; /* 0 = none */
	const char *argument;
	size_t offset;
	const char *doc; /* without a full stop at the end */
};

/* The options; the last row has no name. */
extern const struct option_row option_rows[];

/* Reads ARGV into OPTIONS, which is zeroed. On failure what is wrong has been said on standard error. */
int options_read(int argc, char **argv, struct options *options);

/* The text of --help; the caller's. */
char *options_help(void);
