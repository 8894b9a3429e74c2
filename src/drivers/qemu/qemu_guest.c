/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Verbs on a running QEMU guest, and what its events mean.
 *
 * A verb may be parked when the guest ends and is forgotten; each holds a reference, and finds the process
 * gone.
 */
#include "drivers/qemu/qemu_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "core/registry.h"

enum { SILENT_TIMEOUT_MS = 60 * 1000 }; /* how long one connection to a silent guest is kept */

struct qemu_guest {
	int refs;
	struct guest *guest; /* NULL once forgotten */
	struct qemu_process *process;
	struct qemu_policy policy;
	GArray *threads;   /* pid_t, of the vCPUs; NULL = not known yet */
	GHashTable *ptys;  /* alias -> path */
	bool stop_asked;   /* the next STOP is our own doing */
	bool resume_asked; /* the next RESUME is our own doing */
	bool reboot_asked; /* the next power-off becomes a reset */
	bool shutdown_seen, crashed;
	bool starting; /* the end is start()'s to report, not an event */
};

void qemu_guest_unref(struct qemu_guest *q)
{
	if (!q || --q->refs > 0)
		return;
	g_hash_table_unref(q->ptys);
	g_clear_pointer(&q->threads, g_array_unref);
	g_free(q);
}

static struct qemu_guest *qemu_guest_new(struct guest *guest, const struct qemu_policy *policy)
{
	struct qemu_guest *q = g_new0(struct qemu_guest, 1);
	*q = (struct qemu_guest){ .refs = 1, .guest = guest, .policy = *policy };
	q->ptys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return q;
}

struct qemu_guest *qemu_guest_running(struct guest *guest, struct error *err)
{
	struct qemu_guest *q = guest->runtime.driver_data;
	if (!q || !q->process) {
		fail(err, VIR_ERR_OPERATION_INVALID, "domain is not running");
		return NULL;
	}
	q->refs++;
	return q;
}

GArray **qemu_guest_threads(struct qemu_guest *q)
{
	return &q->threads;
}

struct qmp *qemu_guest_monitor(const struct qemu_guest *q)
{
	return q->process ? qemu_process_qmp(q->process) : NULL;
}

/* One command without arguments or answer. */
static int command(struct task *task, struct qemu_guest *q, const char *name, struct error *err)
{
	if (!q->process)
		return fail(err, VIR_ERR_OPERATION_FAILED, "the guest has ended");
	return qmp_call(task, qemu_process_qmp(q->process), name, NULL, QMP_TIMEOUT_MS, NULL, err);
}

/* What QEMU does when the guest powers off: "poweroff" or "pause". */
static int set_shutdown_action(struct task *task, struct qemu_guest *q, const char *action, struct error *err)
{
	return qmp_call(task, qemu_process_qmp(q->process), "set-action",
		json_pack("{s:s}", "shutdown", action), QMP_TIMEOUT_MS, NULL, err);
}

static void tell(struct qemu_guest *q, enum guest_event what, int64_t detail)
{
	if (q->guest && q->guest->host->event)
		q->guest->host->event(q->guest, what, detail);
}

/* After a power-off that is to be a reboot: QEMU has stopped with its devices in place. */
static void reset_task(struct task *task, void *arg)
{
	auto_guest *q = arg;
	auto_error err = { 0 };
	bool always = q->policy.on_poweroff == POLICY_RESTART;
	q->resume_asked = true;
	if (!q->process || command(task, q, "system_reset", &err) < 0)
		goto out;
	if (!always && q->process && set_shutdown_action(task, q, "poweroff", &err) < 0)
		goto out;
	if (q->process && command(task, q, "cont", &err) < 0)
		goto out;
	q->reboot_asked = false;
out:
	if (err.code)
		log_error("a guest could not be restarted after its power-off: %s", err.message);
}

static void restart(struct qemu_guest *q)
{
	q->reboot_asked = true; /* hides the STOP that follows */
	q->refs++;
	task_spawn(q->guest->host->loop, "restart guest", reset_task, q);
}

static void on_shutdown(struct qemu_guest *q, json_t *data)
{
	bool guest_asked = json_is_true(json_object_get(data, "guest"));
	if (guest_asked && (q->reboot_asked || q->policy.on_poweroff == POLICY_RESTART)) {
		restart(q);
		return;
	}
	q->shutdown_seen = true;
	tell(q, GUEST_EVENT_SHUTDOWN, guest_asked);
}

