/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where to connect: a connection URI, options and the environment to the name of a driver and a socket.
 *
 * Must not know: the wire.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct target {
	char *given;  /* as the user or the environment gave it; NULL = neither did */
	char *name;   /* what the daemon is asked for: "qemu:///system" */
	char *socket; /* path of the UNIX socket */
};

/*
 * Works out where URI leads; NULL takes VIREO_URI, LIBVIRT_DEFAULT_URI, VIRSH_DEFAULT_CONNECT_URI, else QEMU
 * of the system (root) or of the session. ROOT, when set, is the folder given to `vireod --root`. The first
 * socket that is there is taken; when none is, the first candidate, so that connecting tells of it. Errors:
 * VIR_ERR_INVALID_ARG, VIR_ERR_OPERATION_UNSUPPORTED (not a local socket).
 */
int target_find(
	const char *uri, const char *root, bool readonly, struct target *ret_target, struct error *err);

void target_clear(struct target *target);
#define auto_target __attribute__((cleanup(target_clear))) struct target
