/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One QEMU process: spawn, monitor, log, exit, and being found again after a restart of the daemon.
 *
 * Owns: struct qemu_process, the files NAME.{qmp,state.json} of a guest and its log.
 * Must not know: the domain model, what the arguments mean.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "drivers/qemu/qmp.h"
#include "host/user.h"

enum {
	QEMU_MONITOR_FD = 3,		/* number of the listening QMP socket in the child */
	QEMU_LOG_MAX = 2 * 1024 * 1024, /* bytes of one guest's log; one older piece is kept beside it */
	QEMU_START_TIMEOUT_MS = 60 * 1000,
	QEMU_REATTACH_TIMEOUT_MS = 2 * 1000, /* the daemon serves nobody before its guests are found */
};

struct qemu_process;

struct qemu_process_callbacks {
	void (*event)(void *opaque, const char *name, json_t *data);
	void (*exited)(void *opaque,
		int status); /* wait status; -1 when unknown (not our child). Not called for kill() */
};

struct qemu_launch {
	sd_event *loop;
	const char *state_dir, *log_dir;
	const char *key;	       /* file name of the guest's run-time files: its uuid */
	const char *title;	       /* file name of its log: its name */
	char *const *argv;	       /* ends with NULL; the QMP socket is descriptor QEMU_MONITOR_FD */
	const struct user_ids *run_as; /* NULL: as the daemon */
};

/*
 * Starts QEMU in a session of its own and shakes hands with its monitor. On failure nothing is left
 * but the log. Errors: VIR_ERR_INTERNAL_ERROR with the end of the log, the likely cause and its cure.
 */
int qemu_process_start(struct task *task, const struct qemu_launch *launch,
	const struct qemu_process_callbacks *callbacks, void *opaque, struct qemu_process **ret_process,
	struct error *err);

/*
 * Finds the process that KEY's state file names. On failure the process has ended (one that refuses a
 * monitor's connection is ending, and killed), and its run-time files are gone. Errors:
 * VIR_ERR_OPERATION_FAILED when it was gone before. A process whose monitor is silent goes on: qmp_usable()
 * is false then, see qemu_process_reconnect().
 */
int qemu_process_reattach(struct task *task, const struct qemu_launch *launch,
	const struct qemu_process_callbacks *callbacks, void *opaque, struct qemu_process **ret_process,
	struct error *err);

/* Tries once to get an answer from a monitor that was silent at reattach. */
int qemu_process_reconnect(
	struct task *task, struct qemu_process *process, uint64_t timeout_ms, struct error *err);

/* SIGTERM, then (with FORCE) SIGKILL, and waits for the end; what was reported to exited() is not again. */
int qemu_process_kill(struct task *task, struct qemu_process *process, bool force, struct error *err);

struct qmp *qemu_process_qmp(struct qemu_process *process);
pid_t qemu_process_pid(const struct qemu_process *process);
int qemu_process_pidfd(const struct qemu_process *process);

/* Lets go; with REMOVE_FILES also removes the run-time files (the process has ended). NULL is fine. */
void qemu_process_free(struct qemu_process *process, bool remove_files);
