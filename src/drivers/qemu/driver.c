/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The QEMU driver's table of verbs, and the programs that were found.
 *
 * Owns: the list of targets (the driver's only global state, filled once by probe()).
 */
#include "drivers/qemu/driver.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "drivers/qemu/build.h"
#include "drivers/qemu/caps.h"
#include "drivers/qemu/lists.h"
#include "drivers/qemu/ownership.h"
#include "drivers/qemu/qemu_guest.h"
#include "drivers/qemu/stats.h"
#include "host/user.h"

static GPtrArray *found; /* struct driver_target *; the first is the default */

/* Programs that are looked for; the host's own architecture first. */
static const char *const programs[] = {
#if defined(__aarch64__)
	"/usr/bin/qemu-system-aarch64",
	"/usr/bin/qemu-system-x86_64",
#else
	"/usr/bin/qemu-system-x86_64",
	"/usr/bin/qemu-system-aarch64",
#endif
	"/usr/bin/qemu-system-i386",
	"/usr/bin/qemu-system-arm",
	"/usr/bin/qemu-system-ppc64",
	"/usr/bin/qemu-system-riscv64",
	"/usr/bin/qemu-system-s390x",
};

static void free_target(void *target)
{
	caps_target_free(target);
}

static int probe(struct task *task, const struct driver_host *host, struct error *err)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(free_target);
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
		auto_error why = { 0 };
		struct driver_target *target = NULL;
		if (access(programs[i], X_OK) < 0)
			continue;
		if (caps_probe(task, host, programs[i], &target, &why) < 0)
			log_warning("%s is not used: %s", programs[i], why.message);
		else
			g_ptr_array_add(list, target);
	}
	qemu_driver_done();
	if (host->privileged && ownership_load(host, err) < 0)
		return -1;
	found = g_steal_pointer(&list);
	return 0;
}

static const GPtrArray *targets(void)
{
	if (!found)
		found = g_ptr_array_new_with_free_func(free_target);
	return found;
}

static unsigned version(void)
{
	return targets()->len ? ((const struct driver_target *)found->pdata[0])->version : 0;
}

static char *domain_capabilities(
	const char *emulator, const char *arch, const char *machine, const char *virttype, struct error *err)
{
	for (guint i = 0; i < targets()->len; i++) {
		const struct driver_target *t = found->pdata[i];
		if ((!emulator || strcmp(emulator, t->emulator) == 0) &&
			(!arch || strcmp(arch, t->arch) == 0))
			return caps_domain_xml(t, machine, virttype, err);
	}
	fail(err, VIR_ERR_INVALID_ARG,
		"no emulator for architecture '%s' at '%s'; see the capabilities for what there is",
		arch ? arch : "any", emulator ? emulator : "any path");
	return NULL;
}

void qemu_driver_done(void)
{
	g_clear_pointer(&found, g_ptr_array_unref);
	ownership_done();
}

static int complete(struct domain *def, struct error *err)
{
	return qemu_complete(def, targets(), err);
}

/* One setting that is kept in the definition and does not reach QEMU yet. */
static void warn_one(const struct domain *def, bool set, const char *what)
{
	if (set)
		log_warning("domain %s: %s is kept in the definition but not applied by this version",
			def->name, what);
}

/* Says which settings do not reach QEMU yet. */
static void warn_unapplied(const struct domain *def)
{
	const struct domain_graphics *graphics =
		def->graphics && def->graphics->len ? def->graphics->pdata[0] : NULL;
	const struct domain_memballoon *balloon =
		def->memballoons && def->memballoons->len ? def->memballoons->pdata[0] : NULL;
	const struct {
		bool set;
		const char *what;
	} rows[] = {
		{ def->clock->offset != CLOCK_UTC && def->clock->offset != CLOCK_LOCALTIME,
			"clock@offset other than utc and localtime" },
		{ graphics && graphics->keymap, "graphics@keymap" },
		{ balloon && balloon->stats_period, "memballoon/stats" },
		{ def->os->menu_timeout != 0, "os/bootmenu@timeout" },
	};

	for (guint i = 0; def->disks && i < def->disks->len; i++) {
		const struct disk_driver *driver = ((const struct domain_disk *)def->disks->pdata[i])->driver;
		warn_one(def, driver && (driver->error_policy || driver->rerror_policy),
			"disk/driver@error_policy");
	}
	for (guint i = 0; def->interfaces && i < def->interfaces->len; i++)
		warn_one(def, ((const struct domain_interface *)def->interfaces->pdata[i])->link_state,
			"interface/link");
	for (guint i = 0; def->serials && i < def->serials->len; i++) {
		const struct char_target *target =
			((const struct domain_char *)def->serials->pdata[i])->target;
		warn_one(def, target && target->model && strcmp(target->model, "isa-serial") != 0,
			"serial/target/model");
	}
	EACH(const struct domain_timer, timer, def->clock->timers)
	warn_one(def, !qemu_timer_is_built(timer), "a clock/timer");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		warn_one(def, rows[i].set, rows[i].what);
}

