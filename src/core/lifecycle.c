/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a guest: jobs, verbs, the driver's reports, state files.
 */
#include "core/lifecycle.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "core/events.h"
#include "core/registry.h"
#include "loop/task.h"

enum { JOB_TIMEOUT_MS = 30000 };

/* -- jobs -------------------------------------------------------------------------------------- */

/* What the core hangs on a guest while anybody changes it. */
struct jobs {
	unsigned users; /* tasks in or waiting for a job */
	bool busy;
	bool destroying; /* QEMU's word that it ends is not the guest's wish */
	GQueue waiting;	 /* struct task *, first come first served */
};

static void jobs_leave(struct guest *guest, struct jobs *jobs)
{
	if (--jobs->users == 0) {
		guest->core_data = NULL;
		g_free(jobs);
	}
	guest_unref(guest); /* the last one frees a guest that was removed meanwhile */
}

/* Until job_end() the guest stays in memory, also where it is undefined and ends meanwhile. */
static int job_begin(struct task *task, struct guest *guest, struct error *err)
{
	struct jobs *jobs = guest->core_data;

	if (!jobs)
		guest->core_data = jobs = g_new0(struct jobs, 1);
	jobs->users++;
	guest_ref(guest);
	if (!jobs->busy) {
		jobs->busy = true;
		return 0;
	}
	g_queue_push_tail(&jobs->waiting, task);
	if (task_park(task, JOB_TIMEOUT_MS) == 0)
		return 0; /* the job was handed over, still busy */
	g_queue_remove(&jobs->waiting, task);
	fail(err, VIR_ERR_OPERATION_TIMEOUT,
		"another operation on domain '%s' has not ended within %d s; try again later", guest->name,
		JOB_TIMEOUT_MS / 1000);
	jobs_leave(guest, jobs);
	return -1;
}

static void job_end(struct guest *guest)
{
	struct jobs *jobs = guest->core_data;
	struct task *next = g_queue_pop_head(&jobs->waiting);

	jobs->busy = next != NULL;
	if (next)
		task_wake(next, 0);
	jobs_leave(guest, jobs);
}

bool lifecycle_busy(const struct guest *guest)
{
	return guest->core_data != NULL;
}

/* -- state files ------------------------------------------------------------------------------- */

static char *state_path(const struct core *core, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".xml", NULL);
	return g_build_filename(core->paths.state, "qemu", file, NULL);
}

int lifecycle_save(struct core *core, struct guest *guest, struct error *err)
{
	const struct domain_status status = {
		.state = guest->runtime.state,
		.reason = guest->runtime.reason,
		.autodestroy =
			g_hash_table_contains(core->autodestroyed, guest) ? TRISTATE_YES : TRISTATE_ABSENT,
		.domain = guest->live,
	};
	g_autofree char *path = state_path(core, guest->name);
	g_autofree char *text = model_format(&domain_status_model, &status, MODEL_VIEW_SECURE);

	return file_write_volatile(path, text, strlen(text), 0600, err);
}

/* Where a failure has nobody to be told. */
static void save(struct core *core, struct guest *guest)
{
	auto_error err = { 0 };

	if (guest->live && lifecycle_save(core, guest, &err) < 0)
		log_error("state of domain '%s' not written: %s", guest->name, err.message);
}

/* -- changes of state -------------------------------------------------------------------------- */

static void set_state(struct core *core, struct guest *guest, int state, int reason, int event, int detail)
{
	guest->runtime.state = state;
	guest->runtime.reason = reason;
	save(core, guest);
	events_lifecycle(core, guest, event, detail);
}

/* The guest does not run any more: its live part goes, a transient guest altogether. */
static void guest_ended(struct core *core, struct guest *guest, int reason, int detail)
{
	g_autofree char *path = state_path(core, guest->name);

	if (!guest->live)
		return;
	core->driver->forget(guest);
	g_hash_table_remove(core->autodestroyed, guest);
	unlink(path);
	g_clear_pointer(&guest->live, domain_free);
	guest->id = -1;
	set_state(core, guest, VIR_DOMAIN_SHUTOFF, reason, VIR_DOMAIN_EVENT_STOPPED, detail);
	if (!guest->config)
		registry_remove(core->domains, guest);
}

static int stopped_detail(int reason)
{
	switch (reason) {
	case VIR_DOMAIN_SHUTOFF_DESTROYED:
		return VIR_DOMAIN_EVENT_STOPPED_DESTROYED;
	case VIR_DOMAIN_SHUTOFF_CRASHED:
		return VIR_DOMAIN_EVENT_STOPPED_CRASHED;
	case VIR_DOMAIN_SHUTOFF_FAILED:
		return VIR_DOMAIN_EVENT_STOPPED_FAILED;
	default:
		return VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN;
	}
}

