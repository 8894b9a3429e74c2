/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The user's editor on a temporary file.
 */
#include "shell/edit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"

enum { EDITED_MOST = 16 * 1024 * 1024 };

static const char *editor_name(void)
{
	const char *visual = g_getenv("VISUAL"), *editor = g_getenv("EDITOR");

	return visual && *visual ? visual : editor && *editor ? editor : "vi";
}

static void run_child(const char *path)
{
	g_autofree char *line = g_strdup_printf("%s \"$1\"", editor_name());
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_DFL);
	execl("/bin/sh", "sh", "-c", line, "sh", path, NULL);
	_exit(127);
}

/* Answers the daemon's pings until the editor ends. */
static void wait_child(struct shell *sh, pid_t pid)
{
	auto_close child = pidfd_open(pid, 0);
	auto_error broken = { 0 };
	bool ended = child < 0;

	while (!ended) {
		bool there = sh->client && !client_broken(sh->client);
		struct pollfd fds[] = { { child, POLLIN, 0 },
			{ there ? client_fd(sh->client) : -1, POLLIN, 0 } };

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (there && fds[1].revents)
			client_receive(sh->client, &broken);
		ended = fds[0].revents;
	}
}

static int run_editor(struct shell *sh, const char *path, struct error *err)
{
	sigset_t interrupt, before;
	int status = 0;

	fflush(stdout);
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, &before);
	pid_t pid = fork();
	if (pid == 0)
		run_child(path);
	if (pid > 0) {
		wait_child(sh, pid);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return fail_errno(err, errno, "cannot start the editor");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail(err, VIR_ERR_OPERATION_FAILED,
			"editor '%s' ended with %s %d; nothing was changed; choose another with VISUAL or "
			"EDITOR",
			editor_name(), WIFEXITED(status) ? "exit status" : "signal",
			WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return 0;
}

/* Puts TEXT into a temporary file; *RET_PATH is the caller's. */
static int make_file(const char *text, char **ret_path, struct error *err)
{
	g_autoptr(GError) error = NULL;
	auto_close fd = g_file_open_tmp("vireoXXXXXX.xml", ret_path, &error);
	size_t len = strlen(text);

	if (fd < 0)
		return fail(err, VIR_ERR_SYSTEM_ERROR, "cannot make a temporary file: %s", error->message);
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, text + done, len - done);
		if (n < 0 && errno != EINTR) {
			fail_errno(err, errno, "cannot write '%s'", *ret_path);
			unlink(*ret_path);
			return -1;
		}
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int edit_file(struct shell *sh, const char *path, char **ret_edited, struct error *err)
{
	size_t len;

	if (run_editor(sh, path, err) < 0)
		return -1;
	return file_read(path, EDITED_MOST, ret_edited, &len, err);
}

int edit_once(struct shell *sh, const char *text, char **ret_edited, struct error *err)
{
	g_autofree char *path = NULL;

	if (make_file(text, &path, err) < 0)
		return -1;
	int rc = edit_file(sh, path, ret_edited, err);
	unlink(path);
	return rc;
}

/* -- what to do when it was not taken -- */

static int read_key(void)
{
	struct termios before, raw;
	char key = 0;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return -1;
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	ssize_t n = read(STDIN_FILENO, &key, 1);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	return n == 1 ? g_ascii_tolower(key) : -1;
}

static void explain_keys(bool validates)
{
	printf("\n"
	       "y - yes, start editor again\n"
	       "n - no, throw away my changes\n"
	       "%s"
	       "f - force, try to redefine again\n"
	       "? - print this help\n",
		validates ? "i - turn off validation and try to redefine again\n" : "");
}

/* One of y, n, i, f; without a terminal: n. */
static char ask(bool validates)
{
	const char *keys = validates ? "ynif" : "ynf";

	if (!isatty(STDIN_FILENO))
		return 'n';
	for (;;) {
		printf("\r%s",
			validates ? "Failed. Try again? [y,n,i,f,?]: " : "Failed. Try again? [y,n,f,?]: ");
		fflush(stdout);
		int key = read_key();
		if (key < 0)
			return 'n';
		if (key == '?') {
			explain_keys(validates);
		} else if (strchr(keys, key)) {
			printf("\r\n");
			return (char)key;
		}
	}
}

/* After an edit that changed something: 1 = taken, 0 = edit again, -1 = given up. */
static int take_or_ask(struct shell *sh, const char *edited, bool validates, bool *validate, edit_take take,
	void *arg, struct error *err)
{
	for (;;) {
		if (take(sh, arg, edited, *validate, err) == 0)
			return 1;
		shell_report(sh, err);
		if (client_broken(sh->client))
			return -1;
		char key = ask(validates && *validate);
		if (key == 'i')
			*validate = false;
		else if (key != 'f')
			return key == 'y' ? 0 : -1;
	}
}

int edit_until_taken(struct shell *sh, const char *text, bool validates, bool validate, edit_take take,
	void *arg, struct error *err)
{
	g_autofree char *path = NULL;
	int rc = 0;

	if (make_file(text, &path, err) < 0)
		return -1;
	for (bool again = true; again;) {
		g_autofree char *edited = NULL;

		rc = edit_file(sh, path, &edited, err);
		if (rc < 0 || strcmp(edited, text) == 0)
			break;
		rc = take_or_ask(sh, edited, validates, &validate, take, arg, err);
		again = rc == 0;
	}
	unlink(path);
	return rc;
}
