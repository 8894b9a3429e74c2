/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * `console`: the terminal in raw mode on one side, a stream on the other.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "shell/commands.h"
#include "shell/console.h"
#include "shell/domain.h"

static int write_all(int fd, const guint8 *bytes, size_t len, struct error *err)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno != EINTR)
			return fail_errno(err, errno, "cannot write to the terminal");
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* The console said something, or ended. 1 = go on, 0 = it ended. */
static int from_console(struct shell *sh, struct error *err)
{
	if (client_receive(sh->client, err) < 0)
		return -1;
	g_autoptr(GByteArray) bytes = client_stream_take(sh->client);
	if (write_all(STDOUT_FILENO, bytes->data, bytes->len, err) < 0)
		return -1;
	int ended = client_stream_ended(sh->client, err);
	return ended < 0 ? -1 : !ended;
}

/* Keys were typed. 1 = go on, 0 = the escape character or the end of input. */
static int from_terminal(struct shell *sh, struct error *err)
{
	char bytes[1024];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EINTR ? 1 : fail_errno(err, errno, "cannot read from the terminal");
	if (n == 0)
		return 0;
	const char *escape = memchr(bytes, sh->escape, (size_t)n);
	size_t len = escape ? (size_t)(escape - bytes) : (size_t)n;
	if (len && client_stream_send(sh->client, bytes, len, err) < 0)
		return -1;
	return escape ? 0 : 1;
}

static int join(struct shell *sh, struct error *err)
{
	int rc = 1;

	while (rc > 0) {
		struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { client_fd(sh->client), POLLIN, 0 } };

		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return fail_errno(err, errno, "cannot wait for the terminal");
		}
		if (fds[1].revents)
			rc = from_console(sh, err);
		if (rc > 0 && fds[0].revents)
			rc = from_terminal(sh, err);
	}
	return rc;
}

/* In raw mode every key, also the interrupt, goes to the guest. */
static int join_raw(struct shell *sh, struct error *err)
{
	struct termios before, raw;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return fail_errno(err, errno, "unable to get tty attributes");
	raw = before;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	int rc = join(sh, err);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	return rc;
}

/* "^]" of its character. */
static void escape_text(char escape, char text[3])
{
	bool control = (unsigned char)escape < 0x20;

	text[0] = control ? '^' : escape;
	text[1] = control ? (char)(escape | 0x40) : '\0';
	text[2] = '\0';
}

int console_attach(struct shell *sh, const struct remote_nonnull_domain *domain, const char *device,
	unsigned flags, struct error *err)
{
	struct remote_domain_open_console_args args = { *domain, NULL, flags };
	char escape[3];

	args.dev_name = (char *)device;
	escape_text(sh->escape, escape);
	int active = domain_active(sh, domain, err);
	if (active < 0)
		return shell_error(sh, "Unable to get domain status");
	if (!active)
		return shell_error(sh, "The domain is not running");
	if (!isatty(STDIN_FILENO))
		return shell_error(sh, "Cannot run interactive console without a controlling TTY");
	shell_print(sh, "Connected to domain '%s'\nEscape character is %s (Ctrl + %c)\n", domain->name,
		escape, escape[1] ? escape[1] : escape[0]);
	fflush(stdout);
	if (client_stream_open(sh->client, REMOTE_PROC_DOMAIN_OPEN_CONSOLE, &args, err) < 0)
		return -1;
	int rc = join_raw(sh, err);
	client_stream_close(sh->client);
	shell_print(sh, "\n");
	return rc;
}

static int run_console(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct flag_row flags[] = { { "force", VIR_DOMAIN_CONSOLE_FORCE },
		{ "safe", VIR_DOMAIN_CONSOLE_SAFE }, { 0 } };
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	return console_attach(sh, domain, command_text(cmd, "devname"), flags_of(cmd, flags), err);
}

static const struct option_row console_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_TEXT("devname", 0, "character device name"),
	OPTION_FLAG("force", "force console connection (disconnect already connected sessions)"),
	OPTION_FLAG("safe", "only connect if safe console handling is supported"),
};

static const struct command_row rows[] = {
	{ "console", NULL, GROUP_DOMAIN, "connect to the guest console",
		"Connect the virtual serial console for the guest", OPTIONS(console_options),
		.flags = COMMAND_WRITES, .run = run_console },
};
COMMAND_TABLE(console_commands, rows);
