/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The shell: its options, its connection, and how commands speak to the user.
 *
 * Owns: text or JSON on standard output, errors on standard error, connecting when a command needs it.
 * Must not know: what any command does.
 */
#pragma once

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>

#include "remote_protocol.h"
#include "shell/client.h"
#include "shell/command.h"

enum { SHELL_DEBUG_DEFAULT = 4 };

struct shell {
	/* options */
	char *uri;  /* NULL = the default */
	char *root; /* of a private vireod; NULL = none */
	bool readonly, quiet, timing, json_wanted;
	int debug;
	int keepalive_interval, keepalive_count;
	char escape; /* leaves the console */

	/* state */
	struct client *client; /* NULL = not connected */
	char *client_uri;      /* the URI it was opened with, as the user gave it; NULL = the default */
	bool answer_anyway;    /* the answer is told though the command fails */
	int error_code;	       /* of the last error that was told, for JSON */
	bool interactive;
	bool quit;
	bool json;	/* of this command: standard output is one JSON object */
	json_t *answer; /* that object */
	json_t *errors; /* what was said on standard error */
	bool colour_out, colour_err;
	volatile sig_atomic_t interrupted;
	int catching; /* how many want interrupts caught */
};

void shell_init(struct shell *sh);
void shell_done(struct shell *sh);

/* -- speaking -- */

/* Text on standard output; nothing in JSON. */
void shell_print(struct shell *sh, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* As above, but left out with --quiet: headers, "done". In JSON it is the answer's "message". */
void shell_extra(struct shell *sh, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* "error: ..." on standard error. Returns -1, so that `return shell_error(...)` reads well. */
int shell_error(struct shell *sh, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Tells of ERR and empties it; nothing when it is empty. */
void shell_report(struct shell *sh, struct error *err);

/* Puts VALUE (taken over) into the JSON answer; nothing in text. */
void shell_answer(struct shell *sh, const char *key, json_t *value);

/* A whole document: in text followed by END. */
void shell_document(struct shell *sh, const char *key, const char *text, const char *end);

/* "LABEL" padded to WIDTH, a blank, the text of the format; in JSON VALUE (taken over) under KEY; NULL = the
 * text. */
void shell_field(struct shell *sh, const char *key, json_t *value, int width, const char *label,
	const char *format, ...) G_GNUC_PRINTF(6, 7);

/* -- tables -- */

enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_YES_NO };
struct column {
	const char *title, *key;
	enum column_kind kind; /* in JSON; "-" is null */
};
struct table;

/* COLUMNS must outlive the table. */
struct table *table_new(const struct column *columns, size_t count);
/* COUNT texts; NULL is "-". */
void table_row(struct table *table, const char *const *cells);
/* Prints (a header unless quiet), puts an array under KEY of the answer, frees. */
void table_end(struct shell *sh, struct table *table, const char *key);
/* Frees a table that is not printed. */
void table_free(struct table *table);

/* -- the daemon -- */

/* Connects unless that is done. */
int shell_connect(struct shell *sh, struct error *err);
void shell_disconnect(struct shell *sh);

/* A call of the remote program: client_call(). */
const void *shell_call(struct shell *sh, int procedure, const void *args, struct error *err);

/*
 * CALL(sh, DOMAIN_SUSPEND, domain_suspend, .dom = *dom) yields a const struct remote_domain_suspend_ret *,
 * NULL after filling `err`, which stands in scope. CALL_PLAIN is for calls without arguments.
 */
#define CALL(sh, NUMBER, name, ...)                                                                          \
	((const struct remote_##name##_ret *)shell_call(                                                     \
		sh, REMOTE_PROC_##NUMBER, &(struct remote_##name##_args){ __VA_ARGS__ }, err))
#define CALL_PLAIN(sh, NUMBER, name)                                                                         \
	((const struct remote_##name##_ret *)shell_call(sh, REMOTE_PROC_##NUMBER, NULL, err))

/* From here on an interrupt ends a wait (client.h) instead of the program; and back. Calls nest. */
void shell_catch_interrupts(struct shell *sh);
void shell_release_interrupts(struct shell *sh);

/* -- running -- */

/* Runs parsed commands (struct command *), one after the other; the status is the last one's. */
bool shell_run(struct shell *sh, GPtrArray *commands);

/* Reads commands from the terminal (or another input) until its end. */
bool shell_interactive(struct shell *sh);

/* Completion: what may stand in the place of the last of WORDS; char *, the caller's. */
GPtrArray *complete_words(struct shell *sh, char *const *words, size_t count);
