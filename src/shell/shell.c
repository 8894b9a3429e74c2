/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Speaking to the user, connecting, running parsed commands.
 */
#include "shell/shell.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool colourful(int fd)
{
	const char *term = g_getenv("TERM");

	return isatty(fd) && !g_getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
}

void shell_init(struct shell *sh)
{
	*sh = (struct shell){
		.debug = SHELL_DEBUG_DEFAULT,
		.keepalive_interval = 5,
		.keepalive_count = 6,
		.escape = ']' & 0x1f,
		.colour_out = colourful(STDOUT_FILENO),
		.colour_err = colourful(STDERR_FILENO),
	};
}

void shell_done(struct shell *sh)
{
	shell_disconnect(sh);
	g_free(sh->uri);
	g_free(sh->root);
	memset(sh, 0, sizeof(*sh));
}

/* -- speaking -- */

void shell_print(struct shell *sh, const char *format, ...)
{
	va_list ap;

	if (sh->json)
		return;
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
}

void shell_extra(struct shell *sh, const char *format, ...)
{
	va_list ap;

	if (sh->quiet && !sh->json)
		return;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	if (!sh->json)
		fputs(text, stdout);
	else if (*g_strchomp(text))
		shell_answer(sh, "message", json_string(text));
}

int shell_error(struct shell *sh, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	if (sh->json && sh->errors) {
		json_array_append_new(sh->errors, json_string(text));
		return -1;
	}
	fflush(stdout);
	fprintf(stderr, "%s%s\n", sh->colour_err ? "\033[1;31merror:\033[0m " : "error: ", text);
	return -1;
}

void shell_report(struct shell *sh, struct error *err)
{
	if (err->code)
		sh->error_code = err->code;
	if (err->code || err->message)
		shell_error(sh, "%s", err->message ? err->message : "unknown error");
	error_clear(err);
}

void shell_answer(struct shell *sh, const char *key, json_t *value)
{
	if (sh->json)
		json_object_set_new(sh->answer, key, value);
	else
		json_decref(value);
}

void shell_document(struct shell *sh, const char *key, const char *text, const char *end)
{
	shell_print(sh, "%s%s", text, end);
	if (sh->json)
		shell_answer(sh, key, json_string(text));
}

void shell_field(struct shell *sh, const char *key, json_t *value, int width, const char *label,
	const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	shell_print(sh, "%-*s %s\n", width, label, text);
	shell_answer(sh, key, value ? value : json_string(text));
}

/* -- the daemon -- */

/* Says on a terminal that an answer takes long; gone when it comes. */
static void tell_waiting(int seconds, void *arg)
{
	struct shell *sh = arg;
	static bool shown;

	if (sh->json || sh->quiet || !isatty(STDERR_FILENO))
		return;
	if (seconds < 0) {
		if (shown)
			fputs("\r\033[K", stderr);
		shown = false;
	} else if (seconds > 0) {
		fprintf(stderr, "\r\033[Kwaiting for the daemon, %d s", seconds);
		fflush(stderr);
		shown = true;
	}
}

int shell_connect(struct shell *sh, struct error *err)
{
	struct client_options options = {
		.readonly = sh->readonly,
		.keepalive_interval = sh->keepalive_interval,
		.keepalive_count = sh->keepalive_count,
		.waiting = tell_waiting,
		.waiting_arg = sh,
		.interrupted = &sh->interrupted,
	};
	auto_target target = { 0 };

	if (sh->client && client_broken(sh->client))
		shell_disconnect(sh);
	if (sh->client)
		return 0;
	if (target_find(sh->uri, sh->root, sh->readonly, &target, err) == 0)
		sh->client = client_open(&target, &options, err);
	if (!sh->client)
		return shell_error(sh, "failed to connect to the hypervisor");
	sh->client_uri = g_strdup(target.given);
	return 0;
}

void shell_disconnect(struct shell *sh)
{
	client_close(sh->client);
	sh->client = NULL;
	g_clear_pointer(&sh->client_uri, g_free);
}

