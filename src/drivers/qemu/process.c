/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QEMU processes: spawned with a listening QMP socket that we are connected to before QEMU runs, so that
 * nothing is polled for; watched by pidfd; identified across restarts by pid and start time.
 */
#include "drivers/qemu/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/log.h"

enum {
	TERM_TIMEOUT_MS = 10 * 1000,
	KILL_TIMEOUT_MS = 30 * 1000,
	LOG_TAIL = 2048,
	MONITOR_BACKLOG = 16,
	STATE_MAX = 64 * 1024,
	RECONNECT_TRIES = 2
};

struct qemu_process {
	sd_event *loop;
	pid_t pid;
	int pidfd;
	struct qmp *qmp;
	char *state_path, *socket_path, *log_path;
	sd_event_source *exit_source, *log_source;
	bool exited, silent; /* silent: start or kill waits itself, exited() is not called */
	int status;
	struct task *waiter;
	struct qemu_process_callbacks callbacks;
	void *opaque;
};

struct qmp *qemu_process_qmp(struct qemu_process *process)
{
	return process->qmp;
}

pid_t qemu_process_pid(const struct qemu_process *process)
{
	return process->pid;
}

int qemu_process_pidfd(const struct qemu_process *process)
{
	return process->pidfd;
}

/* A UNIX socket bound or connected by way of its folder's descriptor, so that no path is too long. */
static int unix_socket(const char *path, bool listening, struct error *err)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *base = g_path_get_basename(path);
	auto_close dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail_errno(err, errno, "cannot open folder %s", folder);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int n = snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/%s", dir, base);
	if (n < 0 || (size_t)n >= sizeof(addr.sun_path))
		return fail(err, VIR_ERR_INTERNAL_ERROR, "socket name %s is too long", base);
	/* a full queue of a listener that hangs must not hang us */
	auto_close fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (listening ? 0 : SOCK_NONBLOCK), 0);
	if (fd < 0)
		return fail_errno(err, errno, "cannot make a socket");
	if (listening) {
		unlink(path);
		if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, MONITOR_BACKLOG) < 0)
			return fail_errno(err, errno, "cannot listen on %s", path);
	} else if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		/* QEMU's queue is short, and connections that were given up stay in it */
		return errno == EAGAIN
			       ? fail(err, VIR_ERR_OPERATION_TIMEOUT,
					 "QEMU does not take connections to its monitor at %s", path)
			       : fail_errno(err, errno, "cannot connect to QEMU's monitor at %s", path);
	}
	return TAKE_FD(fd);
}

/* Start time of a process in clock ticks since boot, field 22 of /proc/PID/stat; 0 when it is gone. */
static unsigned long long start_time(pid_t pid)
{
	char path[64], text[1024];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	const char *p = strrchr(text, ')');
	unsigned long long value = 0;
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (p)
		sscanf(p, " %llu", &value);
	return value;
}

/* Bounds the log: moves the newest part to PATH.old and starts again. QEMU appends, so that truncation is
 * safe. */
static void bound_log(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0 || st.st_size <= QEMU_LOG_MAX)
		return;
	g_autofree char *old = g_strconcat(path, ".old", NULL);
	auto_close in = open(path, O_RDWR | O_CLOEXEC);
	auto_close out = open(old, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	loff_t offset = st.st_size - QEMU_LOG_MAX;
	while (in >= 0 && out >= 0 && copy_file_range(in, &offset, out, NULL, QEMU_LOG_MAX, 0) > 0)
		;
	if (in >= 0 && ftruncate(in, 0) < 0)
		log_warning("cannot truncate %s: %s", path, g_strerror(errno));
}

static int on_log_changed(sd_event_source *source, const struct inotify_event *event, void *opaque)
{
	struct qemu_process *p = opaque;
	bound_log(p->log_path);
	return 0;
}

