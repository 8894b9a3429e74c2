/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors that pass through a UNIX socket, each beside one byte of the stream.
 *
 * Must not know: packets.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* A list of descriptors (int) that closes what is in it and not -1. */
GArray *fds_new(void);

/* Takes the first COUNT out of FDS, which has as many. */
GArray *fds_take(GArray *fds, guint count);

/*
 * As recv(), and adds the descriptors that came along to FDS. Fails with EMSGSIZE where some of them were
 * lost, as none are free.
 */
ssize_t fds_receive(int socket, void *buffer, size_t len, GArray *fds);

/* As send() of one byte, with a descriptor beside it; FD stays the caller's. */
ssize_t fds_send(int socket, char byte, int fd);
