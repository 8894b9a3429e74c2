/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * `event`: what happens to domains, as it happens. A row a kind of event.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/values.h"

/* Where an event is put together: text behind "event 'x' for domain 'y'", and members of its JSON. */
struct telling {
	GString *text;
	json_t *json;
};

static const char *name_of(const char *const *names, size_t count, int index, const char *otherwise)
{
	return index >= 0 && (size_t)index < count && names[index] ? names[index] : otherwise;
}
#define NAME_OF(names, index, otherwise) name_of(names, G_N_ELEMENTS(names), index, otherwise)

static void tell(struct telling *t, const char *key, const char *before, const char *text)
{
	g_string_append_printf(t->text, "%s%s", before, text);
	json_object_set_new(t->json, key, json_string(text));
}

static void tell_number(struct telling *t, const char *key, const char *format, int64_t number)
{
	g_autofree char *text = g_strdup_printf("%" PRId64, number);
	g_auto(GStrv) around = g_strsplit(format, "#", 2);

	g_string_append_printf(t->text, "%s%s%s", around[0], text, around[1]);
	json_object_set_new(t->json, key, json_integer(number));
}

/* A text that may be absent. */
static void tell_maybe(struct telling *t, const char *key, const char *before, const char *text)
{
	g_string_append_printf(t->text, "%s%s", before, text ? text : "<null>");
	json_object_set_new(t->json, key, text ? json_string(text) : json_null());
}

static void tell_params(struct telling *t, const struct remote_typed_param *params, unsigned count)
{
	json_t *object = json_object();

	g_string_append_c(t->text, ':');
	for (unsigned i = 0; i < count; i++) {
		g_autofree char *text = param_raw_text(&params[i]);
		g_string_append_printf(t->text, "\n\t%s: %s", params[i].field, text);
		json_object_set_new(object, params[i].field, param_json(&params[i]));
	}
	json_object_set_new(t->json, "params", object);
}

/* -- one function a kind -- */

static const char *const lifecycle_names[] = { "Defined", "Undefined", "Started", "Suspended", "Resumed",
	"Stopped", "Shutdown", "PMSuspended", "Crashed" };
static const char *const lifecycle_details[G_N_ELEMENTS(lifecycle_names)][9] = {
	{ "Added", "Updated", "Renamed", "Snapshot" },
	{ "Removed", "Renamed" },
	{ "Booted", "Migrated", "Restored", "Snapshot", "Event wakeup" },
	{ "Paused", "Migrated", "I/O Error", "Watchdog", "Restored", "Snapshot", "API error", "Post-copy",
		"Post-copy Error" },
	{ "Unpaused", "Migrated", "Snapshot", "Post-copy", "Post-copy Error" },
	{ "Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot" },
	{ "Finished", "Finished after guest request", "Finished after host request" },
	{ "Memory", "Disk" },
	{ "Panicked", "Crashloaded" },
};

static void tell_lifecycle(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_lifecycle_msg *m = message;
	int event = m->msg.event;
	bool known = event >= 0 && event < (int)G_N_ELEMENTS(lifecycle_names);

	tell(t, "change", ": ", known ? lifecycle_names[event] : "unknown");
	tell(t, "detail", " ",
		known ? NAME_OF(lifecycle_details[event], m->msg.detail, "unknown") : "unknown");
}

static void tell_nothing(struct telling *t, const void *message)
{
}

static void tell_rtc(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_rtc_change_msg *m = message;

	tell_number(t, "offset_seconds", ": #", m->msg.offset);
}

static void tell_watchdog(struct telling *t, const void *message)
{
	static const char *const actions[] = { "none", "pause", "reset", "poweroff", "shutdown", "debug",
		"inject-nmi" };
	const struct remote_domain_event_callback_watchdog_msg *m = message;

	tell(t, "action", ": ", NAME_OF(actions, m->msg.action, "unknown"));
}