/* The last lines of the log, without QEMU's time stamps. The caller's; never NULL. */
static char *log_tail(const char *path)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[LOG_TAIL + 1];
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return g_strdup("");
	ssize_t n = pread(fd, text, LOG_TAIL, st.st_size > LOG_TAIL ? st.st_size - LOG_TAIL : 0);
	text[n > 0 ? n : 0] = '\0';
	g_auto(GStrv) lines = g_strsplit(g_strstrip(text), "\n", -1);
	GString *out = g_string_new(NULL);
	for (char **l = lines; *l; l++) {
		const char *rest = strstr(*l, "Z qemu-system");
		if (g_str_has_prefix(*l, "vireo: "))
			g_string_truncate(out, 0); /* the command line: what follows is this run's */
		else
			g_string_append_printf(out, "%s%s", out->len ? "; " : "", rest ? rest + 2 : *l);
	}
	return g_string_free(out, FALSE);
}

static const struct {
	const char *text, *hint;
} hints[] = {
	{ "Failed to get \"write\" lock",
		"another guest or program uses this disk image: stop it, or mark the disk <shareable/>" },
	{ "Failed to get shared \"write\" lock",
		"another guest or program uses this disk image: stop it, or mark the disk <shareable/>" },
	{ "Could not access KVM kernel module", "KVM is not usable here: load kvm_intel or kvm_amd, check "
						"the rights on /dev/kvm, or use <domain type='qemu'>" },
	{ "failed to initialize kvm", "KVM is not usable here: check /dev/kvm, or use <domain type='qemu'>" },
	{ "Permission denied", "the user QEMU runs as must be able to read the file (and write it), and to "
			       "enter each folder above it" },
	{ "No such file or directory",
		"a file the guest needs is missing: check the paths in the definition" },
	{ "cannot set up guest memory",
		"the host has not enough free memory: lower <memory> or stop other guests" },
	{ "Address already in use", "the port is taken: choose another or use autoport='yes'" },
};

static int early_death(struct qemu_process *p, struct error *err)
{
	g_autofree char *tail = log_tail(p->log_path);
	const char *hint = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(hints) && !hint; i++)
		hint = strstr(tail, hints[i].text) ? hints[i].hint : NULL;
	return fail(err, VIR_ERR_INTERNAL_ERROR, "QEMU ended before the guest ran: %s%s%s (log: %s)",
		*tail ? tail : "it wrote no message", hint ? ". " : "", hint ? hint : "", p->log_path);
}

static int on_exit_fd(sd_event_source *source, int fd, uint32_t events, void *opaque)
{
	struct qemu_process *p = opaque;
	siginfo_t info = { 0 };
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	p->status = -1;
	if (waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED | WNOHANG) == 0 && info.si_pid)
		p->status = info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : info.si_status;
	p->exited = true;
	if (p->qmp)
		qmp_drain(p->qmp); /* the last events tell why */
	if (p->waiter)
		task_wake(p->waiter, 0);
	else if (!p->silent)
		p->callbacks.exited(p->opaque, p->status);
	return 0;
}

/* Waits for the end; -1 without touching an error when it does not come. */
static int wait_exit(struct task *task, struct qemu_process *p, uint64_t timeout_ms)
{
	p->waiter = task;
	if (!p->exited)
		task_park(task, timeout_ms);
	p->waiter = NULL;
	return p->exited ? 0 : -1;
}

static void send_signal(struct qemu_process *p, int sig)
{
	if (!p->exited)
		syscall(SYS_pidfd_send_signal, p->pidfd, sig, NULL, 0);
}

/* What the child has besides 0, 1, 2 and QEMU_MONITOR_FD. */
enum { CHILD_GATE_FD = QEMU_MONITOR_FD + 1, CHILD_REPORT_FD, CHILD_FD_END };
/* Descriptors for the child are made from this number on, clear of those that it replaces. */
enum { CHILD_FD_SOURCE = 16 };

struct child_fds {
	int null, log, monitor, gate, report;
};

/* Puts the child's descriptors in place and closes all others: the daemon's must not outlive it in here. */
static int child_descriptors(const struct child_fds *fds)
{
	if (dup2(fds->null, 0) < 0 || dup2(fds->log, 1) < 0 || dup2(fds->log, 2) < 0 ||
		dup2(fds->monitor, QEMU_MONITOR_FD) < 0 || dup3(fds->gate, CHILD_GATE_FD, O_CLOEXEC) < 0 ||
		dup3(fds->report, CHILD_REPORT_FD, O_CLOEXEC) < 0 || close_range(CHILD_FD_END, ~0U, 0) < 0)
		return errno;
	return 0;
}

