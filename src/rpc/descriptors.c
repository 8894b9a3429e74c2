/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SCM_RIGHTS, there and back.
 */
#include "rpc/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"

enum { FDS_AT_ONCE = 253 /* the most that the kernel lets one message have */ };

static void close_item(void *item)
{
	close_fd_ptr(item);
}

GArray *fds_new(void)
{
	GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));

	g_array_set_clear_func(fds, close_item);
	return fds;
}

GArray *fds_take(GArray *fds, guint count)
{
	GArray *taken = fds_new();

	for (guint i = 0; i < count; i++) {
		int fd = TAKE_FD(g_array_index(fds, int, i));
		g_array_append_val(taken, fd);
	}
	g_array_remove_range(fds, 0, count);
	return taken;
}

/* Adds the descriptors of MESSAGE to FDS. */
static void collect(struct msghdr *message, GArray *fds)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		int fd;
		const unsigned char *at = CMSG_DATA(part);
		for (size_t left = part->cmsg_len - CMSG_LEN(0); left >= sizeof(fd); left -= sizeof(fd)) {
			memcpy(&fd, at, sizeof(fd));
			at += sizeof(fd);
			g_array_append_val(fds, fd);
		}
	}
}

ssize_t fds_receive(int socket, void *buffer, size_t len, GArray *fds)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(FDS_AT_ONCE * sizeof(int))];
	} control;
	struct iovec bytes = { buffer, len };
	struct msghdr message = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);

	if (n < 0)
		return n;
	collect(&message, fds);
	if (message.msg_flags & MSG_CTRUNC) {
		errno = EMSGSIZE;
		return -1;
	}
	return n;
}

ssize_t fds_send(int socket, char byte, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec bytes = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_NOSIGNAL);
}