static void tell_io(struct telling *t, const char *path, const char *alias, int action)
{
	static const char *const actions[] = { "none", "pause", "report" };

	tell(t, "path", ": ", path);
	tell(t, "device", " (", alias);
	tell(t, "action", ") ", NAME_OF(actions, action, "unknown"));
}

static void tell_io_error(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_io_error_msg *m = message;

	tell_io(t, m->msg.srcPath, m->msg.devAlias, m->msg.action);
}

static void tell_io_error_reason(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_io_error_reason_msg *m = message;

	tell_io(t, m->msg.srcPath, m->msg.devAlias, m->msg.action);
	tell(t, "reason", " due to ", m->msg.reason);
}

static void tell_address(struct telling *t, const char *key, const char *before,
	const struct remote_domain_event_graphics_address *address)
{
	static const char *const families[] = { "IPv4", "IPv6", "unix" };
	const char *family = NAME_OF(families, address->family, "unknown");

	g_string_append_printf(t->text, "%s[%s %s %s]", before, family, address->node, address->service);
	json_object_set_new(t->json, key,
		json_pack("{s:s, s:s, s:s}", "family", family, "node", address->node, "service",
			address->service));
}

static void tell_graphics(struct telling *t, const void *message)
{
	static const char *const phases[] = { "connect", "initialize", "disconnect" };
	const struct remote_domain_event_callback_graphics_msg *m = message;
	json_t *subject = json_object();

	tell(t, "phase", ": ", NAME_OF(phases, m->msg.phase, "unknown"));
	tell_address(t, "local", " local", &m->msg.local);
	tell_address(t, "remote", " remote", &m->msg.remote);
	tell(t, "auth", " ", m->msg.authScheme);
	for (unsigned i = 0; i < m->msg.subject.len; i++) {
		const struct remote_domain_event_graphics_identity *who = &m->msg.subject.val[i];
		g_string_append_printf(t->text, "\n\t%s=%s", who->type, who->name);
		json_object_set_new(subject, who->type, json_string(who->name));
	}
	json_object_set_new(t->json, "subject", subject);
}

static void tell_job(struct telling *t, const char *disk, int type, int status)
{
	static const char *const types[] = { "Unknown job", "Block Pull", "Block Copy", "Block Commit",
		"Active Block Commit", "Backup" };
	static const char *const states[] = { "completed", "failed", "canceled", "ready" };

	tell(t, "job", ": ", NAME_OF(types, type, "Unknown job"));
	tell(t, "disk", " for ", disk);
	tell(t, "status", " ", NAME_OF(states, status, "unknown"));
}

static void tell_block_job(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_block_job_msg *m = message;

	tell_job(t, m->msg.path, m->msg.type, m->msg.status);
}

static void tell_block_job_2(struct telling *t, const void *message)
{
	const struct remote_domain_event_block_job_2_msg *m = message;

	tell_job(t, m->dst, m->type, m->status);
}

static void tell_disk_change(struct telling *t, const void *message)
{
	static const char *const reasons[] = { "changed", "dropped" };
	const struct remote_domain_event_callback_disk_change_msg *m = message;

	tell(t, "device", " disk ", m->msg.devAlias);
	tell_maybe(t, "old_source", ": ", m->msg.oldSrcPath);
	tell_maybe(t, "new_source", " -> ", m->msg.newSrcPath);
	tell(t, "reason", ": ", NAME_OF(reasons, m->msg.reason, "unknown"));
}

static void tell_tray_change(struct telling *t, const void *message)
{
	static const char *const reasons[] = { "opened", "closed" };
	const struct remote_domain_event_callback_tray_change_msg *m = message;

	tell(t, "device", " disk ", m->msg.devAlias);
	tell(t, "reason", ": ", NAME_OF(reasons, m->msg.reason, "unknown"));
}

static void tell_balloon(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_balloon_change_msg *m = message;

	tell_number(t, "actual_kib", ": #KiB", (int64_t)m->msg.actual);
}

