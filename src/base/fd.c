/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whole reads with a bound, atomic writes, folders.
 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* Reads until end of file or LIMIT bytes; returns the length, or a negative errno (-EFBIG past the limit). */
static ssize_t read_all(int fd, char *buffer, size_t limit)
{
	size_t have = 0;

	for (;;) {
		ssize_t n = read(fd, buffer + have, limit + 1 - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += n;
		if (have > limit)
			return -EFBIG;
		if (n == 0)
			return have;
	}
}

int file_read(const char *path, size_t limit, char **ret_text, size_t *ret_len, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(err, errno, "cannot open '%s'", path);

	struct stat st;
	if (fstat(fd, &st) < 0)
		return fail_errno(err, errno, "cannot stat '%s'", path);
	/* files of /proc and /sys say 0 and are read up to the limit */
	size_t bound = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : MIN(limit, 64 * 1024);
	if (bound > limit)
		return fail_errno(
			err, EFBIG, "cannot read '%s' (at most %zu bytes are allowed)", path, limit);

	g_autofree char *text = g_malloc(bound + 2);
	ssize_t len = read_all(fd, text, bound);
	if (len < 0)
		return fail_errno(err, (int)-len, "cannot read '%s'", path);
	text[len] = '\0';
	*ret_text = g_steal_pointer(&text);
	if (ret_len)
		*ret_len = len;
	return 0;
}

/* Writes all of TEXT; 0 or a negative errno. */
static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= n;
	}
	return 0;
}

int dir_sync(const char *path, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return fail_errno(err, errno, "cannot sync folder '%s'", path);
	return 0;
}

static int file_replace(
	const char *path, const char *text, size_t len, int mode, bool durable, struct error *err)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *temporary = g_strdup_printf("%s/.new-XXXXXX", folder);
	int rc;

	auto_close fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return fail_errno(err, errno, "cannot create a file in '%s'", folder);
	rc = fchmod(fd, mode) < 0 ? -errno : write_all(fd, text, len);
	if (rc == 0 && durable && fsync(fd) < 0)
		rc = -errno;
	if (rc == 0 && rename(temporary, path) < 0)
		rc = -errno;
	if (rc < 0) {
		unlink(temporary);
		return fail_errno(err, -rc, "cannot write '%s'", path);
	}
	return durable ? dir_sync(folder, err) : 0;
}

int file_write_atomic(const char *path, const char *text, size_t len, int mode, struct error *err)
{
	return file_replace(path, text, len, mode, true, err);
}

int file_write_volatile(const char *path, const char *text, size_t len, int mode, struct error *err)
{
	return file_replace(path, text, len, mode, false, err);
}

int dir_make(const char *path, int mode, struct error *err)
{
	if (g_mkdir_with_parents(path, mode) < 0)
		return fail_errno(err, errno, "cannot create folder '%s'", path);
	return 0;
}
