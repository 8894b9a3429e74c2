/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a hypervisor driver is to the core: a table of verbs on one guest.
 *
 * Owns: struct driver (core calls driver), struct driver_host (driver calls core), statistics records.
 * Must not know: any hypervisor, the wire.
 *
 * The core calls a verb from a task that owns the guest's job (query, and only it, needs none). An
 * unfilled verb is VIR_ERR_NO_SUPPORT, said by the core. Verbs change runtime.pid, pidfd and
 * driver_data and complete `live`; state and reason are the core's, set from a verb's success and
 * from events. `check` finds every error of configuration and has no side effect; `start` fails
 * only for reasons of the moment and undoes what it did.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "base/error.h"
#include "core/guest.h"

struct task;
struct user_ids; /* host/user.h */

/* What a driver tells the core. DETAIL by event, as listed. */
enum guest_event {
	GUEST_EVENT_EXIT,   /* the guest is gone; detail: virDomainShutoffReason. The core then calls forget()
			     */
	GUEST_EVENT_STOP,   /* vCPUs stopped; detail: virDomainPausedReason */
	GUEST_EVENT_RESUME, /* vCPUs run; detail: virDomainRunningReason */
	GUEST_EVENT_RESET,  /* the guest was reset (a reboot); detail: 0 */
	GUEST_EVENT_SHUTDOWN, /* the guest powered off and its process is ending; detail: 1 = guest asked, 0 =
				 host */
	GUEST_EVENT_CRASHED,  /* guest panic; detail: 0 */
	GUEST_EVENT_WATCHDOG, /* detail: virDomainEventWatchdogAction */
	GUEST_EVENT_RTC_CHANGE,	  /* detail: offset in seconds */
	GUEST_EVENT_BALLOON,	  /* detail: actual memory in KiB */
	GUEST_EVENT_IO_ERROR,	  /* detail: virDomainEventIOErrorAction */
	GUEST_EVENT_LIVE_CHANGED, /* the live XML changed (a pty, an address): persist it; detail: 0 */
};

/* What the administrator says of how guests run. */
struct driver_settings {
	const struct user_ids *run_as; /* NULL = as the daemon */
	bool own_files;		       /* give guests' files to that user while they run */
	const char *const *keep_owner; /* folders whose files keep their owner; ends with NULL; NULL = none */
};

/* What the core gives its drivers. Filled once by the core; the folders exist. */
struct driver_host {
	sd_event *loop;
	bool privileged;       /* the system daemon, as root */
	const char *state_dir; /* run-time state (pid files, QMP sockets): gone after a reboot */
	const char *lib_dir;   /* per-guest data that lasts; sockets of channels */
	const char *log_dir;   /* per-guest logs */
	const char *cache_dir; /* capabilities */
	const struct driver_settings *settings; /* NULL = guests run as the daemon does */
	void (*event)(struct guest *guest, enum guest_event what,
		int64_t detail); /* called from the loop or a task */
	void *core_data;
};

/* How a guest is to be ended, paused or rebooted: bits of the public API (virDomainDestroyFlags, ...). */
enum start_flags { START_PAUSED = 1 << 0 };

struct block_stats {
	char *target; /* "vda" */
	char *path;   /* NULL when empty */
	uint64_t rd_reqs, rd_bytes, rd_ns, wr_reqs, wr_bytes, wr_ns, fl_reqs, fl_ns;
	uint64_t capacity, allocation, physical;
};

struct interface_stats {
	char *name; /* host device */
	uint64_t rx_bytes, rx_packets, rx_errs, rx_drop, tx_bytes, tx_packets, tx_errs, tx_drop;
};

struct vcpu_stats {
	bool online;
	bool halted;
	pid_t thread; /* 0 = unknown */
	uint64_t time_ns;
	uint64_t wait_ns, delay_ns; /* for I/O or a lock of the scheduler; ready and without a CPU */
	int cpu;		    /* host CPU, -1 = unknown */
};

enum query_what {
	QUERY_STATE = 1 << 0,
	QUERY_CPU = 1 << 1,
	QUERY_BALLOON = 1 << 2,
	QUERY_VCPU = 1 << 3,
	QUERY_INTERFACE = 1 << 4,
	QUERY_BLOCK = 1 << 5
};

/* The answer of query(); what was not asked, or could not be had in time, is zero or NULL. */
struct guest_stats {
	uint64_t cpu_ns, user_ns, system_ns; /* of the whole process */
	uint64_t balloon_kib, max_kib, rss_kib;
	uint64_t balloon_stat[VIR_DOMAIN_MEMORY_STAT_NR]; /* by tag, in the API's units */
	uint64_t balloon_stat_set;			  /* bit by tag */
	GArray *vcpus;					  /* struct vcpu_stats */
	GArray *blocks;					  /* struct block_stats; strings owned */
	GArray *interfaces;				  /* struct interface_stats; strings owned */
};