static void on_stop(struct qemu_guest *q, json_t *data)
{
	if (q->stop_asked || q->reboot_asked || q->shutdown_seen)
		q->stop_asked = false;
	else
		tell(q, GUEST_EVENT_STOP, VIR_DOMAIN_PAUSED_UNKNOWN);
}

static void on_resume(struct qemu_guest *q, json_t *data)
{
	if (q->resume_asked)
		q->resume_asked = false;
	else
		tell(q, GUEST_EVENT_RESUME, VIR_DOMAIN_RUNNING_UNPAUSED);
}

static void on_reset(struct qemu_guest *q, json_t *data)
{
	tell(q, GUEST_EVENT_RESET, 0);
}

static void on_panic(struct qemu_guest *q, json_t *data)
{
	q->crashed = true;
	tell(q, GUEST_EVENT_CRASHED, 0);
	if (q->guest && q->policy.on_crash == POLICY_RESTART)
		restart(q);
}

static void on_watchdog(struct qemu_guest *q, json_t *data)
{
	static const char *const actions[] = { "none", "pause", "reset", "poweroff", "shutdown", "debug",
		"inject-nmi" };
	const char *action = json_string_value(json_object_get(data, "action"));
	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
		if (g_strcmp0(action, actions[i]) == 0)
			tell(q, GUEST_EVENT_WATCHDOG,
				(int64_t)i); /* in the order of virDomainEventWatchdogAction */
	}
}

static void on_rtc_change(struct qemu_guest *q, json_t *data)
{
	tell(q, GUEST_EVENT_RTC_CHANGE, json_integer_value(json_object_get(data, "offset")));
}

static void on_balloon(struct qemu_guest *q, json_t *data)
{
	tell(q, GUEST_EVENT_BALLOON, json_integer_value(json_object_get(data, "actual")) / 1024);
}

static void on_io_error(struct qemu_guest *q, json_t *data)
{
	const char *action = json_string_value(json_object_get(data, "action"));
	tell(q, GUEST_EVENT_IO_ERROR,
		g_strcmp0(action, "stop") == 0	   ? VIR_DOMAIN_EVENT_IO_ERROR_PAUSE
		: g_strcmp0(action, "report") == 0 ? VIR_DOMAIN_EVENT_IO_ERROR_REPORT
						   : VIR_DOMAIN_EVENT_IO_ERROR_NONE);
}

static const struct {
	const char *name;
	void (*handle)(struct qemu_guest *q, json_t *data);
} events[] = {
	{ "SHUTDOWN", on_shutdown },
	{ "STOP", on_stop },
	{ "RESUME", on_resume },
	{ "RESET", on_reset },
	{ "GUEST_PANICKED", on_panic },
	{ "WATCHDOG", on_watchdog },
	{ "RTC_CHANGE", on_rtc_change },
	{ "BALLOON_CHANGE", on_balloon },
	{ "BLOCK_IO_ERROR", on_io_error },
};

static void on_event(void *opaque, const char *name, json_t *data)
{
	for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
		if (strcmp(events[i].name, name) == 0)
			events[i].handle(opaque, data);
	}
}

static void on_exited(void *opaque, int status)
{
	struct qemu_guest *q = opaque;
	int reason = q->crashed || (!q->shutdown_seen && status != 0) ? VIR_DOMAIN_SHUTOFF_CRASHED
								      : VIR_DOMAIN_SHUTOFF_SHUTDOWN;
	if (!q->starting)
		tell(q, GUEST_EVENT_EXIT, reason);
}

static const struct qemu_process_callbacks process_callbacks = { on_event, on_exited };

void qemu_common_args(GPtrArray *argv, const struct qemu_policy *policy)
{
	static const char *const common[] = { "-S", "-no-user-config", "-nodefaults", "-display", "none",
		"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny", "-msg",
		"timestamp=on", "-chardev", "socket,id=charmonitor,fd=3,server=on,wait=off", "-mon",
		"chardev=charmonitor,id=monitor,mode=control", "-action" };
	for (size_t i = 0; i < G_N_ELEMENTS(common); i++)
		g_ptr_array_add(argv, g_strdup(common[i]));
	g_ptr_array_add(argv, g_strdup_printf("reboot=%s,shutdown=%s,panic=%s",
				      policy->on_reboot == POLICY_DESTROY ? "shutdown" : "reset",
				      policy->on_poweroff == POLICY_DESTROY ? "poweroff" : "pause",
				      policy->on_crash == POLICY_DESTROY ? "shutdown" : "pause"));
}

