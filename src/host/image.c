/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sizes of disk images: the file's, and the one in the header of qcow2 (its specification: docs/interop/qcow2
 * of QEMU).
 */
#include "host/image.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"

enum { QCOW2_MAGIC = 0x514649fb, QCOW2_SIZE_AT = 24, QCOW2_HEADER = 32 };

/* 0 where the file is no such image. */
static uint64_t qcow2_capacity(int fd)
{
	unsigned char header[QCOW2_HEADER];
	uint32_t magic;
	uint64_t size;

	if (pread(fd, header, sizeof(header), 0) != sizeof(header))
		return 0;
	memcpy(&magic, header, sizeof(magic));
	memcpy(&size, header + QCOW2_SIZE_AT, sizeof(size));
	return be32toh(magic) == QCOW2_MAGIC ? be64toh(size) : 0;
}

int image_size_read(const char *path, const char *format, struct image_size *ret_size, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(err, errno, "cannot open disk image '%s'", path);
	off_t end = S_ISBLK(st.st_mode) ? lseek(fd, 0, SEEK_END) : st.st_size;
	ret_size->physical = (uint64_t)MAX(end, 0);
	ret_size->allocation = S_ISBLK(st.st_mode) ? ret_size->physical : (uint64_t)st.st_blocks * 512;
	ret_size->capacity = !format || g_str_equal(format, "raw") ? ret_size->physical
			     : g_str_equal(format, "qcow2")	   ? qcow2_capacity(fd)
								   : 0;
	return 0;
}