/* Frees what STATS holds; the struct itself is the caller's. */
void guest_stats_clear(struct guest_stats *stats);

/* One machine type, and one thing that can run guests, as capabilities show them. */
struct driver_machine {
	char *name;
	char *canonical; /* NULL when NAME is no alias */
	unsigned max_cpus;
	bool is_default;
};

struct driver_target {
	char *arch; /* "x86_64" */
	unsigned wordsize;
	char *emulator;
	bool kvm;	     /* works here */
	unsigned version;    /* major * 1000000 + minor * 1000 + micro */
	GPtrArray *machines; /* struct driver_machine * */
};

struct driver {
	const char *name;	    /* "QEMU", as virConnectGetType() says */
	const char *const *schemes; /* URI schemes, NULL-terminated */

	/* Learns what can run here (cached); called once at start of the daemon and may wait. */
	int (*probe)(struct task *task, const struct driver_host *host, struct error *err);
	/* What probe() found: borrowed array of struct driver_target *; empty before probe(). */
	const GPtrArray *(*targets)(void);
	/* Version of the hypervisor for virConnectGetVersion(); 0 = none found. */
	unsigned (*version)(void);
	/* virConnectGetDomainCapabilities(): the XML; NULL arguments mean the default. */
	char *(*domain_capabilities)(const char *emulator, const char *arch, const char *machine,
		const char *virttype, struct error *err);

	/* Defaults and addresses that depend on the hypervisor; idempotent. */
	int (*complete)(struct domain *def, struct error *err);
	/* Every configuration error that makes a start impossible; no side effect. */
	int (*check)(const struct domain *def, struct error *err);

	int (*start)(struct task *task, struct guest *guest, unsigned flags,
		struct error *err); /* enum start_flags */
	int (*pause)(struct task *task, struct guest *guest, struct error *err);
	int (*resume)(struct task *task, struct guest *guest, struct error *err);
	/* Asks the guest; returns when asked. The end comes as GUEST_EVENT_EXIT. */
	int (*shutdown)(struct task *task, struct guest *guest, unsigned flags, struct error *err);
	int (*reboot)(struct task *task, struct guest *guest, unsigned flags, struct error *err);
	int (*reset)(struct task *task, struct guest *guest, struct error *err);
	int (*inject_nmi)(struct task *task, struct guest *guest, struct error *err);
	/* Ends the process and waits for its end. VIR_DOMAIN_DESTROY_GRACEFUL: never by force. No EXIT event
	 * follows. */
	int (*kill)(struct task *task, struct guest *guest, unsigned flags, struct error *err);

	/* Fills the parts of RET_STATS named by WHAT (enum query_what). The caller clears it. Needs no job.
	 */
	int (*query)(struct task *task, struct guest *guest, unsigned what, struct guest_stats *ret_stats,
		struct error *err);
	/* virDomainControlState of the way to the guest, and for how long (ms; 0 = just now). Never waits. */
	int (*control)(struct guest *guest, uint64_t *ret_since_ms);
	/* Sets the memory balloon, in KiB. */
	int (*set_memory)(struct task *task, struct guest *guest, uint64_t kib, struct error *err);
	/* One QMP command as text (virDomainQemuMonitorCommand); *RET_TEXT is the caller's. */
	int (*monitor_command)(struct task *task, struct guest *guest, const char *command, bool hmp,
		char **ret_text, struct error *err);

	/* Opens the guest's side of console ALIAS (NULL = first); a non-blocking descriptor, the caller's, or
	 * negative. */
	int (*open_console)(struct guest *guest, const char *alias, struct error *err);
	/* The command line as text (domxml-to-native); the caller's; NULL with ERR. */
	char *(*native_export)(const struct domain *def, const char *format, struct error *err);

	/*
	 * After a restart of the daemon: finds the process again from the driver's own state under state_dir.
	 * LIVE is set by the core. Sets *RET_STATE and *RET_REASON. Negative: it is gone (call forget()).
	 */
	int (*reattach)(
		struct task *task, struct guest *guest, int *ret_state, int *ret_reason, struct error *err);
	/* Frees driver_data and removes run-time files; the guest does not run any more. */
	void (*forget)(struct guest *guest);
	/* Lets go of a guest that keeps running (the daemon ends): frees memory and descriptors, keeps files.
	 */
	void (*detach)(struct guest *guest);
};