/* Learns the ptys QEMU opened. */
static int read_ptys(struct task *task, struct qemu_guest *q, struct error *err)
{
	json_t *answer = NULL;
	if (qmp_call(task, qemu_process_qmp(q->process), "query-chardev", NULL, QMP_TIMEOUT_MS, &answer,
		    err) < 0)
		return -1;
	size_t i;
	json_t *chardev;
	json_array_foreach(answer, i, chardev)
	{
		const char *label = json_string_value(json_object_get(chardev, "label"));
		const char *file = json_string_value(json_object_get(chardev, "filename"));
		if (label && file && g_str_has_prefix(file, "pty:"))
			g_hash_table_replace(q->ptys, g_strdup(label), g_strdup(file + 4));
	}
	json_decref(answer);
	return 0;
}

const char *qemu_guest_pty(struct guest *guest, const char *alias)
{
	struct qemu_guest *q = guest->runtime.driver_data;
	return q ? g_hash_table_lookup(q->ptys, alias) : NULL;
}

/* KEY has room for a UUID as text. */
static struct qemu_launch make_launch(const struct guest *guest, char *const *argv, char *key)
{
	const struct driver_host *host = guest->host;

	uuid_text(guest->uuid, key);
	return (struct qemu_launch){ .loop = host->loop,
		.state_dir = host->state_dir,
		.log_dir = host->log_dir,
		.key = key,
		.title = guest->name,
		.argv = argv,
		.run_as = host->settings ? host->settings->run_as : NULL };
}

static void set_runtime(struct guest *guest, struct qemu_guest *q)
{
	guest->runtime.pid = q && q->process ? qemu_process_pid(q->process) : 0;
	guest->runtime.pidfd = q && q->process ? qemu_process_pidfd(q->process) : -1;
}

int qemu_guest_start(struct task *task, struct guest *guest, char *const *argv,
	const struct qemu_policy *policy, unsigned flags, struct error *err)
{
	char key[37];
	const struct qemu_launch launch = make_launch(guest, argv, key);
	struct qemu_guest *q = qemu_guest_new(guest, policy);
	q->starting = true;
	if (qemu_process_start(task, &launch, &process_callbacks, q, &q->process, err) < 0) {
		qemu_guest_unref(q);
		return -1;
	}
	guest->runtime.driver_data = q;
	set_runtime(guest, q);
	q->resume_asked = !(flags & START_PAUSED);
	if (read_ptys(task, q, err) < 0 || (q->resume_asked && command(task, q, "cont", err) < 0)) {
		auto_error ignored = { 0 };
		qemu_process_kill(task, q->process, true, &ignored);
		qemu_guest_forget(guest);
		return -1;
	}
	q->starting = false;
	return 0;
}

static const struct {
	const char *status;
	int state, reason;
} statuses[] = {
	{ "running", VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_UNKNOWN },
	{ "paused", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_UNKNOWN },
	{ "prelaunch", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_STARTING_UP },
	{ "io-error", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_IOERROR },
	{ "watchdog", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_WATCHDOG },
	{ "guest-panicked", VIR_DOMAIN_CRASHED, VIR_DOMAIN_CRASHED_PANICKED },
	{ "shutdown", VIR_DOMAIN_SHUTDOWN, VIR_DOMAIN_SHUTDOWN_UNKNOWN },
	{ "suspended", VIR_DOMAIN_PMSUSPENDED, VIR_DOMAIN_PMSUSPENDED_UNKNOWN },
};

/* State as QEMU says it. */
static int read_status(
	struct task *task, struct qemu_guest *q, int *ret_state, int *ret_reason, struct error *err)
{
	json_t *answer = NULL;
	if (qmp_call(task, qemu_process_qmp(q->process), "query-status", NULL, QMP_TIMEOUT_MS, &answer, err) <
		0)
		return -1;
	const char *status = json_string_value(json_object_get(answer, "status"));
	*ret_state = VIR_DOMAIN_PAUSED;
	*ret_reason = VIR_DOMAIN_PAUSED_UNKNOWN;
	for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
		if (g_strcmp0(status, statuses[i].status) == 0) {
			*ret_state = statuses[i].state;
			*ret_reason = statuses[i].reason;
		}
	}
	json_decref(answer);
	return 0;
}

