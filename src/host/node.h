/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Facts about this host: identity, processors, memory.
 *
 * Owns: reading them from /proc and /sys, once where they cannot change.
 * Must not know: domains, drivers, the wire.
 */
#pragma once

#include <glib.h>
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

/* Time in ns since the host's start. */
struct node_cpu_times {
	uint64_t kernel, user, idle, iowait;
};

enum { NODE_ALL = -1 };

/* Of processor CPU, or the sum of NODE_ALL. VIR_ERR_INVALID_ARG where there is no such one. */
int node_cpu_times(int cpu, struct node_cpu_times *ret_times, struct error *err);

/* In KiB. Of a NUMA cell buffers and cached are not told. */
struct node_memory {
	uint64_t total, free, buffers, cached;
};

/* Of NUMA cell CELL, or of the host (NODE_ALL). VIR_ERR_INVALID_ARG where there is no such cell. */
int node_memory(int cell, struct node_memory *ret_memory, struct error *err);

/* Numbers of the processors that are present (*RET_PRESENT), and a bit for each that is online; the caller's.
 */
GByteArray *node_cpu_map(unsigned *ret_present, unsigned *ret_online);

/* The host's UUID: from firmware where it is plausible, else one kept in FOLDER/host-uuid from the first call
 * on. */
int node_uuid(const char *folder, unsigned char uuid[16], struct error *err);

/* The fully qualified host name where the resolver's files tell it, else the short one. The caller's. */
char *node_hostname(void);

/* The <host> element of the capabilities document, indented for it, added to OUT. UUID from node_uuid(). */
int node_capabilities(
	const struct node_info *info, const unsigned char uuid[16], GString *out, struct error *err);
