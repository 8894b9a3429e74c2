/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The head of a qcow2 image, by QEMU's docs/interop/qcow2.txt: big-endian words, then extensions, then the
 * name.
 */
#include "drivers/qemu/backing.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>

#include "base/fd.h"

enum {
	HEAD_BYTES = 4096, /* extensions and name lie within the first cluster, in practice here */
	HEAD_LEAST = 72,
	NAME_MAX_BYTES = 1023,
	AT_VERSION = 4,
	AT_NAME_OFFSET = 8,
	AT_NAME_BYTES = 16,
	AT_HEADER_BYTES = 100,
	EXTENSION_END = 0,
};
static const guint32 extension_format = 0xe2792aca; /* the format of the file below */

struct head {
	guint8 bytes[HEAD_BYTES];
	size_t len;
};

static guint32 word(const struct head *head, size_t at)
{
	guint32 value = 0;

	if (at + 4 <= head->len)
		memcpy(&value, head->bytes + at, 4);
	return GUINT32_FROM_BE(value);
}

/* Whether the extension that names the format says qcow2. */
static bool says_qcow2(const struct head *head)
{
	size_t at = word(head, AT_VERSION) >= 3 ? word(head, AT_HEADER_BYTES) : HEAD_LEAST;

	while (at + 8 <= head->len && word(head, at) != EXTENSION_END) {
		guint32 len = word(head, at + 4);
		if (word(head, at) == extension_format)
			return len == 5 && at + 13 <= head->len &&
			       memcmp(head->bytes + at + 8, "qcow2", 5) == 0;
		if (len > HEAD_BYTES)
			break;
		at += 8 + (len + 7) / 8 * 8;
	}
	return false;
}

/* The name as an absolute path; NULL for one that is no file: "nbd://...", "json:{...}". */
static char *to_path(const char *image, const char *name)
{
	const char *colon = strchr(name, ':'), *slash = strchr(name, '/');

	if (g_str_has_prefix(name, "file:"))
		name += strlen("file:");
	else if (colon && (!slash || colon < slash))
		return NULL;
	g_autofree char *folder = g_path_get_dirname(image);
	return g_path_is_absolute(name) ? g_strdup(name) : g_build_filename(folder, name, NULL);
}

bool backing_read(const char *path, struct backing *ret)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct head head = { .len = 0 };
	char name[NAME_MAX_BYTES + 1];
	ssize_t n = fd < 0 ? -1 : pread(fd, head.bytes, HEAD_BYTES, 0);

	if (n < HEAD_LEAST || memcmp(head.bytes, "QFI\xfb", 4) != 0)
		return false;
	head.len = (size_t)n;
	guint32 high = word(&head, AT_NAME_OFFSET), offset = word(&head, AT_NAME_OFFSET + 4);
	guint32 len = word(&head, AT_NAME_BYTES);
	if (high || offset == 0 || len == 0 || len > NAME_MAX_BYTES ||
		pread(fd, name, len, offset) != (ssize_t)len || memchr(name, 0, len))
		return false;
	name[len] = '\0';
	*ret = (struct backing){ to_path(path, name), says_qcow2(&head) };
	return ret->path;
}