/* Tells how far the balloon is, which events tell otherwise. A guest without one has nothing to tell. */
static void read_balloon(struct task *task, struct qemu_guest *q)
{
	auto_error ignored = { 0 };
	json_t *answer = NULL;

	if (!q->process || qmp_call(task, qemu_process_qmp(q->process), "query-balloon", NULL, QMP_TIMEOUT_MS,
				   &answer, &ignored) < 0)
		return;
	tell(q, GUEST_EVENT_BALLOON, json_integer_value(json_object_get(answer, "actual")) / 1024);
	json_decref(answer);
}

/* What a daemon that was away has to learn. */
static int catch_up(
	struct task *task, struct qemu_guest *q, int *ret_state, int *ret_reason, struct error *err)
{
	if (read_ptys(task, q, err) < 0 || read_status(task, q, ret_state, ret_reason, err) < 0)
		return -1;
	read_balloon(task, q);
	return 0;
}

/* Waits for a guest that was silent at reattach; what it does meanwhile is told as if it happened then. */
static void reach_task(struct task *task, void *arg)
{
	auto_guest *q = arg;
	int state = 0, reason = 0;

	while (q->process && q->guest) {
		auto_error err = { 0 };
		if (qemu_process_reconnect(task, q->process, SILENT_TIMEOUT_MS, &err) == 0 &&
			catch_up(task, q, &state, &reason, &err) == 0)
			break;
		if (err.code != VIR_ERR_OPERATION_TIMEOUT)
			return; /* it has ended, which is told already */
	}
	if (state == VIR_DOMAIN_RUNNING)
		tell(q, GUEST_EVENT_RESUME, reason);
	else if (state == VIR_DOMAIN_PAUSED)
		tell(q, GUEST_EVENT_STOP, reason);
	tell(q, GUEST_EVENT_LIVE_CHANGED, 0);
}

int qemu_guest_reattach_policy(struct task *task, struct guest *guest, const struct qemu_policy *policy,
	int *ret_state, int *ret_reason, struct error *err)
{
	char key[37];
	const struct qemu_launch launch = make_launch(guest, NULL, key);
	struct qemu_guest *q = qemu_guest_new(guest, policy);
	if (qemu_process_reattach(task, &launch, &process_callbacks, q, &q->process, err) < 0) {
		qemu_guest_unref(q);
		return -1;
	}
	guest->runtime.driver_data = q;
	set_runtime(guest, q);
	if (qmp_usable(qemu_process_qmp(q->process)) && catch_up(task, q, ret_state, ret_reason, err) == 0)
		return 0;
	if (!q->process)
		return -1; /* it ended meanwhile */
	log_warning("domain %s: QEMU's monitor does not answer; the guest is left alone and asked again: %s",
		guest->name, err->message);
	error_clear(err);
	*ret_state = guest->runtime.state;
	*ret_reason = guest->runtime.reason;
	q->refs++;
	task_spawn(guest->host->loop, "reach a silent guest", reach_task, q);
	return 0;
}

int qemu_guest_pause(struct task *task, struct guest *guest, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	if (!q)
		return -1;
	q->stop_asked = true;
	int r = command(task, q, "stop", err);
	q->stop_asked = false; /* the event comes before the reply */
	return r;
}

int qemu_guest_resume(struct task *task, struct guest *guest, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	if (!q)
		return -1;
	q->resume_asked = true;
	int r = command(task, q, "cont", err);
	q->resume_asked = false;
	return r;
}

int qemu_guest_shutdown(struct task *task, struct guest *guest, unsigned flags, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	if (!q)
		return -1;
	if (flags & ~(unsigned)VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN)
		return fail(err, VIR_ERR_OPERATION_UNSUPPORTED,
			"only the ACPI power button can shut this guest down");
	if (q->reboot_asked && set_shutdown_action(task, q, "poweroff", err) < 0)
		return -1;
	q->reboot_asked = false;
	return command(task, q, "system_powerdown", err);
}

int qemu_guest_reboot(struct task *task, struct guest *guest, unsigned flags, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	if (!q)
		return -1;
	if (flags & ~(unsigned)VIR_DOMAIN_REBOOT_ACPI_POWER_BTN)
		return fail(err, VIR_ERR_OPERATION_UNSUPPORTED,
			"only the ACPI power button can reboot this guest");
	if (set_shutdown_action(task, q, "pause", err) < 0)
		return -1;
	q->reboot_asked = true;
	if (!q->process)
		return fail(err, VIR_ERR_OPERATION_FAILED, "the guest ended before it could reboot");
	return command(task, q, "system_powerdown", err);
}

