/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vireod: paths, sockets, the lock, and the loop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <fcntl.h>

#include "base/fd.h"
#include "base/log.h"
#include "core/core.h"
#include "core/lifecycle.h"
#include "daemon/config.h"
#include "daemon/detach.h"
#include "daemon/document.h"
#include "daemon/options.h"
#include "drivers/qemu/driver.h"
#include "host/user.h"
#include "loop/task.h"

/* All folders, owned. */
struct folders {
	char *config, *state, *lib, *log;
	char *libvirt; /* folder of libvirt's sockets */
};

/* What the daemon runs by. */
struct setup {
	struct options options;
	struct config config;
	struct folders folders;
	struct user_ids run_as;
	struct driver_settings settings;
	char *pid_file;
	int ready; /* who waits for a daemon in the background to be ready; -1 = nobody */
};

static void folders_set(struct folders *folders, const char *below)
{
	if (below) {
		g_autofree char *root = g_canonicalize_filename(below, NULL);
		*folders = (struct folders){ g_build_filename(root, "etc", NULL),
			g_build_filename(root, "run", NULL), g_build_filename(root, "lib", NULL),
			g_build_filename(root, "log", NULL), g_build_filename(root, "run", "libvirt", NULL) };
	} else if (geteuid() == 0) {
		*folders = (struct folders){ g_strdup("/etc/vireo"), g_strdup("/run/vireo"),
			g_strdup("/var/lib/vireo"), g_strdup("/var/log/vireo"), g_strdup("/run/libvirt") };
	} else {
		*folders = (struct folders){ g_build_filename(g_get_user_config_dir(), "vireo", NULL),
			g_build_filename(g_get_user_runtime_dir(), "vireo", NULL),
			g_build_filename(g_get_user_data_dir(), "vireo", NULL),
			g_build_filename(g_get_user_cache_dir(), "vireo", "log", NULL),
			g_build_filename(g_get_user_runtime_dir(), "libvirt", NULL) };
	}
}

static void folders_clear(struct folders *folders)
{
	g_free(folders->config);
	g_free(folders->state);
	g_free(folders->lib);
	g_free(folders->log);
	g_free(folders->libvirt);
}

/* The writable socket is for root (or the user) alone, the read-only one for all, as libvirt's are. */
static int listen_pair(
	struct rpc_server *server, const char *folder, const char *name, bool ours, struct error *err)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *readonly = g_strconcat(path, "-ro", NULL);

	if (rpc_server_listen(server, path, 0700, false, ours, err) < 0)
		return -1;
	return rpc_server_listen(server, readonly, geteuid() == 0 ? 0777 : 0700, true, ours, err);
}

/* Sockets given by systemd; a name that ends in "-ro" makes one read-only. Returns how many. */
static int listen_given(struct rpc_server *server, struct error *err)
{
	g_auto(GStrv) names = NULL;
	int count = sd_listen_fds_with_names(1, &names);

	for (int i = 0; i < count; i++)
		if (rpc_server_listen_fd(
			    server, SD_LISTEN_FDS_START + i, g_str_has_suffix(names[i], "-ro"), err) < 0)
			return -1;
	return MAX(count, 0);
}

static int listen_all(struct rpc_server *server, const struct setup *setup, struct error *err)
{
	const struct folders *folders = &setup->folders;
	int given = listen_given(server, err);

	if (given < 0 || (given == 0 && listen_pair(server, folders->state, "vireo-sock", true, err) < 0))
		return -1;
	if (!setup->config.libvirt_sockets)
		return 0;
	if (dir_make(folders->libvirt, 0755, err) < 0)
		return -1;
	return listen_pair(server, folders->libvirt, "libvirt-sock", false, err);
}

/* Each client is a descriptor: allow as many as the system does. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int loop_new(sd_event **ret_loop, struct error *err)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	int rc = sd_event_new(ret_loop);
	if (rc >= 0)
		rc = sd_event_add_signal(*ret_loop, NULL, SIGTERM, NULL, NULL);
	if (rc >= 0)
		rc = sd_event_add_signal(*ret_loop, NULL, SIGINT, NULL, NULL);
	return rc < 0 ? fail_errno(err, -rc, "cannot make the event loop") : 0;
}

/*
 * One daemon a folder: the lock is held as long as the process lives, however it ends. A record lock, because
 * a child does not inherit it: one that is about to become QEMU may outlive us by a moment.
 */
static int lock_take(const char *folder, struct error *err)
{
	g_autofree char *path = g_build_filename(folder, "vireod.lock", NULL);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (dir_make(folder, 0755, err) < 0)
		return -1;
	auto_close fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(err, errno, "cannot open '%s'", path);
	if (fcntl(fd, F_SETLK, &lock) < 0)
		return fail(err, VIR_ERR_OPERATION_INVALID,
			"another vireod uses '%s'; stop it, or choose another --root", folder);
	return TAKE_FD(fd);
}