static int check(const struct domain *def, struct error *err)
{
	for (guint i = 0; def->graphics && i < def->graphics->len; i++)
		if (((const struct domain_graphics *)def->graphics->pdata[i])->password)
			return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
				"domain '%s': graphics@passwd is not built yet; a start without it would "
				"leave the display open to all, so remove it first",
				def->name);
	warn_unapplied(def);
	return qemu_check(def, targets(), err);
}

/* Folder of the sockets of channels whose definition names none; the caller's. */
static char *channel_folder(const struct guest *guest)
{
	g_autofree char *name = g_strdup_printf("domain-%d-%.20s", guest->id, guest->name);
	return g_build_filename(guest->host->lib_dir, "channel", "target", name, NULL);
}

static int make_channels(struct guest *guest, struct error *err)
{
	g_autofree char *folder = channel_folder(guest);

	EACH(struct domain_char, channel, guest->live->channels)
	{
		if (channel->type != CHAR_UNIX || (channel->source && channel->source->path))
			continue;
		if (dir_make(folder, 0750, err) < 0)
			return -1;
		const struct driver_settings *settings = guest->host->settings;
		const struct user_ids *ids = settings ? settings->run_as : NULL;
		if (ids && chown(folder, ids->uid, ids->gid) < 0)
			return fail_errno(
				err, errno, "cannot give '%s' to the user that guests run as", folder);
		if (!channel->source)
			channel->source = char_source_new();
		channel->source->mode = CHAR_MODE_BIND;
		channel->source->path = g_build_filename(folder,
			channel->target && channel->target->name ? channel->target->name : channel->alias,
			NULL);
	}
	return 0;
}

/* The guest has ended: its sockets go, and the folder with them. */
static void remove_channels(const struct guest *guest)
{
	g_autofree char *folder = channel_folder(guest);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *file;

	while (dir && (file = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, file, NULL);
		unlink(path);
	}
	if (dir)
		rmdir(folder);
}

/* Where a display listens, said in both of its forms. */
static void say_listen(struct domain_graphics *graphics)
{
	struct graphics_listen *listen = graphics->listens ? graphics->listens->pdata[0] : NULL;

	if (!listen || listen->type != LISTEN_ADDRESS)
		return;
	if (!listen->address)
		listen->address = g_strdup(graphics->listen ? graphics->listen : "127.0.0.1");
	if (!graphics->listen)
		graphics->listen = g_strdup(listen->address);
}

/* Connections are in clear where nothing else is said. */
static void say_tls(GPtrArray *devices)
{
	EACH(struct domain_char, device, devices)
	if (device->type == CHAR_TCP && device->source && !device->source->tls)
		device->source->tls = TRISTATE_NO;
}

/* Asks the guest to start with less than all its memory; how far it is, its balloon tells. */
static void set_balloon(struct task *task, struct guest *guest)
{
	struct domain *live = guest->live;
	auto_error err = { 0 };
	uint64_t wanted = live->current_memory;

	if (wanted >= live->memory)
		return;
	live->current_memory = live->memory;
	if (qemu_guest_set_memory(task, guest, wanted, &err) < 0)
		log_warning("domain %s starts with all its memory: %s", guest->name, err.message);
}

/* What only the running guest's definition says. */
static int prepare_live(struct guest *guest, struct error *err)
{
	struct domain *live = guest->live;

	qemu_assign_aliases(live);
	EACH(struct domain_disk, disk, live->disks)
	{
		if (!disk->source && disk->driver)
			g_clear_pointer(&disk->driver->type, g_free); /* an empty drive has no format */
		if (disk->shareable && !disk->readonly && disk->driver && !disk->driver->cache)
			disk->driver->cache = CACHE_NONE; /* others must see what is written */
	}
	say_tls(live->serials);
	say_tls(live->consoles);
	EACH(struct domain_graphics, graphics, live->graphics)
	say_listen(graphics);
	return make_channels(guest, err);
}

