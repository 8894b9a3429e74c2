/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Going to the background once ready, and the file that says which process serves.
 *
 * Owns: the fork of --daemon and the pipe to the process that waits.
 * Must not know: what makes the daemon ready.
 */
#pragma once

#include "base/error.h"

/*
 * Forks. The parent does not return: it ends with status 0 when the child calls detach_ready(), with 1 when
 * the child ends before. Returns in the child the descriptor for detach_ready(). To be called before threads,
 * the loop and locks are made.
 */
int detach_begin(struct error *err);

/*
 * Lets go of the terminal: what is logged goes to the end of the file LOG from now on (one that has grown
 * large becomes LOG.old first). Then tells the parent, and closes FD.
 */
int detach_ready(int fd, const char *log, struct error *err);

/* Writes the number of this process. The caller removes the file at its end. */
int pid_file_write(const char *path, struct error *err);
