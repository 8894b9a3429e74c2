/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The prompt: lines with history and completion; the connection is kept alive while the user thinks.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/fd.h"
#include "shell/shell.h"

enum { HISTORY_MOST = 500 };

/* readline has no room for an argument of its own */
static struct {
	struct shell *sh;
	char *line;    /* the line that was finished; NULL = none yet */
	bool finished; /* a line, or the end of input */
} prompt;

static void take_line(char *line)
{
	prompt.line = line;
	prompt.finished = true;
	rl_callback_handler_remove();
}

/* -- completion -- */

static char *next_match(const char *text, int state)
{
	static GPtrArray *found;
	static guint at;

	if (state == 0) {
		g_autofree char *line = g_strndup(rl_line_buffer, (gsize)rl_point);
		g_auto(GStrv) words = command_split(line);
		g_clear_pointer(&found, g_ptr_array_unref);
		found = complete_words(prompt.sh, words, g_strv_length(words));
		at = 0;
	}
	/* readline frees what it is given with free() */
	return at < found->len ? strdup(g_ptr_array_index(found, at++)) : NULL;
}

static char **complete_line(const char *text, int start, int end)
{
	rl_attempted_completion_over = 1;
	return rl_completion_matches(text, next_match);
}

/* -- history -- */

static char *history_path(void)
{
	return g_build_filename(g_get_user_cache_dir(), "vireo", "history", NULL);
}

static void history_begin(void)
{
	g_autofree char *path = history_path();

	stifle_history(HISTORY_MOST);
	read_history(path);
}

static void history_end(void)
{
	g_autofree char *path = history_path();
	g_autofree char *folder = g_path_get_dirname(path);
	auto_error ignored = { 0 };

	if (dir_make(folder, 0700, &ignored) == 0)
		write_history(path);
}

/* -- waiting for a line -- */

static void begin_line(struct shell *sh)
{
	prompt.line = NULL;
	prompt.finished = false;
	rl_callback_handler_install(sh->readonly ? "vireo > " : "vireo # ", take_line);
}

/* Ctrl-C: the line is dropped. */
static void drop_line(struct shell *sh)
{
	sh->interrupted = 0;
	rl_free_line_state();
	rl_callback_sigcleanup();
	rl_callback_handler_remove();
	putchar('\n');
	begin_line(sh);
}

/* What the daemon sent while nobody asked: pings want an answer. */
static void attend_daemon(struct shell *sh)
{
	auto_error err = { 0 };

	if (client_receive(sh->client, &err) == 0)
		return;
	printf("\n");
	shell_error(sh, "Disconnected: %s; the next command connects again", err.message);
	shell_disconnect(sh);
	rl_on_new_line();
	rl_redisplay();
}

static bool daemon_there(const struct shell *sh)
{
	return sh->client && !client_broken(sh->client);
}

static void wait_line(struct shell *sh)
{
	sigset_t open;

	sigprocmask(SIG_SETMASK, NULL, &open);
	sigdelset(&open, SIGINT);
	begin_line(sh);
	while (!prompt.finished) {
		struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 },
			{ daemon_there(sh) ? client_fd(sh->client) : -1, POLLIN, 0 } };

		if (ppoll(fds, 2, NULL, &open) < 0 && errno != EINTR)
			break;
		if (sh->interrupted) {
			drop_line(sh);
			continue;
		}
		if (fds[1].revents && daemon_there(sh))
			attend_daemon(sh);
		if (fds[0].revents)
			rl_callback_read_char();
	}
}

/* -- lines -- */

static void run_line(struct shell *sh, const char *line)
{
	g_autoptr(GPtrArray) commands = NULL;
	auto_error err = { 0 };

	if (command_parse_line(line, &commands, &err) < 0)
		shell_error(sh, "%s", err.detail);
	else
		shell_run(sh, commands);
}

static void welcome(const struct shell *sh)
{
	if (!sh->quiet)
		printf("Welcome to vireo, the virtualization interactive terminal.\n\n"
		       "Type:  'help' for help with commands\n"
		       "       'quit' to quit\n\n");
}

static void setup(struct shell *sh)
{
	prompt.sh = sh;
	shell_catch_interrupts(sh);
	rl_readline_name = "vireo";
	rl_catch_signals = 0;
	rl_attempted_completion_function = complete_line;
	rl_basic_word_break_characters = " \t\n;";
}

bool shell_interactive(struct shell *sh)
{
	bool terminal = isatty(STDIN_FILENO);
	auto_error err = { 0 };

	sh->interactive = true;
	setup(sh);
	if (shell_connect(sh, &err) < 0) {
		shell_report(sh, &err);
		return false;
	}
	welcome(sh);
	if (terminal)
		history_begin();
	while (!sh->quit) {
		wait_line(sh);
		if (!prompt.line)
			break;
		if (prompt.line[0])
			add_history(prompt.line);
		run_line(sh, prompt.line);
		free(prompt.line);
	}
	putchar('\n');
	if (terminal)
		history_end();
	return true;
}
