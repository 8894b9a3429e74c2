/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A running QEMU guest: what hangs on guest->runtime.driver_data.
 *
 * Owns: the verbs that need only the monitor, QEMU's events, the actions at power-off, reboot and crash.
 * Must not know: the domain model; what the arguments are made from (build.c).
 */
#pragma once

#include "core/driver.h"
#include "drivers/qemu/process.h"

enum qemu_policy_action { POLICY_DESTROY, POLICY_RESTART, POLICY_PRESERVE };

struct qemu_policy {
	enum qemu_policy_action on_poweroff, on_reboot, on_crash;
};

/* Adds what makes QEMU act as POLICY says, monitor and sandbox: the arguments every guest has. */
void qemu_common_args(GPtrArray *argv, const struct qemu_policy *policy);

/* Starts ARGV (which names QEMU first and ends with NULL) as GUEST. On failure nothing is left. */
int qemu_guest_start(struct task *task, struct guest *guest, char *const *argv,
	const struct qemu_policy *policy, unsigned flags, struct error *err);
int qemu_guest_reattach_policy(struct task *task, struct guest *guest, const struct qemu_policy *policy,
	int *ret_state, int *ret_reason, struct error *err);

/* Path of the pty of character device ALIAS ("charserial0"); NULL when it has none. Borrowed. */
const char *qemu_guest_pty(struct guest *guest, const char *alias);

/* Asks QEMU on which TCP port its VNC server listens. */
int qemu_guest_vnc_port(struct task *task, struct guest *guest, unsigned *ret_port, struct error *err);

/* What hangs on a running guest. A verb that waits holds a reference: the guest may end meanwhile. */
struct qemu_guest;
/* A reference; NULL with VIR_ERR_OPERATION_INVALID when the guest does not run. */
struct qemu_guest *qemu_guest_running(struct guest *guest, struct error *err);
void qemu_guest_unref(struct qemu_guest *q);
/* Threads of its vCPUs (pid_t), which stay the same while it runs; *THREADS is NULL until somebody has asked
 * QEMU. */
GArray **qemu_guest_threads(struct qemu_guest *q);
/* Its monitor; NULL once it has ended. */
struct qmp *qemu_guest_monitor(const struct qemu_guest *q);

static inline void qemu_guest_unref_ptr(struct qemu_guest **q)
{
	qemu_guest_unref(*q);
}
#define auto_guest __attribute__((cleanup(qemu_guest_unref_ptr))) struct qemu_guest

/* Verbs of struct driver; see core/driver.h. */
int qemu_guest_pause(struct task *task, struct guest *guest, struct error *err);
int qemu_guest_resume(struct task *task, struct guest *guest, struct error *err);
int qemu_guest_shutdown(struct task *task, struct guest *guest, unsigned flags, struct error *err);
int qemu_guest_reboot(struct task *task, struct guest *guest, unsigned flags, struct error *err);
int qemu_guest_reset(struct task *task, struct guest *guest, struct error *err);
int qemu_guest_inject_nmi(struct task *task, struct guest *guest, struct error *err);
int qemu_guest_kill(struct task *task, struct guest *guest, unsigned flags, struct error *err);
int qemu_guest_set_memory(struct task *task, struct guest *guest, uint64_t kib, struct error *err);
int qemu_guest_monitor_command(struct task *task, struct guest *guest, const char *command, bool hmp,
	char **ret_text, struct error *err);
int qemu_guest_open_console(struct guest *guest, const char *alias, struct error *err);
int qemu_guest_control(struct guest *guest, uint64_t *ret_since_ms);
void qemu_guest_forget(struct guest *guest);
void qemu_guest_detach(struct guest *guest);
