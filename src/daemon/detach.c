/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The background: fork, wait for a word over a pipe, new standard descriptors.
 */
#include "daemon/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"

enum { LOG_BYTES_MAX = 1024 * 1024, LOG_MODE = 0600, PID_MODE = 0644 };

/* In the parent: the child's one word, or end of file when it is gone. */
static _Noreturn void await(int pipe)
{
	char word;
	ssize_t n;

	do
		n = read(pipe, &word, 1);
	while (n < 0 && errno == EINTR);
	_exit(n == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

int detach_begin(struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_errno(err, errno, "cannot make a pipe to go to the background");
	pid_t pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return fail_errno(err, errno, "cannot go to the background");
	}
	close(ends[pid ? 1 : 0]);
	if (pid)
		await(ends[0]);
	setsid();
	return ends[1];
}

static int open_log(const char *path, struct error *err)
{
	g_autofree char *old = g_strconcat(path, ".old", NULL);
	struct stat st;

	if (stat(path, &st) == 0 && st.st_size > LOG_BYTES_MAX && rename(path, old) < 0)
		return fail_errno(err, errno, "cannot rename '%s' to '%s'", path, old);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, LOG_MODE);
	return fd < 0 ? fail_errno(err, errno, "cannot open the log '%s'", path) : fd;
}

int detach_ready(int fd, const char *log, struct error *err)
{
	auto_close word = fd;
	auto_close null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	auto_close log_fd = open_log(log, err);

	if (log_fd < 0)
		return -1;
	if (null_fd < 0 || chdir("/") < 0 || dup2(null_fd, 0) < 0 || dup2(log_fd, 1) < 0 ||
		dup2(log_fd, 2) < 0)
		return fail_errno(err, errno, "cannot let go of the terminal");
	/* a parent that was killed meanwhile does not matter: SIGPIPE is ignored */
	if (write(word, "r", 1) < 0 && errno != EPIPE)
		return fail_errno(err, errno, "cannot tell that the daemon is ready");
	return 0;
}

int pid_file_write(const char *path, struct error *err)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	return file_write_atomic(path, text, strlen(text), PID_MODE, err);
}
