/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sizes of disk images on this host.
 *
 * Owns: reading a file's sizes and, of formats that hold one, the size the guest sees.
 * Must not know: domains, pools.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct image_size {
	uint64_t capacity;   /* bytes the guest sees; 0 = the format does not tell here */
	uint64_t allocation; /* bytes taken on the host */
	uint64_t physical;   /* bytes of the file or device */
};

/* FORMAT: "raw", "qcow2"; NULL = raw. Never waits for more than the open of a local file. Errors:
 * VIR_ERR_SYSTEM_ERROR. */
int image_size_read(const char *path, const char *format, struct image_size *ret_size, struct error *err);
