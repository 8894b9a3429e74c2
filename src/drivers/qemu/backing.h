/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a qcow2 image says it is laid over.
 *
 * Must not know: what is done with it. An image is untrusted: its maker chose these words.
 */
#pragma once

#include <stdbool.h>

struct backing {
	char *path; /* absolute, as it stands: perhaps not there; the caller's */
	bool qcow2; /* the image says that this file is a qcow2 image too */
};

/* Reads the head of the qcow2 image PATH. False where it is none, or is laid over no file of this host. */
bool backing_read(const char *path, struct backing *ret);