/* Puts the ptys QEMU opened into the live definition. */
static void note_ptys(struct guest *guest)
{
	struct domain *live = guest->live;
	GPtrArray *const lists[] = { live->serials, live->parallels, live->consoles, live->channels };
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		for (guint j = 0; lists[i] && j < lists[i]->len; j++) {
			struct domain_char *c = lists[i]->pdata[j];
			g_autofree char *label = g_strdup_printf("char%s", c->alias);
			const char *path = qemu_guest_pty(guest, label);
			if (!path)
				continue;
			if (lists[i] == live->consoles && j == 0) { /* the one that clients look for */
				g_free(c->tty);
				c->tty = g_strdup(path);
			}
			if (!c->source)
				c->source = char_source_new();
			g_free(c->source->path);
			c->source->path = g_strdup(path);
		}
	}
}

/* Puts the port that QEMU chose for VNC into the live definition. */
static int note_vnc(struct task *task, struct guest *guest, struct error *err)
{
	GPtrArray *graphics = guest->live->graphics;
	if (!graphics || graphics->len == 0)
		return 0;
	unsigned port;
	if (qemu_guest_vnc_port(task, guest, &port, err) < 0)
		return -1;
	((struct domain_graphics *)graphics->pdata[0])->port = (int)port;
	return 0;
}

static int start(struct task *task, struct guest *guest, unsigned flags, struct error *err)
{
	struct domain *live = guest->live;
	if (prepare_live(guest, err) < 0)
		return -1;
	g_autoptr(GPtrArray) argv = qemu_build_argv(live);
	struct qemu_policy policy = qemu_build_policy(live);
	if (ownership_take(guest, err) < 0)
		return -1;
	if (qemu_guest_start(task, guest, (char *const *)argv->pdata, &policy, flags, err) < 0) {
		ownership_release(guest);
		return -1;
	}
	note_ptys(guest);
	set_balloon(task, guest);
	auto_error ignored = { 0 };
	if (note_vnc(task, guest, &ignored) < 0)
		log_warning("domain %s: its VNC port is not known: %s", guest->name, ignored.message);
	return 0;
}

static int reattach(
	struct task *task, struct guest *guest, int *ret_state, int *ret_reason, struct error *err)
{
	/* a daemon that died in the middle of the start had not noted them yet */
	qemu_assign_aliases(guest->live);
	struct qemu_policy policy = qemu_build_policy(guest->live);
	if (qemu_guest_reattach_policy(task, guest, &policy, ret_state, ret_reason, err) < 0)
		return -1;
	note_ptys(guest);
	return 0;
}

static void forget(struct guest *guest)
{
	remove_channels(guest);
	qemu_guest_forget(guest);
	ownership_release(guest);
}

static char *native_export(const struct domain *def, const char *format, struct error *err)
{
	if (strcmp(format, "qemu-argv") != 0) {
		fail(err, VIR_ERR_INVALID_ARG, "unsupported config type %s; there is qemu-argv", format);
		return NULL;
	}
	struct domain *copy = model_copy(&domain_model, def);
	char *text = NULL;
	if (qemu_complete(copy, targets(), err) == 0 && qemu_check(copy, targets(), err) == 0) {
		qemu_assign_aliases(copy);
		g_autoptr(GPtrArray) argv = qemu_build_argv(copy);
		GString *out = g_string_new(NULL);
		for (guint i = 0; argv->pdata[i]; i++) {
			g_autofree char *quoted = g_shell_quote(argv->pdata[i]);
			bool plain =
				strspn(argv->pdata[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0"
						       "123456789/-_.,=:+@") == strlen(argv->pdata[i]);
			g_string_append_printf(
				out, "%s%s", i ? " " : "", plain ? (char *)argv->pdata[i] : quoted);
		}
		g_string_append_c(out, '\n');
		text = g_string_free(out, FALSE);
	}
	model_free(&domain_model, copy);
	return text;
}

static const char *const schemes[] = { "qemu", NULL };

const struct driver qemu_driver = {
	.name = "QEMU",
	.schemes = schemes,
	.probe = probe,
	.targets = targets,
	.version = version,
	.domain_capabilities = domain_capabilities,
	.complete = complete,
	.check = check,
	.start = start,
	.pause = qemu_guest_pause,
	.resume = qemu_guest_resume,
	.shutdown = qemu_guest_shutdown,
	.reboot = qemu_guest_reboot,
	.reset = qemu_guest_reset,
	.inject_nmi = qemu_guest_inject_nmi,
	.kill = qemu_guest_kill,
	.query = qemu_query,
	.control = qemu_guest_control,
	.set_memory = qemu_guest_set_memory,
	.monitor_command = qemu_guest_monitor_command,
	.open_console = qemu_guest_open_console,
	.native_export = native_export,
	.reattach = reattach,
	.forget = forget,
	.detach = qemu_guest_detach,
};