/* In the child: only what is safe between fork and exec. Ends with the errno of what failed. */
static int child_exec(const struct qemu_launch *launch)
{
	sigset_t none;
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	umask(0077);
	const struct user_ids *ids = launch->run_as;
	if (ids && (setgroups(ids->group_count, ids->groups) < 0 ||
			   setresgid(ids->gid, ids->gid, ids->gid) < 0 ||
			   setresuid(ids->uid, ids->uid, ids->uid) < 0))
		return errno;
	if (chdir("/") < 0)
		return errno;
	execv(launch->argv[0], launch->argv);
	return errno;
}

static int write_state(struct qemu_process *p, struct error *err)
{
	json_t *state = json_pack("{s:i, s:I, s:s}", "pid", (int)p->pid, "start",
		(json_int_t)start_time(p->pid), "log", p->log_path);
	char *text = state ? json_dumps(state, JSON_INDENT(1)) : NULL;
	json_decref(state);
	if (!text)
		return fail(err, VIR_ERR_INTERNAL_ERROR, "cannot write the state of process %d as JSON",
			(int)p->pid);
	int r = file_write_atomic(p->state_path, text, strlen(text), 0600, err);
	free(text);
	return r;
}

/* Waits in the child for the daemon's word; end of file means that the daemon died before it had noted the
 * process. */
static void gate_wait(void)
{
	char word;
	ssize_t n;

	do
		n = read(CHILD_GATE_FD, &word, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(125);
}

static _Noreturn void child_run(const struct qemu_launch *launch, const struct child_fds *fds)
{
	int report = fds->report;
	int errnum = child_descriptors(fds);

	if (errnum == 0) {
		report = CHILD_REPORT_FD;
		gate_wait();
		errnum = child_exec(launch);
	}
	if (write(report, &errnum, sizeof(errnum)) < 0)
		_exit(126);
	_exit(127);
}

/* A pipe whose numbers are clear of the child's. */
static int pipe_high(int ends[2])
{
	int low[2];

	if (pipe2(low, O_CLOEXEC) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, CHILD_FD_SOURCE);
		close(low[i]);
	}
	return ends[0] < 0 || ends[1] < 0 ? -1 : 0;
}

/* Notes the waiting child in its state file, lets it execute, and hears how that went. */
static int release(struct qemu_process *p, const char *program, int gate, int report, struct error *err)
{
	auto_close word = gate;
	int errnum = 0;
	ssize_t n;

	if (write_state(p, err) < 0)
		return -1;
	if (write(word, "g", 1) != 1)
		return fail_errno(err, errno, "cannot start %s", program);
	do
		n = read(report, &errnum, sizeof(errnum));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(errnum) ? fail_errno(err, errnum, "cannot run %s", program) : 0;
}

/*
 * Forks, notes the process in its state file, and only then lets it execute, so that no QEMU can run that a
 * daemon does not find again. An exec that fails is reported through a pipe. Sets p->pid.
 */
static int spawn(
	struct qemu_process *p, const struct qemu_launch *launch, int monitor, int log_fd, struct error *err)
{
	auto_close null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	auto_close null_high = fcntl(null_fd, F_DUPFD_CLOEXEC, CHILD_FD_SOURCE);
	auto_close log_high = fcntl(log_fd, F_DUPFD_CLOEXEC, CHILD_FD_SOURCE);
	auto_close monitor_high = fcntl(monitor, F_DUPFD_CLOEXEC, CHILD_FD_SOURCE);
	int report[2] = { -1, -1 }, gate[2] = { -1, -1 };
	bool ready = null_high >= 0 && log_high >= 0 && monitor_high >= 0 && pipe_high(report) == 0 &&
		     pipe_high(gate) == 0;
	auto_close report_in = report[0];
	auto_close report_out = report[1];
	auto_close gate_in = gate[0];
	auto_close gate_out = gate[1];

	if (!ready)
		return fail_errno(err, errno, "cannot prepare descriptors for %s", launch->argv[0]);
	const struct child_fds fds = { null_high, log_high, monitor_high, gate_in, report_out };
	p->pid = fork();
	if (p->pid < 0)
		return fail_errno(err, errno, "cannot fork for %s", launch->argv[0]);
	if (p->pid == 0)
		child_run(launch, &fds);
	close(TAKE_FD(report_out));
	if (release(p, launch->argv[0], TAKE_FD(gate_out), report_in, err) == 0)
		return 0;
	waitpid(p->pid, NULL, 0); /* it ends by itself, as the gate is closed */
	p->pid = 0;
	return -1;
}

