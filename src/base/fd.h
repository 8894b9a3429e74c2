/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File descriptors and files: cleanup attribute, whole reads with a bound, atomic writes.
 */
#pragma once

#include <stddef.h>
#include <unistd.h>

#include "base/error.h"

static inline void close_fd_ptr(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* A descriptor that is closed at the end of its scope. */
#define auto_close __attribute__((cleanup(close_fd_ptr))) int

/* Hands a descriptor over: yields its value and leaves -1 behind. */
static inline int take_fd_ptr(int *fd)
{
	int value = *fd;
	*fd = -1;
	return value;
}
#define TAKE_FD(fd) take_fd_ptr(&(fd))

/* Reads a file of at most LIMIT bytes; *RET_TEXT is NUL-terminated and the caller's. */
int file_read(const char *path, size_t limit, char **ret_text, size_t *ret_len, struct error *err);

/*
 * Replaces a file so that a crash at any moment leaves the old or the new content: temporary file in the
 * same folder, fsync, rename, fsync of the folder. MODE as for open(2).
 */
int file_write_atomic(const char *path, const char *text, size_t len, int mode, struct error *err);

/*
 * As file_write_atomic(), for what does not outlast the host's own end: a crash of the daemon leaves the old
 * or the new content, and nothing waits for the disk.
 */
int file_write_volatile(const char *path, const char *text, size_t len, int mode, struct error *err);

/* Flushes a folder's entries, so that a file made or removed there stays so after a crash. */
int dir_sync(const char *path, struct error *err);

/* Makes a folder and its parents. An existing one is fine. */
int dir_make(const char *path, int mode, struct error *err);