/* The driver's reports; called from the loop or from a task. */
static void on_driver_event(struct guest *guest, enum guest_event what, int64_t detail)
{
	struct core *core = guest->host->core_data;

	switch (what) {
	case GUEST_EVENT_EXIT:
		guest_ended(core, guest, (int)detail, stopped_detail((int)detail));
		break;
	case GUEST_EVENT_STOP:
		if (guest->runtime.state != VIR_DOMAIN_PAUSED)
			set_state(core, guest, VIR_DOMAIN_PAUSED, (int)detail, VIR_DOMAIN_EVENT_SUSPENDED,
				VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
		break;
	case GUEST_EVENT_RESUME:
		if (guest->runtime.state != VIR_DOMAIN_RUNNING)
			set_state(core, guest, VIR_DOMAIN_RUNNING, (int)detail, VIR_DOMAIN_EVENT_RESUMED,
				VIR_DOMAIN_EVENT_RESUMED_UNPAUSED);
		break;
	case GUEST_EVENT_RESET:
		events_reboot(core, guest);
		break;
	case GUEST_EVENT_SHUTDOWN:
		if (guest->core_data && ((struct jobs *)guest->core_data)->destroying)
			break;
		set_state(core, guest, VIR_DOMAIN_SHUTDOWN, VIR_DOMAIN_SHUTDOWN_UNKNOWN,
			VIR_DOMAIN_EVENT_SHUTDOWN,
			detail ? VIR_DOMAIN_EVENT_SHUTDOWN_GUEST : VIR_DOMAIN_EVENT_SHUTDOWN_HOST);
		break;
	case GUEST_EVENT_CRASHED:
		set_state(core, guest, VIR_DOMAIN_CRASHED, VIR_DOMAIN_CRASHED_PANICKED,
			VIR_DOMAIN_EVENT_CRASHED, VIR_DOMAIN_EVENT_CRASHED_PANICKED);
		break;
	case GUEST_EVENT_LIVE_CHANGED:
		save(core, guest);
		break;
	case GUEST_EVENT_BALLOON:
		if (!guest->live || guest->live->current_memory == (uint64_t)detail)
			break;
		guest->live->current_memory = (uint64_t)detail;
		save(core, guest);
		events_balloon(core, guest, (uint64_t)detail);
		break;
	case GUEST_EVENT_WATCHDOG:
		events_watchdog(core, guest, (int)detail);
		break;
	case GUEST_EVENT_RTC_CHANGE:
		events_rtc_change(core, guest, detail);
		break;
	case GUEST_EVENT_IO_ERROR:
		events_io_error(core, guest, NULL, NULL, (int)detail);
		break;
	}
}

/* -- verbs ------------------------------------------------------------------------------------- */

/* A start that failed leaves nothing: where the guest was undefined meanwhile, not the guest either. */
static void start_undo(struct core *core, struct guest *guest)
{
	g_autofree char *path = state_path(core, guest->name);

	if (!guest->live) /* it ended, and guest_ended() has done all this */
		return;
	g_hash_table_remove(core->autodestroyed, guest);
	unlink(path);
	g_clear_pointer(&guest->live, domain_free);
	guest->id = -1;
	guest->runtime.state = VIR_DOMAIN_SHUTOFF;
	guest->runtime.reason = VIR_DOMAIN_SHUTOFF_FAILED;
	if (!guest->config)
		registry_remove(core->domains, guest);
}

/* What is to run, completed and checked; the caller's, or NULL with ERR. LIVE is taken over. */
static struct domain *prepare(struct core *core, struct domain *live, struct error *err)
{
	if (core->driver->complete(live, err) == 0 && core->driver->check(live, err) == 0)
		return live;
	domain_free(live);
	return NULL;
}

/* Takes over LIVE, prepared, or NULL to run what is defined. */
static int start_job(struct task *task, struct core *core, struct guest *guest, struct domain *prepared,
	unsigned flags, struct session *owner, struct error *err)
{
	bool paused = flags & VIR_DOMAIN_START_PAUSED;
	auto_domain *live = prepared;

	if (guest->live)
		return fail(err, VIR_ERR_OPERATION_INVALID, "domain is already running");
	if (!live && !guest->config) /* undefined while this start waited for its turn */
		return fail(err, VIR_ERR_NO_DOMAIN, "no domain with matching name '%s'", guest->name);
	if (!live)
		live = prepare(core, model_copy(&domain_model, guest->config), err);
	if (!live)
		return -1;
	if (flags & VIR_DOMAIN_START_AUTODESTROY) {
		if (!g_ptr_array_find(core->sessions, owner, NULL))
			return fail(err, VIR_ERR_OPERATION_ABORTED,
				"the client that domain '%s' was to end with is gone", guest->name);
		g_hash_table_insert(core->autodestroyed, guest, owner);
	}
	guest->live = g_steal_pointer(&live);
	guest->id = guest->live->id = ++core->last_id;
	guest->driver = core->driver;
	guest->host = &core->driver_host;
	guest->runtime.pidfd = -1;
	/* before the process: should the daemon die in between, the file names a guest that is not found, and
	 * is removed */
	if (lifecycle_save(core, guest, err) < 0 ||
		core->driver->start(task, guest, paused ? START_PAUSED : 0, err) < 0) {
		start_undo(core, guest);
		return -1;
	}
	if (!guest->live) /* it ended while the start waited for its last answer */
		return fail(err, VIR_ERR_OPERATION_FAILED,
			"domain '%s' ended right after its start; see its log", guest->name);
	set_state(core, guest, paused ? VIR_DOMAIN_PAUSED : VIR_DOMAIN_RUNNING,
		paused ? VIR_DOMAIN_PAUSED_USER : VIR_DOMAIN_RUNNING_BOOTED, VIR_DOMAIN_EVENT_STARTED,
		VIR_DOMAIN_EVENT_STARTED_BOOTED);
	if (paused)
		events_lifecycle(core, guest, VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
	return 0;
}

int lifecycle_start(struct task *task, struct core *core, struct guest *guest, unsigned flags,
	struct session *owner, struct error *err)
{
	if (!core->driver)
		return fail(err, VIR_ERR_NO_SUPPORT, "no hypervisor driver is built in");
	if (job_begin(task, guest, err) < 0)
		return -1;
	int rc = start_job(task, core, guest, NULL, flags, owner, err);
	job_end(guest);
	return rc;
}

int lifecycle_create(struct task *task, struct core *core, struct domain *live, unsigned flags,
	struct session *owner, struct guest **ret_guest, struct error *err)
{
	struct guest *guest = NULL;
	auto_domain *def = live;

	if (!core->driver)
		return fail(err, VIR_ERR_NO_SUPPORT, "no hypervisor driver is built in");
	if (core->driver->check(def, err) < 0 || registry_match(core->domains, def, &guest, err) < 0)
		return -1;
	if (guest && guest->live)
		return fail(err, VIR_ERR_OPERATION_INVALID, "domain '%s' is already active", guest->name);
	if (!guest)
		guest = registry_add_transient(core->domains, def);
	if (job_begin(task, guest, err) < 0)
		return -1;
	int rc = start_job(task, core, guest, g_steal_pointer(&def), flags, owner, err);
	if (rc == 0)
		*ret_guest = guest;
	job_end(guest);
	return rc;
}

static int run_verb(struct task *task, const struct driver *driver, struct guest *guest,
	enum lifecycle_verb verb, unsigned flags, struct error *err)
{
	switch (verb) {
	case VERB_SUSPEND:
		return driver->pause(task, guest, err);
	case VERB_RESUME:
		return driver->resume(task, guest, err);
	case VERB_SHUTDOWN:
		return driver->shutdown(task, guest, flags, err);
	case VERB_REBOOT:
		return driver->reboot(task, guest, flags, err);
	case VERB_RESET:
		return driver->reset(task, guest, err);
	case VERB_DESTROY:
		return driver->kill(task, guest, flags, err);
	case VERB_NMI:
		return driver->inject_nmi(task, guest, err);
	}
	g_assert_not_reached();
}

/* What follows from a verb that went well. QEMU's own event may have said it already. */
static void verb_done(struct core *core, struct guest *guest, enum lifecycle_verb verb)
{
	if (verb == VERB_SUSPEND && guest->runtime.state != VIR_DOMAIN_PAUSED)
		on_driver_event(guest, GUEST_EVENT_STOP, VIR_DOMAIN_PAUSED_USER);
	if (verb == VERB_SUSPEND)
		guest->runtime.reason = VIR_DOMAIN_PAUSED_USER;
	if (verb == VERB_RESUME && guest->runtime.state != VIR_DOMAIN_RUNNING)
		on_driver_event(guest, GUEST_EVENT_RESUME, VIR_DOMAIN_RUNNING_UNPAUSED);
}

int lifecycle_verb(struct task *task, struct core *core, struct guest *guest, enum lifecycle_verb verb,
	unsigned flags, struct error *err)
{
	if (job_begin(task, guest, err) < 0)
		return -1;
	((struct jobs *)guest->core_data)->destroying = verb == VERB_DESTROY;
	int rc = guest->live ? run_verb(task, core->driver, guest, verb, flags, err)
			     : fail(err, VIR_ERR_OPERATION_INVALID, "domain is not running");
	if (rc >= 0 && guest->live)
		verb_done(core, guest, verb);
	if (rc >= 0 && verb == VERB_DESTROY)
		guest_ended(core, guest, VIR_DOMAIN_SHUTOFF_DESTROYED, VIR_DOMAIN_EVENT_STOPPED_DESTROYED);
	((struct jobs *)guest->core_data)->destroying = false;
	job_end(guest); /* last: it may free the guest */
	return rc;
}

int lifecycle_set_memory(
	struct task *task, struct core *core, struct guest *guest, uint64_t kib, struct error *err)
{
	if (job_begin(task, guest, err) < 0)
		return -1;
	int rc = guest->live ? core->driver->set_memory(task, guest, kib, err)
			     : fail(err, VIR_ERR_OPERATION_INVALID, "domain is not running");
	job_end(guest);
	return rc;
}

/* -- guests that end with a connection --------------------------------------------------------- */

struct owned {
	struct core *core;
	struct guest *guest;
};

static void destroy_owned_task(struct task *task, void *arg)
{
	g_autofree struct owned *owned = arg;
	auto_error err = { 0 };

	if (lifecycle_verb(task, owned->core, owned->guest, VERB_DESTROY, 0, &err) < 0 && owned->guest->live)
		log_error("domain '%s' was to end with its client and did not: %s", owned->guest->name,
			err.message);
	guest_unref(owned->guest);
}

static void destroy_owned(struct core *core, struct guest *guest)
{
	struct owned *owned = g_new(struct owned, 1);

	*owned = (struct owned){ core, guest_ref(guest) };
	task_spawn(core->loop, "destroy with its client", destroy_owned_task, owned);
}

void lifecycle_owner_gone(struct core *core, struct session *owner)
{
	g_autoptr(GList) guests = g_hash_table_get_keys(core->autodestroyed);

	for (GList *item = guests; item; item = item->next)
		if (g_hash_table_lookup(core->autodestroyed, item->data) == owner) {
			g_hash_table_insert(core->autodestroyed, item->data, NULL);
			destroy_owned(core, item->data);
		}
}

/* -- autostart --------------------------------------------------------------------------------- */

static void autostart_task(struct task *task, void *arg)
{
	struct core *core = arg;
	g_autoptr(GPtrArray) guests = registry_list(core->domains);

	guests_hold(guests);
	for (guint i = 0; i < guests->len; i++) {
		struct guest *guest = guests->pdata[i];
		auto_error err = { 0 };
		if (!guest->live && guest->config && registry_autostart(core->domains, guest) &&
			lifecycle_start(task, core, guest, 0, NULL, &err) < 0)
			log_error("domain '%s' is marked for autostart and did not start: %s", guest->name,
				err.message);
	}
}

/* The mark lies where a start of the host clears it: a guest that was shut off stays so over restarts of the
 * daemon. */
void lifecycle_autostart(struct core *core)
{
	g_autofree char *mark = g_build_filename(core->paths.state, "autostarted", NULL);
	auto_error err = { 0 };

	if (!core->driver || g_file_test(mark, G_FILE_TEST_EXISTS))
		return;
	if (file_write_volatile(mark, "", 0, 0600, &err) < 0)
		log_error("no guest is started by itself: %s", err.message);
	else
		task_spawn(core->loop, "autostart", autostart_task, core);
}

/* -- start and end of the daemon --------------------------------------------------------------- */

/* Reads one state file: the guest it tells of, with its live part, or NULL. */
static struct guest *state_read(struct core *core, const char *path)
{
	g_autofree char *text = NULL;
	struct model_notes notes = { 0 };
	auto_error err = { 0 };
	void *parsed = NULL;
	size_t len;

	if (file_read(path, MODEL_XML_MAX, &text, &len, &err) < 0 ||
		model_parse(&domain_status_model, text, len, 0, NULL, &parsed, &notes, &err) < 0) {
		log_error("%s: a running guest is not found again: %s", path, err.message);
		model_notes_clear(&notes);
		return NULL;
	}
	model_notes_clear(&notes);
	struct domain_status *status = parsed;
	struct domain *live = g_steal_pointer(&status->domain);
	struct guest *guest = registry_by_uuid(core->domains, live->uuid, &err);
	if (!guest)
		guest = registry_add_transient(core->domains, live);
	guest->id = live->id;
	core->last_id = MAX(core->last_id, live->id);
	guest->driver = core->driver;
	guest->host = &core->driver_host;
	guest->live = live;
	guest->runtime.state = status->state;
	guest->runtime.reason = status->reason;
	if (status->autodestroy == TRISTATE_YES)
		g_hash_table_insert(core->autodestroyed, guest, NULL);
	model_free(&domain_status_model, status);
	return guest;
}

/* One guest that ran when the daemon ended; FILE is its state file. */
static void reattach_one(struct task *task, struct core *core, const char *path)
{
	struct guest *guest = state_read(core, path);
	auto_error err = { 0 };
	int state, reason;

	if (!guest)
		return;
	if (core->driver->reattach(task, guest, &state, &reason, &err) < 0) {
		log_warning("domain '%s' ran before and does not any more: %s", guest->name, err.message);
		guest_ended(core, guest, VIR_DOMAIN_SHUTOFF_UNKNOWN, VIR_DOMAIN_EVENT_STOPPED_FAILED);
		return;
	}
	if (guest->runtime.state != state) /* else the reason that was kept says more than the driver can */
		guest->runtime.reason = reason;
	guest->runtime.state = state;
	save(core, guest);
	if (g_hash_table_contains(core->autodestroyed, guest)) /* its client's connection is gone */
		destroy_owned(core, guest);
}

struct reattached {
	struct core *core;
	char *path;
};

static void reattach_task(struct task *task, void *arg)
{
	struct reattached *one = arg;

	reattach_one(task, one->core, one->path);
	g_free(one->path);
}

/* Guests are found side by side: one that hangs does not hold up the others. */
static void reattach_all(struct task *task, struct core *core)
{
	g_autofree char *folder = g_build_filename(core->paths.state, "qemu", NULL);
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct reattached));
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *file;

	while (dir && (file = g_dir_read_name(dir)))
		if (g_str_has_suffix(file, ".xml")) {
			struct reattached one = { core, g_build_filename(folder, file, NULL) };
			g_array_append_val(all, one);
		}
	task_each(task, "reattach", reattach_task, all->data, sizeof(struct reattached), all->len);
}

