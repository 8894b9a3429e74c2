/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Facts about this host: identity, processors, memory.
 *
 * Owns: reading them from /proc and /sys, once where they cannot change.
 * Must not know: domains, drivers, the wire.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct node_info {
	char arch[32];	  /* machine of uname(2): "x86_64" */
	uint64_t memory;  /* KiB */
	unsigned cpus;	  /* online */
	unsigned mhz;	  /* of the first processor; 0 when the host does not say */
	unsigned nodes;	  /* NUMA cells, at least 1 */
	unsigned sockets; /* per cell */
	unsigned cores;	  /* per socket */
	unsigned threads; /* per core */
};

/* Fills INFO. sockets * cores * threads * nodes may exceed cpus when some are offline, as clients expect. */
int node_info_read(struct node_info *info, struct error *err);

/* The host's UUID: from firmware where it is plausible, else one kept in FOLDER/host-uuid from the first call
 * on. */
int node_uuid(const char *folder, unsigned char uuid[16], struct error *err);

/* The fully qualified host name where the resolver's files tell it, else the short one. The caller's. */
char *node_hostname(void);

/* The <host> element of the capabilities document, indented for it, added to OUT. UUID from node_uuid(). */
int node_capabilities(
	const struct node_info *info, const unsigned char uuid[16], GString *out, struct error *err);