/* Clients can connect: tells whoever waits for that. */
static int tell_ready(struct setup *setup, struct error *err)
{
	g_autofree char *log = g_build_filename(setup->folders.log, "vireod.log", NULL);

	if (pid_file_write(setup->pid_file, err) < 0)
		return -1;
	if (setup->ready >= 0 && detach_ready(TAKE_FD(setup->ready), log, err) < 0)
		return -1;
	sd_notify(0, "READY=1");
	return 0;
}

static int serve(sd_event *loop, struct setup *setup, struct error *err)
{
	const struct folders *folders = &setup->folders;
	struct core_paths paths = { folders->config, folders->state, folders->lib, folders->log };
	struct core core = { 0 };
	struct rpc_server *server = NULL;
	auto_close lock = lock_take(folders->state, err);

	if (lock < 0)
		return -1;
	int rc = core_init(&core, loop, &paths, geteuid() == 0, &qemu_driver, &setup->settings, err);
	if (rc == 0) {
		server = rpc_server_new(loop, core_services, core_service_count, &core_callbacks, &core);
		rpc_server_set_max_clients(server, setup->config.max_clients);
		rc = listen_all(server, setup, err);
	}
	if (rc >= 0)
		rc = tell_ready(setup, err);
	if (rc >= 0) {
		lifecycle_autostart(&core);
		rc = sd_event_loop(loop);
		sd_notify(0, "STOPPING=1");
		if (rc < 0)
			fail_errno(err, -rc, "the event loop failed");
	}
	unlink(setup->pid_file); /* also that of a daemon that was killed */
	rpc_server_free(server);
	core_done(&core);
	qemu_driver_done();
	return rc;
}

/* How guests run, by the file at PATH. */
static int settings_set(struct setup *setup, const char *path, struct error *err)
{
	const struct config *config = &setup->config;

	setup->settings.own_files = config->dynamic_ownership;
	setup->settings.keep_owner = (const char *const *)config->keep_owner;
	if (!config->user && !config->group)
		return 0;
	if (geteuid() != 0) {
		log_warning("%s: user and group are for the system's daemon alone: guests run as you", path);
		return 0;
	}
	if (user_find(config->user, config->group, &setup->run_as, err) < 0)
		return fail_ctx(err, "%s: user and group", path);
	setup->settings.run_as = &setup->run_as;
	return 0;
}

/* Options, then the file, of which options have the last word; where things are. */
static int setup_read(struct setup *setup, struct error *err)
{
	const struct options *options = &setup->options;

	folders_set(&setup->folders, options->root);
	setup->pid_file = options->pid_file ? g_canonicalize_filename(options->pid_file, NULL)
					    : g_build_filename(setup->folders.state, "vireod.pid", NULL);
	g_autofree char *usual = g_build_filename(setup->folders.config, "vireod.conf", NULL);
	if (config_read(&setup->config, options->config ? options->config : usual, options->config, err) < 0)
		return -1;
	setup->config.libvirt_sockets |= options->libvirt_sockets;
	if (options->verbose)
		setup->config.log_level = MAX(setup->config.log_level, LOG_LEVEL_INFO);
	log_set_level(setup->config.log_level);
	return settings_set(setup, options->config ? options->config : usual, err);
}

static void setup_clear(struct setup *setup)
{
	config_clear(&setup->config);
	user_clear(&setup->run_as);
	folders_clear(&setup->folders);
	g_free(setup->pid_file);
	if (setup->ready >= 0)
		close(setup->ready); /* before it was ready: that is told */
}

static int run(struct setup *setup, struct error *err)
{
	sd_event *loop = NULL;

	if (setup_read(setup, err) < 0)
		return -1;
	if (setup->options.detach && (setup->ready = detach_begin(err)) < 0)
		return -1;
	raise_descriptor_limit();
	int rc = loop_new(&loop, err);
	if (rc == 0)
		rc = serve(loop, setup, err);
	sd_event_unref(loop);
	task_pool_clear();
	return rc;
}

/* What only prints. Returns whether that was all. */
static bool print_only(const struct options *options)
{
	g_autofree char *text = options->help		? options_help()
				: options->version	? g_strdup("vireod " VIREO_VERSION "\n")
				: options->print_config ? document_config()
							: NULL;
	if (text)
		fputs(text, stdout);
	return text;
}

int main(int argc, char **argv)
{
	struct setup setup = { .ready = -1 };
	auto_error err = { 0 };

	if (options_read(argc, argv, &setup.options) < 0)
		return EXIT_FAILURE;
	if (print_only(&setup.options))
		return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	config_init(&setup.config);
	int rc = run(&setup, &err);
	if (rc < 0)
		log_error("%s", err.message);
	setup_clear(&setup);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