/* The daemon's first task: what has to wait before clients are served. */
static void begin(struct task *task, void *arg)
{
	struct core *core = arg;
	auto_error err = { 0 };

	if (core->driver->probe(task, &core->driver_host, &err) < 0)
		log_error("%s: %s", core->driver->name, err.message);
	reattach_all(task, core);
	core->ready = true;
}

int lifecycle_init(struct core *core, struct error *err)
{
	struct driver_host *host = &core->driver_host;

	core->autodestroyed = g_hash_table_new(NULL, NULL);
	if (!core->driver)
		return 0;
	core->state_folder = g_build_filename(core->paths.state, "qemu", NULL);
	core->cache_folder = g_build_filename(core->paths.lib, "cache", NULL);
	*host = (struct driver_host){
		.loop = core->loop,
		.privileged = core->privileged,
		.state_dir = core->state_folder,
		.lib_dir = core->paths.lib,
		.log_dir = core->paths.log,
		.cache_dir = core->cache_folder,
		.settings = host->settings,
		.event = on_driver_event,
		.core_data = core,
	};
	if (dir_make(host->state_dir, 0700, err) < 0 || dir_make(host->cache_dir, 0700, err) < 0)
		return -1;
	task_spawn(core->loop, "begin", begin, core);
	while (!core->ready) {
		int rc = sd_event_run(core->loop, UINT64_MAX);
		if (rc < 0)
			return fail_errno(err, -rc, "the event loop failed");
		if (sd_event_get_state(core->loop) == SD_EVENT_FINISHED)
			return fail(err, VIR_ERR_OPERATION_ABORTED, "ended while starting");
	}
	return 0;
}

void lifecycle_done(struct core *core)
{
	if (core->driver && core->domains) {
		g_autoptr(GPtrArray) guests = registry_list(core->domains);
		for (guint i = 0; i < guests->len; i++)
			if (((struct guest *)guests->pdata[i])->live)
				core->driver->detach(guests->pdata[i]);
	}
	g_clear_pointer(&core->autodestroyed, g_hash_table_unref);
	g_clear_pointer(&core->state_folder, g_free);
	g_clear_pointer(&core->cache_folder, g_free);
}
