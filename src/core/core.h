/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The core: what the daemon holds, and the handlers of the wire's calls over it.
 *
 * Owns: struct core.
 * Must not know: any hypervisor, sockets.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "core/driver.h"
#include "host/node.h"
#include "rpc/server.h"

/* Where things are kept; all absolute. */
struct core_paths {
	const char *config; /* definitions, by kind */
	const char *state;  /* what runs: gone after a reboot of the host */
	const char *lib;    /* what lasts */
	const char *log;
};

struct registry;
struct driver;

struct core {
	sd_event *loop;
	struct core_paths paths;
	bool privileged; /* the system's daemon, not a user's */
	struct node_info node;
	unsigned char host_uuid[16];
	struct registry *domains;
	GPtrArray *sessions; /* struct session *, every connected client's */

	const struct driver *driver; /* what runs the guests; NULL = nothing does */
	struct driver_host driver_host;
	char *state_folder, *cache_folder; /* driver_host's */
	int last_id;
	GHashTable *autodestroyed; /* struct guest * -> struct session *: ends with that connection */
	bool ready;		   /* running guests are found again */
};

/* Reads what the host is and what is defined, and finds running guests again. DRIVER and SETTINGS may be
 * NULL. PATHS and SETTINGS must outlive CORE. */
int core_init(struct core *core, sd_event *loop, const struct core_paths *paths, bool privileged,
	const struct driver *driver, const struct driver_settings *settings, struct error *err);
void core_done(struct core *core);

/* The programs that the core answers; for rpc_server_new() with core as its argument. */
extern const struct rpc_service core_services[];
extern const size_t core_service_count;
extern const struct rpc_server_callbacks core_callbacks;