static void tell_device_removed(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_device_removed_msg *m = message;

	tell(t, "device", ": ", m->msg.devAlias);
}

static void tell_device_added(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_device_added_msg *m = message;

	tell(t, "device", ": ", m->devAlias);
}

static void tell_removal_failed(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_device_removal_failed_msg *m = message;

	tell(t, "device", ": ", m->devAlias);
}

static void tell_tunable(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_tunable_msg *m = message;

	tell_params(t, m->params.val, m->params.len);
}

static void tell_job_completed(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_job_completed_msg *m = message;

	tell_params(t, m->params.val, m->params.len);
}

static void tell_agent(struct telling *t, const void *message)
{
	static const char *const states[] = { "unknown", "connected", "disconnected" };
	static const char *const reasons[] = { "unknown", "domain started", "channel event" };
	const struct remote_domain_event_callback_agent_lifecycle_msg *m = message;

	tell(t, "state", ": state: '", NAME_OF(states, m->state, "unsupported value"));
	tell(t, "reason", "' reason: '", NAME_OF(reasons, m->reason, "unsupported value"));
	g_string_append_c(t->text, '\'');
}

static void tell_iteration(struct telling *t, const void *message)
{
	const struct remote_domain_event_callback_migration_iteration_msg *m = message;

	tell_number(t, "iteration", ": iteration: '#'", m->iteration);
}

static void tell_metadata(struct telling *t, const void *message)
{
	static const char *const types[] = { "description", "title", "element" };
	const struct remote_domain_event_callback_metadata_change_msg *m = message;

	tell(t, "type", ": type ", NAME_OF(types, m->type, "unsupported value"));
	tell_maybe(t, "uri", ", uri ", m->nsuri ? m->nsuri : NULL);
}

static void tell_threshold(struct telling *t, const void *message)
{
	const struct remote_domain_event_block_threshold_msg *m = message;

	tell(t, "device", ": dev: ", m->dev);
	tell_maybe(t, "path", "(", m->path ? m->path : NULL);
	tell_number(t, "threshold", ") #", (int64_t)m->threshold);
	tell_number(t, "excess", " #", (int64_t)m->excess);
}

static void tell_memory_failure(struct telling *t, const void *message)
{
	static const char *const recipients[] = { "hypervisor", "guest" };
	static const char *const actions[] = { "ignore", "inject", "fatal", "reset" };
	const struct remote_domain_event_memory_failure_msg *m = message;

	tell(t, "recipient", ":\nrecipient: ", NAME_OF(recipients, m->recipient, "unsupported value"));
	tell(t, "action", "\naction: ", NAME_OF(actions, m->action, "unsupported value"));
	tell_number(t, "action_required", "\nflags:\n\taction required: #",
		!!(m->flags & VIR_DOMAIN_MEMORY_FAILURE_ACTION_REQUIRED));
	tell_number(t, "recursive", "\n\trecursive: #", !!(m->flags & VIR_DOMAIN_MEMORY_FAILURE_RECURSIVE));
}

static void tell_device_size(struct telling *t, const void *message)
{
	const struct remote_domain_event_memory_device_size_change_msg *m = message;

	tell(t, "device", ":\nalias: ", m->alias);
	tell_number(t, "size_bytes", "\nsize: #", (int64_t)m->size);
}

/* -- the table -- */

