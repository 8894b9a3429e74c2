/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vireod.conf: its keys as rows, and the reader of libvirt's syntax for such files.
 *
 * Owns: struct config, the table of keys.
 * Must not know: what the keys bring about (main.c does), the command line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* What the file says; strings are the struct's. */
struct config {
	bool libvirt_sockets, dynamic_ownership;
	char *user, *group; /* NULL = guests run as the daemon does */
	char **keep_owner;  /* ends with NULL */
	unsigned log_level; /* enum log_level */
	unsigned max_clients;
};

enum config_type {
	CONFIG_BOOL,   /* 0 or 1; a bool */
	CONFIG_NUMBER, /* within MIN and MAX; an unsigned */
	CONFIG_WORD,   /* one of WORDS; an unsigned, its place among them */
	CONFIG_STRING, /* a char *; an empty one is NULL */
	CONFIG_PATHS,  /* a list of absolute paths; a char ** */
};

struct config_row {
	const char *name;
	enum config_type type;
	size_t offset;
	const char *fallback; /* the default, as the file would say it */
	const char *const *words;
	unsigned min, max;
	const char *doc; /* whole sentences */
};

/* The keys; the last row has no name. */
extern const struct config_row config_rows[];

/* Fills CONFIG with the defaults. */
void config_init(struct config *config);

/*
 * Reads PATH over what CONFIG has. A file that is missing is an error only where it is REQUIRED. Errors are
 * VIR_ERR_CONF_SYNTAX with file, line, what is wrong and what is allowed; CONFIG may then be half filled.
 */
int config_read(struct config *config, const char *path, bool required, struct error *err);

void config_clear(struct config *config);

/* What a value of this key may be, in words; the caller's. */
char *config_allowed(const struct config_row *row);
