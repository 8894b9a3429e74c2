/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A guest: one domain as the daemon holds it, and what a driver may see of it.
 *
 * Owns: struct guest and struct domain_runtime (what exists only while it runs).
 * Must not know: a hypervisor's ways (those hang on runtime.driver_data), the wire.
 */
#pragma once

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

struct domain; /* model/domain.h */
struct driver; /* core/driver.h */
struct driver_host;

/* What exists while the guest runs. The driver writes it; the core persists what it needs by the driver's
 * say. */
struct domain_runtime {
	pid_t pid;	   /* 0 = no process */
	int pidfd;	   /* -1 = none; the driver's to close */
	int state;	   /* virDomainState; written by the core from verbs and events */
	int reason;	   /* virDomain*Reason of that state */
	void *driver_data; /* the driver's own; made in start/reattach, freed in forget */
};

struct guest {
	unsigned refs; /* the registry's, and one for each task in or waiting for a job */
	char *name;
	unsigned char uuid[16];
	int id;		       /* -1 while not running; set by the core before start() */
	struct domain *config; /* persistent definition; NULL for a transient guest */
	struct domain *live;   /* what runs now; NULL while not running */
	struct domain_runtime runtime;
	const struct driver *driver;
	const struct driver_host *host; /* loop, paths and callbacks; outlives the guest */
	void *core_data;		/* the core's own (registry entry, job, ...) */
};