const void *shell_call(struct shell *sh, int procedure, const void *args, struct error *err)
{
	return client_call(sh->client, &remote_program, procedure, args, err);
}

/* -- interrupts -- */

static struct shell *interrupt_target;

static void note_interrupt(int number)
{
	interrupt_target->interrupted = 1;
}

/* Blocked but for the moments in which something is waited for: none comes between a look and a wait. */
void shell_catch_interrupts(struct shell *sh)
{
	struct sigaction action = { .sa_handler = note_interrupt };
	sigset_t interrupt;

	if (sh->catching++)
		return;
	interrupt_target = sh;
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, NULL);
	sigaction(SIGINT, &action, NULL);
}

void shell_release_interrupts(struct shell *sh)
{
	sigset_t interrupt;

	if (--sh->catching)
		return;
	signal(SIGINT, SIG_DFL);
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_UNBLOCK, &interrupt, NULL);
}

/* -- running -- */

/* The format that this command's answer has; -1: there is no such format. */
static int choose_output(struct shell *sh, const struct command *cmd)
{
	const char *output = command_text(cmd, "output");

	sh->json = output ? strcmp(output, "json") == 0 : sh->json_wanted;
	if (output && !sh->json && strcmp(output, "text") != 0)
		return shell_error(sh, "--output '%s' is not known; choose 'text' or 'json'", output);
	return 0;
}

static void json_begin(struct shell *sh)
{
	if (!sh->json)
		return;
	sh->answer = json_object();
	sh->errors = json_array();
	sh->error_code = 0;
	sh->answer_anyway = false;
}

/* The answer on standard output, or the errors on standard error: one object each. */
static void json_end(struct shell *sh, bool ok)
{
	if (!sh->json)
		return;
	if (json_array_size(sh->errors) > 0 || (!ok && !sh->answer_anyway)) {
		json_t *object = json_pack("{s:O, s:i}", "errors", sh->errors, "code", sh->error_code);
		json_dumpf(object, stderr, JSON_INDENT(2));
		fputc('\n', stderr);
		json_decref(object);
	}
	if (ok || sh->answer_anyway) {
		json_dumpf(sh->answer, stdout, JSON_INDENT(2));
		fputc('\n', stdout);
	}
	json_decref(sh->answer);
	json_decref(sh->errors);
	sh->answer = sh->errors = NULL;
	sh->json = false;
}

static int run_handler(struct shell *sh, const struct command *cmd, struct error *err)
{
	if (!(cmd->row->flags & COMMAND_LOCAL) && shell_connect(sh, err) < 0)
		return -1;
	auto_error wrong = { 0 };
	if (command_check(cmd, &wrong) < 0)
		return shell_error(sh, "%s", wrong.detail);
	return cmd->row->run(sh, cmd, err);
}

static bool run_one(struct shell *sh, const struct command *cmd)
{
	auto_error err = { 0 };
	gint64 start = g_get_monotonic_time();

	sh->interrupted = 0;
	int rc = choose_output(sh, cmd);
	if (rc == 0) {
		json_begin(sh);
		rc = run_handler(sh, cmd, &err);
		if (rc < 0)
			shell_report(sh, &err);
		json_end(sh, rc == 0);
	}
	if (sh->client)
		client_forget(sh->client);
	/* nothing follows the words that end a program that does nothing else */
	bool connected = sh->client || (cmd->row->flags & COMMAND_LOCAL);
	if (sh->quit || !connected)
		return rc == 0;
	double took = (double)(g_get_monotonic_time() - start) / 1000.0;
	if (sh->timing)
		printf("\n(Time: %.3f ms)\n\n", took);
	else if (!(cmd->row->flags & COMMAND_RAW) && !sh->json_wanted && !command_has(cmd, "output"))
		shell_extra(sh, "\n");
	return rc == 0;
}

bool shell_run(struct shell *sh, GPtrArray *commands)
{
	bool ok = true;

	for (guint i = 0; i < commands->len && !sh->quit; i++)
		ok = run_one(sh, g_ptr_array_index(commands, i));
	fflush(stdout);
	return ok;
}
