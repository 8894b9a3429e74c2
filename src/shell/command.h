/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands as rows: names, options, help; and the parser that reads a command line by them.
 *
 * Owns: the row vocabulary, quoting, options, what is wrong with a command line.
 * Must not know: what any command does, the wire.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct shell;
struct command;

enum option_kind {
	OPTION_BOOL,
	OPTION_STRING,
	OPTION_INT,
	OPTION_DATA, /* any number of words; the last option of its command */
};

enum option_flags {
	OPTION_REQUIRED = 1 << 0,
	OPTION_NAMED = 1 << 1,	  /* never taken from a word without --name */
	OPTION_EMPTY_OK = 1 << 2, /* '' is a value */
	OPTION_UNNAMED = 1 << 3,  /* help shows the words alone, without --name */
	OPTION_HIDDEN = 1 << 4,	  /* not in help: every command has it */
};

/* Adds what may be written for an option that begins like WORD to OUT (char *). */
typedef void (*option_completer)(
	struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out);

struct option_row {
	const char *name;
	enum option_kind kind;
	unsigned flags;
	const char *help;
	option_completer complete;
};

/* Two options that cannot stand together. */
struct exclusive_row {
	const char *a, *b;
};

enum command_group {
	GROUP_DOMAIN,
	GROUP_MONITOR,
	GROUP_EVENTS,
	GROUP_HOST,
	GROUP_INTERFACE,
	GROUP_FILTER,
	GROUP_NETWORK,
	GROUP_NODEDEV,
	GROUP_SECRET,
	GROUP_POOL,
	GROUP_MODEL,
	GROUP_SHELL,
	GROUP_COUNT,
};

struct group_row {
	const char *title, *keyword;
};
extern const struct group_row command_groups[GROUP_COUNT];

enum command_flags {
	COMMAND_LOCAL = 1 << 0, /* needs no connection */
	COMMAND_WRITES =
		1 << 1, /* refused on a read-only connection (the call says so; this is for the reference) */
	COMMAND_HIDDEN = 1 << 2, /* not in lists */
	COMMAND_RAW = 1 << 3,	 /* takes all words as they are */
};

struct command_row {
	const char *name;
	const char *alias; /* NULL = none */
	enum command_group group;
	const char *help;	 /* one line */
	const char *description; /* NULL = none */
	const struct option_row *options;
	size_t option_count;
	const struct exclusive_row *exclusive; /* ends with {NULL}; NULL = none */
	unsigned flags;
	/* Negative: it failed; ERR, when filled, is told to the user. */
	int (*run)(struct shell *sh, const struct command *cmd, struct error *err);
};

/* Tables of commands, a family each; ends with NULL. */
struct command_table {
	const struct command_row *rows;
	size_t count;
};
extern const struct command_table *const command_tables[];

/* The row of a name or alias, or NULL. */
const struct command_row *command_find(const char *name);

/* Calls VISIT for every row that is shown (GROUP -1: of every group), by name. */
void command_each(int group, void (*visit)(const struct command_row *row, void *arg), void *arg);

/* The name that NAME most likely means, or NULL: names of commands; of options of ROW (with its "--"). */
const char *command_nearest(const char *name);
const char *command_nearest_option(const struct command_row *row, const char *name);

/* The option of a name, also one that every command has; or NULL. */
const struct option_row *command_option(const struct command_row *row, const char *name);

/* -- one parsed command -- */

struct command_value {
	const struct option_row *option;
	char *text; /* NULL = a bool */
};

struct command {
	const struct command_row *row;
	GArray *values; /* struct command_value, in the order they were written */
};

bool command_has(const struct command *cmd, const char *option);
/* The value as written, or NULL when the option was not given. */
const char *command_text(const struct command *cmd, const char *option);
/* The words of an OPTION_DATA one after the other: INDEX from 0; NULL after the last. */
const char *command_word(const struct command *cmd, const char *option, size_t index);
/* All words joined by blanks, NULL when there is none; the text is the caller's. */
char *command_joined(const struct command *cmd, const char *option);

/* 1 = given, 0 = not given, -1 = malformed, with ERR. */
int command_int(const struct command *cmd, const char *option, int *ret_value, struct error *err);
int command_uint(const struct command *cmd, const char *option, unsigned *ret_value, struct error *err);
/* What command_int() says of a malformed number, for one that is out of the command's own range. Returns -1.
 */
int command_out_of_range(const struct command *cmd, const char *option, struct error *err);
/* A size: "4G", "4GiB", "4GB"; SCALE is the unit of a bare number, in bytes. Yields bytes. */
int command_scaled(const struct command *cmd, const char *option, uint64_t scale, uint64_t max,
	uint64_t *ret_value, struct error *err);

/* What is wrong with a command that was parsed: empty values, options that exclude each other. */
int command_check(const struct command *cmd, struct error *err);

/* -- the parser -- */

/*
 * Parses a whole line: commands between ';' or line ends, quotes, backslashes, '#' comments. *RET_COMMANDS
 * holds struct command * and is the caller's (g_ptr_array_unref). Errors have code VIR_ERR_INVALID_ARG and
 * the text to show in ERR->detail.
 */
int command_parse_line(const char *line, GPtrArray **ret_commands, struct error *err);

/* As above, for one command whose words are separate already. */
int command_parse_words(char *const *words, size_t count, GPtrArray **ret_commands, struct error *err);

/* Splits LINE into words for completion: quotes undone, the unfinished last word (maybe empty) included. */
char **command_split(const char *line);

/*
 * Reads the words before the one that is completed, forgiving what is wrong. *RET_PENDING: the option whose
 * value comes next, or NULL. NULL when the first word is no command; the caller's.
 */
struct command *command_parse_partial(
	char *const *words, size_t count, const struct option_row **ret_pending);

/* The option that would take the next word without a name; NULL = none. */
const struct option_row *command_next_positional(const struct command *cmd);

void command_free(struct command *cmd);