int qemu_guest_reset(struct task *task, struct guest *guest, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	return q ? command(task, q, "system_reset", err) : -1;
}

int qemu_guest_vnc_port(struct task *task, struct guest *guest, unsigned *ret_port, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	json_t *answer = NULL;
	if (!q || qmp_call(task, qemu_process_qmp(q->process), "query-vnc", NULL, QMP_TIMEOUT_MS, &answer,
			  err) < 0)
		return -1;
	const char *service = json_string_value(json_object_get(answer, "service"));
	unsigned port = service ? (unsigned)strtoul(service, NULL, 10) : 0;
	json_decref(answer);
	if (port == 0)
		return fail(err, VIR_ERR_INTERNAL_ERROR, "QEMU's VNC server has no TCP port");
	*ret_port = port;
	return 0;
}

int qemu_guest_inject_nmi(struct task *task, struct guest *guest, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	return q ? command(task, q, "inject-nmi", err) : -1;
}

int qemu_guest_kill(struct task *task, struct guest *guest, unsigned flags, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	return q ? qemu_process_kill(task, q->process, !(flags & VIR_DOMAIN_DESTROY_GRACEFUL), err) : -1;
}

int qemu_guest_set_memory(struct task *task, struct guest *guest, uint64_t kib, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	if (!q)
		return -1;
	return qmp_call(task, qemu_process_qmp(q->process), "balloon",
		json_pack("{s:I}", "value", (json_int_t)(kib * 1024)), QMP_TIMEOUT_MS, NULL, err);
}

int qemu_guest_monitor_command(struct task *task, struct guest *guest, const char *text, bool hmp,
	char **ret_text, struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);
	if (!q)
		return -1;
	json_t *answer = NULL;
	if (hmp) {
		json_t *args = json_pack("{s:s}", "command-line", text);
		if (qmp_call(task, qemu_process_qmp(q->process), "human-monitor-command", args,
			    QMP_TIMEOUT_MS, &answer, err) < 0)
			return -1;
		*ret_text = g_strdup(json_is_string(answer) ? json_string_value(answer) : "");
		json_decref(answer);
		return 0;
	}
	json_error_t jerr;
	json_t *msg = json_loads(text, 0, &jerr);
	if (!json_is_object(msg)) {
		json_decref(msg);
		return fail(err, VIR_ERR_INVALID_ARG, "cannot read the QMP command as JSON: %s (column %d)",
			jerr.text[0] ? jerr.text : "not an object", jerr.column);
	}
	if (qmp_call_raw(task, qemu_process_qmp(q->process), msg, QMP_TIMEOUT_MS, &answer, err) < 0)
		return -1;
	char *dumped = json_dumps(answer, JSON_COMPACT);
	*ret_text = g_strdup(dumped ? dumped : "");
	free(dumped);
	json_decref(answer);
	return 0;
}

int qemu_guest_open_console(struct guest *guest, const char *alias, struct error *err)
{
	g_autofree char *label = g_strdup_printf("char%s", alias ? alias : "serial0");
	const char *path = qemu_guest_pty(guest, label);
	if (!path)
		return fail(err, VIR_ERR_INTERNAL_ERROR, "character device %s is not using a PTY",
			alias ? alias : "serial0");
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 ? fd : fail_errno(err, errno, "cannot open console %s", path);
}

int qemu_guest_control(struct guest *guest, uint64_t *ret_since_ms)
{
	struct qemu_guest *q = guest->runtime.driver_data;

	if (!q || !q->process || !qmp_usable(qemu_process_qmp(q->process)))
		return VIR_DOMAIN_CONTROL_ERROR;
	*ret_since_ms = qmp_waiting_ms(qemu_process_qmp(q->process));
	return *ret_since_ms ? VIR_DOMAIN_CONTROL_OCCUPIED : VIR_DOMAIN_CONTROL_OK;
}

static void let_go(struct guest *guest, bool remove_files)
{
	struct qemu_guest *q = guest->runtime.driver_data;
	guest->runtime.driver_data = NULL;
	set_runtime(guest, NULL);
	if (!q)
		return;
	q->guest = NULL;
	qemu_process_free(g_steal_pointer(&q->process), remove_files);
	qemu_guest_unref(q);
}

void qemu_guest_forget(struct guest *guest)
{
	let_go(guest, true);
}

void qemu_guest_detach(struct guest *guest)
{
	let_go(guest, false);
}