static int open_log(struct qemu_process *p, char *const *argv, struct error *err)
{
	bound_log(p->log_path);
	auto_close fd = open(p->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(err, errno, "cannot open log %s", p->log_path);
	g_autofree char *line = g_strjoinv(" ", (char **)argv);
	dprintf(fd, "vireo: starting %s\n", line);
	return TAKE_FD(fd);
}

static struct qemu_process *process_new(
	const struct qemu_launch *launch, const struct qemu_process_callbacks *callbacks, void *opaque)
{
	struct qemu_process *p = g_new0(struct qemu_process, 1);
	p->loop = launch->loop;
	p->pidfd = -1;
	p->state_path = g_strdup_printf("%s/%s.state.json", launch->state_dir, launch->key);
	p->socket_path = g_strdup_printf("%s/%s.qmp", launch->state_dir, launch->key);
	p->log_path = g_strdup_printf("%s/%s.log", launch->log_dir, launch->title);
	p->callbacks = *callbacks;
	p->opaque = opaque;
	return p;
}

void qemu_process_free(struct qemu_process *p, bool remove_files)
{
	if (!p)
		return;
	sd_event_source_disable_unref(p->exit_source);
	sd_event_source_disable_unref(p->log_source);
	qmp_free(p->qmp);
	if (p->pidfd >= 0)
		close(p->pidfd);
	if (remove_files) {
		unlink(p->state_path);
		unlink(p->socket_path);
	}
	g_free(p->state_path);
	g_free(p->socket_path);
	g_free(p->log_path);
	g_free(p);
}

/* Watches for the end of the process and the size of its log. */
static int watch(struct qemu_process *p, struct error *err)
{
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->pidfd < 0)
		return fail_errno(err, errno, "cannot watch process %d", (int)p->pid);
	fcntl(p->pidfd, F_SETFD, FD_CLOEXEC);
	int r = sd_event_add_io(p->loop, &p->exit_source, p->pidfd, EPOLLIN, on_exit_fd, p);
	if (r < 0)
		return fail_errno(err, -r, "cannot watch process %d", (int)p->pid);
	if (sd_event_add_inotify(p->loop, &p->log_source, p->log_path, IN_MODIFY, on_log_changed, p) < 0)
		log_warning("cannot watch the size of %s", p->log_path);
	return 0;
}

/* Talks to the process over MONITOR, which it takes, instead of any connection before. */
static int talk(
	struct task *task, struct qemu_process *p, int monitor, uint64_t timeout_ms, struct error *err)
{
	const struct qmp_callbacks callbacks = { .event = p->callbacks.event };

	qmp_free(p->qmp);
	p->qmp = qmp_new(p->loop, monitor, monitor, &callbacks, p->opaque);
	return qmp_handshake(task, p->qmp, timeout_ms, err);
}

static int launch_process(
	struct task *task, struct qemu_process *p, const struct qemu_launch *launch, struct error *err)
{
	auto_close listener = unix_socket(p->socket_path, true, err);
	if (listener < 0)
		return -1;
	auto_close monitor = unix_socket(p->socket_path, false, err);
	if (monitor < 0)
		return -1;
	auto_close log_fd = open_log(p, launch->argv, err);
	if (log_fd < 0)
		return -1;
	if (spawn(p, launch, listener, log_fd, err) < 0)
		return -1;
	close(TAKE_FD(listener)); /* QEMU holds it alone: its death is our end of file */
	if (watch(p, err) < 0) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
		return -1;
	}
	if (talk(task, p, TAKE_FD(monitor), QEMU_START_TIMEOUT_MS, err) < 0) {
		if (err->code == VIR_ERR_OPERATION_FAILED && wait_exit(task, p, TERM_TIMEOUT_MS) == 0)
			return early_death(p, err);
		return -1;
	}
	return 0;
}