#define EVENT(id, text_name, PROC, message, member, function)                                                \
	[VIR_DOMAIN_EVENT_ID_##id] = { text_name, REMOTE_PROC_DOMAIN_EVENT_##PROC,                           \
		offsetof(struct remote_domain_event_##message##_msg, member), function }
static const struct event_row {
	const char *name;
	int procedure;
	size_t domain; /* offset of the domain in the message */
	void (*tell)(struct telling *t, const void *message);
} event_rows[] = {
	EVENT(LIFECYCLE, "lifecycle", CALLBACK_LIFECYCLE, callback_lifecycle, msg.dom, tell_lifecycle),
	EVENT(REBOOT, "reboot", CALLBACK_REBOOT, callback_reboot, msg.dom, tell_nothing),
	EVENT(RTC_CHANGE, "rtc-change", CALLBACK_RTC_CHANGE, callback_rtc_change, msg.dom, tell_rtc),
	EVENT(WATCHDOG, "watchdog", CALLBACK_WATCHDOG, callback_watchdog, msg.dom, tell_watchdog),
	EVENT(IO_ERROR, "io-error", CALLBACK_IO_ERROR, callback_io_error, msg.dom, tell_io_error),
	EVENT(GRAPHICS, "graphics", CALLBACK_GRAPHICS, callback_graphics, msg.dom, tell_graphics),
	EVENT(IO_ERROR_REASON, "io-error-reason", CALLBACK_IO_ERROR_REASON, callback_io_error_reason, msg.dom,
		tell_io_error_reason),
	EVENT(CONTROL_ERROR, "control-error", CALLBACK_CONTROL_ERROR, callback_control_error, msg.dom,
		tell_nothing),
	EVENT(BLOCK_JOB, "block-job", CALLBACK_BLOCK_JOB, callback_block_job, msg.dom, tell_block_job),
	EVENT(DISK_CHANGE, "disk-change", CALLBACK_DISK_CHANGE, callback_disk_change, msg.dom,
		tell_disk_change),
	EVENT(TRAY_CHANGE, "tray-change", CALLBACK_TRAY_CHANGE, callback_tray_change, msg.dom,
		tell_tray_change),
	EVENT(PMWAKEUP, "pm-wakeup", CALLBACK_PMWAKEUP, callback_pmwakeup, msg.dom, tell_nothing),
	EVENT(PMSUSPEND, "pm-suspend", CALLBACK_PMSUSPEND, callback_pmsuspend, msg.dom, tell_nothing),
	EVENT(BALLOON_CHANGE, "balloon-change", CALLBACK_BALLOON_CHANGE, callback_balloon_change, msg.dom,
		tell_balloon),
	EVENT(PMSUSPEND_DISK, "pm-suspend-disk", CALLBACK_PMSUSPEND_DISK, callback_pmsuspend_disk, msg.dom,
		tell_nothing),
	EVENT(DEVICE_REMOVED, "device-removed", CALLBACK_DEVICE_REMOVED, callback_device_removed, msg.dom,
		tell_device_removed),
	EVENT(BLOCK_JOB_2, "block-job-2", BLOCK_JOB_2, block_job_2, dom, tell_block_job_2),
	EVENT(TUNABLE, "tunable", CALLBACK_TUNABLE, callback_tunable, dom, tell_tunable),
	EVENT(AGENT_LIFECYCLE, "agent-lifecycle", CALLBACK_AGENT_LIFECYCLE, callback_agent_lifecycle, dom,
		tell_agent),
	EVENT(DEVICE_ADDED, "device-added", CALLBACK_DEVICE_ADDED, callback_device_added, dom,
		tell_device_added),
	EVENT(MIGRATION_ITERATION, "migration-iteration", CALLBACK_MIGRATION_ITERATION,
		callback_migration_iteration, dom, tell_iteration),
	EVENT(JOB_COMPLETED, "job-completed", CALLBACK_JOB_COMPLETED, callback_job_completed, dom,
		tell_job_completed),
	EVENT(DEVICE_REMOVAL_FAILED, "device-removal-failed", CALLBACK_DEVICE_REMOVAL_FAILED,
		callback_device_removal_failed, dom, tell_removal_failed),
	EVENT(METADATA_CHANGE, "metadata-change", CALLBACK_METADATA_CHANGE, callback_metadata_change, dom,
		tell_metadata),
	EVENT(BLOCK_THRESHOLD, "block-threshold", BLOCK_THRESHOLD, block_threshold, dom, tell_threshold),
	EVENT(MEMORY_FAILURE, "memory-failure", MEMORY_FAILURE, memory_failure, dom, tell_memory_failure),
	EVENT(MEMORY_DEVICE_SIZE_CHANGE, "memory-device-size-change", MEMORY_DEVICE_SIZE_CHANGE,
		memory_device_size_change, dom, tell_device_size),
};

static int find_event(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(event_rows); i++)
		if (strcmp(event_rows[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* -- waiting -- */

/* What has been asked of the daemon; IDS by event, -1 = not registered. */
struct watch {
	int ids[G_N_ELEMENTS(event_rows)];
	bool timestamps, loop;
	int timeout; /* ms; -1 = none */
	int received;
};

static int register_events(struct shell *sh, struct watch *watch, int wanted,
	const struct remote_nonnull_domain *domain, struct error *err)
{
	for (int i = 0; i < (int)G_N_ELEMENTS(event_rows); i++) {
		if (wanted >= 0 && i != wanted)
			continue;
		const struct remote_connect_domain_event_callback_register_any_ret *ret =
			CALL(sh, CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY,
				connect_domain_event_callback_register_any, .eventID = i,
				.dom = (struct remote_nonnull_domain *)domain);
		if (!ret)
			return -1;
		watch->ids[i] = ret->callbackID;
	}
	return 0;
}

static void deregister_events(struct shell *sh, const struct watch *watch)
{
	auto_error ignored = { 0 };
	struct error *err = &ignored;

	for (size_t i = 0; i < G_N_ELEMENTS(event_rows); i++)
		if (watch->ids[i] >= 0)
			CALL(sh, CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY,
				connect_domain_event_callback_deregister_any, .callbackID = watch->ids[i]);
}

static char *time_text(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *day = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");

	return g_strdup_printf("%s.%03d+0000", day, g_date_time_get_microsecond(now) / 1000);
}

/* In JSON each event is a line of its own, at once: a watcher wants to see it now. */
static void print_event(struct shell *sh, const struct watch *watch, const struct event_row *row,
	const struct client_event *event)
{
	const struct remote_nonnull_domain *domain =
		(const void *)((const char *)event->message + row->domain);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *now = time_text();
	struct telling t = { text,
		json_pack("{s:s, s:s, s:s}", "event", row->name, "domain", domain->name, "time", now) };

	row->tell(&t, event->message);
	if (sh->json) {
		json_dumpf(t.json, stdout, JSON_COMPACT);
		putchar('\n');
	}
	if (watch->timestamps)
		shell_print(sh, "%s: ", now);
	shell_print(sh, "event '%s' for domain '%s'%s\n", row->name, domain->name, text->str);
	json_decref(t.json);
	fflush(stdout);
}

static void take_event(struct shell *sh, struct watch *watch, struct client_event *event)
{
	for (size_t i = 0; i < G_N_ELEMENTS(event_rows); i++)
		if (event->procedure == event_rows[i].procedure && watch->ids[i] >= 0) {
			print_event(sh, watch, &event_rows[i], event);
			watch->received++;
		}
	client_event_free(event);
}

/* Until the first event, or with --loop until time or an interrupt ends it. */
static int wait_events(struct shell *sh, struct watch *watch, struct error *err)
{
	gint64 end = g_get_monotonic_time() + (gint64)watch->timeout * 1000;

	while (watch->loop || watch->received == 0) {
		struct client_event *event = NULL;
		int left = watch->timeout < 0 ? -1 : (int)MAX((end - g_get_monotonic_time()) / 1000, 0);
		int rc = client_event_wait(sh->client, left, &event, err);

		if (rc > 0) {
			take_event(sh, watch, event);
			continue;
		}
		if (rc < 0 && err->code != VIR_ERR_OPERATION_ABORTED)
			return -1;
		error_clear(err);
		shell_print(sh, rc == 0 ? "event loop timed out\n" : "event loop interrupted\n");
		break;
	}
	shell_print(sh, "events received: %d\n", watch->received);
	shell_answer(sh, "received", json_integer(watch->received));
	return watch->received ? 0 : -1;
}

static int list_events(struct shell *sh)
{
	json_t *list = json_array();

	for (size_t i = 0; i < G_N_ELEMENTS(event_rows); i++) {
		shell_print(sh, "%s\n", event_rows[i].name);
		json_array_append_new(list, json_string(event_rows[i].name));
	}
	shell_answer(sh, "events", list);
	return 0;
}

/* The index of the event that is wanted, -1 = all; -2: told what is wrong. */
static int wanted_event(struct shell *sh, const struct command *cmd)
{
	const char *name = command_text(cmd, "event");

	if (command_has(cmd, "all"))
		return -1;
	if (!name) {
		shell_error(sh, "one of --list, --all, or --event <type> is required");
		return -2;
	}
	int wanted = find_event(name);
	if (wanted < 0) {
		shell_error(sh, "unknown event type %s", name);
		return -2;
	}
	return wanted;
}

/* --timeout as ms; -1 = none; false: told what is wrong. */
static bool read_timeout(struct shell *sh, const struct command *cmd, int *ret_timeout)
{
	auto_error wrong = { 0 };
	int seconds = 0;
	int given = command_int(cmd, "timeout", &seconds, &wrong);

	if (given > 0 && (seconds < 1 || seconds > G_MAXINT / 1000))
		given = command_out_of_range(cmd, "timeout", &wrong);
	if (given < 0)
		shell_error(sh, "%s", wrong.detail);
	*ret_timeout = given > 0 ? seconds * 1000 : -1;
	return given >= 0;
}

static int run_event(struct shell *sh, const struct command *cmd, struct error *err)
{
	struct watch watch = { .timestamps = command_has(cmd, "timestamp"),
		.loop = command_has(cmd, "loop") };
	const struct remote_nonnull_domain *domain = NULL;

	if (command_has(cmd, "list"))
		return list_events(sh);
	int wanted = wanted_event(sh, cmd);
	if (wanted < -1 || !read_timeout(sh, cmd, &watch.timeout))
		return -1;
	if (command_has(cmd, "domain") && !(domain = domain_find(sh, cmd, BY_ANY, err)))
		return -1;
	for (size_t i = 0; i < G_N_ELEMENTS(event_rows); i++)
		watch.ids[i] = -1;
	shell_catch_interrupts(sh);
	int rc = register_events(sh, &watch, wanted, domain, err);
	if (rc == 0)
		rc = wait_events(sh, &watch, err);
	sh->interrupted = 0;
	deregister_events(sh, &watch);
	shell_release_interrupts(sh);
	return rc;
}

/* -- rows -- */

static void complete_event(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	for (size_t i = 0; i < G_N_ELEMENTS(event_rows); i++)
		if (g_str_has_prefix(event_rows[i].name, word))
			g_ptr_array_add(out, g_strdup(event_rows[i].name));
}

static const struct option_row event_options[] = {
	OPTION_TEXT("domain", 0, "filter by domain name, id or uuid", .complete = complete_domain),
	OPTION_TEXT("event", 0, "which event type to wait for", .complete = complete_event),
	OPTION_FLAG("all", "wait for all events instead of just one type"),
	OPTION_FLAG("loop", "loop until timeout or interrupt, rather than one-shot"),
	OPTION_NUMBER("timeout", 0, "timeout seconds"),
	OPTION_FLAG("list", "list valid event types"),
	OPTION_FLAG("timestamp", "show timestamp for each printed event"),
};
static const struct exclusive_row event_exclusive[] = {
	{ "all", "event" },
	{ "list", "all" },
	{ "list", "event" },
	{ 0 },
};

static const struct command_row rows[] = {
	{ "event", NULL, GROUP_EVENTS, "Domain Events",
		"List event types, or wait for domain events to occur", OPTIONS(event_options),
		.exclusive = event_exclusive, .run = run_event },
};
COMMAND_TABLE(event_commands, rows);
