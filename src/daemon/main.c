/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vireod: options, paths, sockets, and the loop.
 */
#include <errno.h>
#include <getopt.h>
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
#include "drivers/qemu/driver.h"
#include "loop/task.h"

struct options {
	const char *root; /* everything below this folder; NULL = the host's or the user's usual folders */
	bool libvirt_sockets; /* answer on libvirt's own socket names too */
	bool verbose;
};

/* All folders, owned. */
struct folders {
	char *config, *state, *lib, *log;
	char *libvirt; /* folder of libvirt's sockets, NULL = not wanted */
};

static const char help_text[] =
	"Usage: vireod [OPTION]...\n"
	"The daemon of Vireo, a virtualization manager that speaks libvirt's protocol.\n"
	"It stays in the foreground and ends on SIGTERM; guests go on without it.\n\n"
	"  --root DIR          keep configuration, state, logs and sockets below DIR\n"
	"                      (sockets: DIR/run/vireo-sock, DIR/run/vireo-sock-ro)\n"
	"  --libvirt-sockets   also answer on libvirt's own socket names\n"
	"  -v, --verbose       say more on standard error\n"
	"  -V, --version       print the version and end\n"
	"  -h, --help          print this text and end\n";

static const struct option option_rows[] = {
	{ "root", required_argument, NULL, 'r' },
	{ "libvirt-sockets", no_argument, NULL, 'l' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* Returns -1 to go on, else the exit status. */
static int options_read(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt_long(argc, argv, "vVh", option_rows, NULL)) >= 0) {
		switch (option) {
		case 'r':
			options->root = optarg;
			break;
		case 'l':
			options->libvirt_sockets = true;
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'V':
			puts("vireod " VIREO_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(help_text, stdout);
			return EXIT_SUCCESS;
		default:
			fputs("vireod: see 'vireod --help'\n", stderr);
			return EXIT_FAILURE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "vireod: unexpected argument '%s'; see 'vireod --help'\n", argv[optind]);
		return EXIT_FAILURE;
	}
	return -1;
}

static void folders_set(struct folders *folders, const struct options *options)
{
	if (options->root) {
		g_autofree char *root = g_canonicalize_filename(options->root, NULL);
		*folders = (struct folders){ g_build_filename(root, "etc", NULL),
			g_build_filename(root, "run", NULL), g_build_filename(root, "lib", NULL),
			g_build_filename(root, "log", NULL), NULL };
		if (options->libvirt_sockets)
			folders->libvirt = g_build_filename(root, "run", "libvirt", NULL);
	} else if (geteuid() == 0) {
		*folders = (struct folders){ g_strdup("/etc/vireo"), g_strdup("/run/vireo"),
			g_strdup("/var/lib/vireo"), g_strdup("/var/log/vireo"),
			options->libvirt_sockets ? g_strdup("/run/libvirt") : NULL };
	} else {
		*folders = (struct folders){ g_build_filename(g_get_user_config_dir(), "vireo", NULL),
			g_build_filename(g_get_user_runtime_dir(), "vireo", NULL),
			g_build_filename(g_get_user_data_dir(), "vireo", NULL),
			g_build_filename(g_get_user_cache_dir(), "vireo", "log", NULL), NULL };
		if (options->libvirt_sockets)
			folders->libvirt = g_build_filename(g_get_user_runtime_dir(), "libvirt", NULL);
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

static int listen_all(struct rpc_server *server, const struct folders *folders, struct error *err)
{
	int given = listen_given(server, err);

	if (given != 0)
		return given;
	if (listen_pair(server, folders->state, "vireo-sock", true, err) < 0)
		return -1;
	if (!folders->libvirt)
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

static int serve(sd_event *loop, const struct folders *folders, struct error *err)
{
	struct core_paths paths = { folders->config, folders->state, folders->lib, folders->log };
	struct core core = { 0 };
	struct rpc_server *server = NULL;
	auto_close lock = lock_take(folders->state, err);

	if (lock < 0)
		return -1;
	int rc = core_init(&core, loop, &paths, geteuid() == 0, &qemu_driver, err);
	if (rc == 0) {
		server = rpc_server_new(loop, core_services, core_service_count, &core_callbacks, &core);
		rc = listen_all(server, folders, err);
	}
	if (rc >= 0) {
		sd_notify(0, "READY=1");
		rc = sd_event_loop(loop);
		sd_notify(0, "STOPPING=1");
		if (rc < 0)
			fail_errno(err, -rc, "the event loop failed");
	}
	rpc_server_free(server);
	core_done(&core);
	qemu_driver_done();
	return rc;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct folders folders = { 0 };
	sd_event *loop = NULL;
	auto_error err = { 0 };

	int status = options_read(argc, argv, &options);
	if (status >= 0)
		return status;
	if (options.verbose)
		log_set_level(LOG_LEVEL_INFO);
	raise_descriptor_limit();
	folders_set(&folders, &options);
	int rc = loop_new(&loop, &err);
	if (rc == 0)
		rc = serve(loop, &folders, &err);
	if (rc < 0)
		log_error("%s", err.message);
	sd_event_unref(loop);
	task_pool_clear();
	folders_clear(&folders);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