int qemu_process_start(struct task *task, const struct qemu_launch *launch,
	const struct qemu_process_callbacks *callbacks, void *opaque, struct qemu_process **ret_process,
	struct error *err)
{
	struct qemu_process *p = process_new(launch, callbacks, opaque);
	p->silent = true;
	if (launch_process(task, p, launch, err) < 0) {
		send_signal(p, SIGKILL);
		if (p->pidfd >= 0)
			wait_exit(task, p, KILL_TIMEOUT_MS);
		qemu_process_free(p, true);
		return -1;
	}
	p->silent = false;
	*ret_process = p;
	return 0;
}

/* Finds the process of the state file, and watches it. Fails where it has ended. */
static int find_process(struct qemu_process *p, struct error *err)
{
	g_autofree char *text = NULL;
	size_t len;
	if (file_read(p->state_path, STATE_MAX, &text, &len, err) < 0)
		return -1;
	json_error_t jerr;
	json_t *state = json_loadb(text, len, 0, &jerr);
	p->pid = (pid_t)json_integer_value(json_object_get(state, "pid"));
	unsigned long long start = (unsigned long long)json_integer_value(json_object_get(state, "start"));
	json_decref(state);
	if (p->pid > 0 && start != 0 && start_time(p->pid) == start && watch(p, err) < 0)
		return -1;
	/* once more, now that the number cannot be given to another process unseen */
	if (p->pidfd < 0 || start_time(p->pid) != start)
		return fail(
			err, VIR_ERR_OPERATION_FAILED, "the guest's process ended while the daemon was away");
	return 0;
}

/* Connects to the monitor of a process that runs; a second time where the first connection gets no answer. */
static int reconnect(struct task *task, struct qemu_process *p, struct error *err)
{
	for (int tries = 0; tries < RECONNECT_TRIES; tries++) {
		int monitor = unix_socket(p->socket_path, false, err);
		if (monitor < 0)
			return -1;
		if (talk(task, p, monitor, QEMU_REATTACH_TIMEOUT_MS, err) == 0)
			return 0;
		if (err->code != VIR_ERR_OPERATION_TIMEOUT)
			return -1;
	}
	return -1;
}

int qemu_process_reconnect(struct task *task, struct qemu_process *p, uint64_t timeout_ms, struct error *err)
{
	/* the present connection first, each further one takes a place in QEMU's short queue */
	if (p->qmp && qmp_handshake(task, p->qmp, timeout_ms, err) == 0)
		return 0;
	int monitor = p->exited ? -1 : unix_socket(p->socket_path, false, err);
	if (monitor >= 0)
		return talk(task, p, monitor, timeout_ms, err);
	if (err->code == VIR_ERR_OPERATION_TIMEOUT && !p->qmp)
		task_park(task, timeout_ms);
	return -1;
}

int qemu_process_kill(struct task *task, struct qemu_process *p, bool force, struct error *err)
{
	p->silent = true;
	send_signal(p, SIGTERM);
	if (wait_exit(task, p, TERM_TIMEOUT_MS) == 0)
		return 0;
	if (force) {
		log_warning("process %d ignored SIGTERM for %d s: killing it", (int)p->pid,
			TERM_TIMEOUT_MS / 1000);
		send_signal(p, SIGKILL);
		if (wait_exit(task, p, KILL_TIMEOUT_MS) == 0)
			return 0;
	}
	p->silent = false;
	return fail(err, VIR_ERR_OPERATION_FAILED, "process %d did not end%s", (int)p->pid,
		force ? ": it hangs in the kernel, see the host's log"
		      : " by SIGTERM; destroy without --graceful ends it by force");
}

int qemu_process_reattach(struct task *task, const struct qemu_launch *launch,
	const struct qemu_process_callbacks *callbacks, void *opaque, struct qemu_process **ret_process,
	struct error *err)
{
	struct qemu_process *p = process_new(launch, callbacks, opaque);
	p->silent = true;
	bool found = find_process(p, err) == 0;
	bool answered = found && reconnect(task, p, err) == 0;
	bool silent = found && !answered && !p->exited && err->code == VIR_ERR_OPERATION_TIMEOUT;
	if (!answered && !silent) {
		auto_error ignored = { 0 };
		/* it is ending: a guest that lives, however busy, has a monitor that takes connections */
		if (found)
			qemu_process_kill(task, p, true, &ignored);
		qemu_process_free(p, true);
		return -1;
	}
	p->silent = false;
	*ret_process = p;
	return 0;
}
