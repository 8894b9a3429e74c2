/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Real QEMU processes: start, QMP, being found again, kill, an early death that explains itself; nothing is
 * left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "drivers/qemu/caps.h"
#include "drivers/qemu/process.h"

static const char qemu_path[] = "/usr/bin/qemu-system-x86_64";

struct fixture {
	sd_event *loop;
	char *dir, *cache;
	struct qemu_launch launch;
	int exits;
	bool done;
};

#define ARGV_COMMON  "-machine", "none", "-nodefaults", "-display", "none", "-S"
#define ARGV_MONITOR "-chardev", "socket,id=mon,fd=3,server=on,wait=off", "-mon", "chardev=mon,mode=control"
static char *good_argv[] = { (char *)qemu_path, ARGV_COMMON, ARGV_MONITOR, NULL };
static char *bad_argv[] = { (char *)qemu_path, ARGV_COMMON, ARGV_MONITOR, "-drive", "file=/nonexistent/disk",
	NULL };
static char *missing_argv[] = { "/nonexistent/qemu", NULL };

/* Says why a call failed (cmocka's own fail_msg() cannot stand beside our fail()). */
#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) < 0)                                                                              \
			print_error("%s\n", err.message);                                                    \
		assert_int_equal(err.code, 0);                                                               \
	} while (0)

static void on_event(void *opaque, const char *name, json_t *data)
{
}

static void on_exited(void *opaque, int status)
{
	((struct fixture *)opaque)->exits++;
}

static const struct qemu_process_callbacks callbacks = { on_event, on_exited };

static void check_status(struct task *task, struct qemu_process *p)
{
	auto_error err = { 0 };
	json_t *status = NULL;
	assert_int_equal(
		qmp_call(task, qemu_process_qmp(p), "query-status", NULL, QMP_TIMEOUT_MS, &status, &err), 0);
	assert_string_equal(json_string_value(json_object_get(status, "status")), "prelaunch");
	json_decref(status);
	assert_int_equal(
		qmp_call(task, qemu_process_qmp(p), "no-such", NULL, QMP_TIMEOUT_MS, NULL, &err), -1);
	assert_int_equal(err.code, VIR_ERR_OPERATION_UNSUPPORTED);
}

static void life(struct task *task, void *arg)
{
	struct fixture *f = arg;
	struct qemu_process *p = NULL;
	auto_error err = { 0 };
	f->launch.argv = good_argv;
	assert_ok(qemu_process_start(task, &f->launch, &callbacks, f, &p, &err));
	check_status(task, p);
	pid_t pid = qemu_process_pid(p);
	qemu_process_free(p, false); /* the daemon goes, the guest stays */
	assert_int_equal(kill(pid, 0), 0);
	assert_ok(qemu_process_reattach(task, &f->launch, &callbacks, f, &p, &err));
	assert_int_equal(qemu_process_pid(p), pid);
	check_status(task, p);
	assert_int_equal(qemu_process_kill(task, p, true, &err), 0);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(f->exits, 0);
	qemu_process_free(p, true);
	f->done = true;
}

/* A process that cannot be managed any more is ended, so that the guest cannot run twice. */
static void lost_monitor(struct task *task, void *arg)
{
	struct fixture *f = arg;
	struct qemu_process *p = NULL;
	auto_error err = { 0 };
	f->launch.argv = good_argv;
	assert_ok(qemu_process_start(task, &f->launch, &callbacks, f, &p, &err));
	pid_t pid = qemu_process_pid(p);
	qemu_process_free(p, false);
	g_autofree char *monitor = g_build_filename(f->dir, "guest.qmp", NULL);
	assert_int_equal(g_unlink(monitor), 0);
	assert_int_equal(qemu_process_reattach(task, &f->launch, &callbacks, f, &p, &err), -1);
	assert_non_null(strstr(err.message, "cannot connect to QEMU's monitor"));
	assert_int_equal(kill(pid, 0), -1);
	f->done = true;
}

static void early_death(struct task *task, void *arg)
{
	struct fixture *f = arg;
	struct qemu_process *p = NULL;
	auto_error err = { 0 };
	f->launch.argv = bad_argv;
	assert_int_equal(qemu_process_start(task, &f->launch, &callbacks, f, &p, &err), -1);
	assert_non_null(strstr(err.message, "/nonexistent/disk"));
	assert_non_null(strstr(err.message, "check the paths"));
	f->launch.argv = missing_argv;
	assert_int_equal(qemu_process_start(task, &f->launch, &callbacks, f, &p, &err), -1);
	assert_non_null(strstr(err.message, "cannot run /nonexistent/qemu"));
	assert_int_equal(qemu_process_reattach(task, &f->launch, &callbacks, f, &p, &err), -1);
	assert_null(p);
	f->done = true;
}

/* Asked once, then read from the cache: the second time must not need the program's answers. */
static void capabilities(struct task *task, void *arg)
{
	struct fixture *f = arg;
	struct driver_target *t = NULL, *again = NULL;
	auto_error err = { 0 };
	struct driver_host host = {
		.loop = f->loop, .state_dir = f->dir, .log_dir = f->dir, .cache_dir = f->cache
	};
	assert_ok(caps_probe(task, &host, qemu_path, &t, &err));
	assert_string_equal(t->arch, "x86_64");
	assert_true(t->version >= 7000000);
	const struct driver_machine *pc = caps_machine(t, "pc");
	assert_non_null(pc);
	assert_true(g_str_has_prefix(pc->canonical, "pc-i440fx-"));
	assert_non_null(caps_machine(t, NULL));
	assert_null(caps_machine(t, "no-such"));
	host.state_dir = "/nonexistent";
	assert_ok(caps_probe(task, &host, qemu_path, &again, &err));
	assert_int_equal(again->machines->len, t->machines->len);
	g_autofree char *xml = caps_domain_xml(t, "pc", "qemu", &err);
	assert_non_null(strstr(xml, "<domain>qemu</domain>"));
	assert_null(caps_domain_xml(t, "no-such", "qemu", &err));
	assert_int_equal(err.code, VIR_ERR_INVALID_ARG);
	caps_target_free(t);
	caps_target_free(again);
	f->done = true;
}

static void run(struct fixture *f, task_fn fn)
{
	f->done = false;
	task_spawn(f->loop, "test", fn, f);
	while (!f->done)
		assert_true(sd_event_run(f->loop, 60 * 1000000) > 0);
	GDir *dir = g_dir_open(f->dir, 0, NULL);
	for (const char *name; (name = g_dir_read_name(dir));)
		assert_true(g_str_has_suffix(name, ".log"));
	g_dir_close(dir);
}

static void test_life(void **state)
{
	run(*state, life);
}

static void test_lost_monitor(void **state)
{
	run(*state, lost_monitor);
}

static void test_early_death(void **state)
{
	run(*state, early_death);
}

static void test_capabilities(void **state)
{
	run(*state, capabilities);
}

static int setup(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);
	f->dir = g_dir_make_tmp("vireo-qemu-XXXXXX", NULL);
	f->cache = g_dir_make_tmp("vireo-cache-XXXXXX", NULL);
	if (sd_event_new(&f->loop) < 0)
		return -1;
	f->launch = (struct qemu_launch){
		.loop = f->loop, .state_dir = f->dir, .log_dir = f->dir, .key = "guest", .title = "guest"
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const files[] = { "guest.log", "probe-qemu-system-x86_64.log" };
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *log = g_build_filename(f->dir, files[i], NULL);
		g_unlink(log);
	}
	g_autofree char *cached = g_build_filename(f->cache, "qemu-qemu-system-x86_64.json", NULL);
	g_unlink(cached);
	int left = g_rmdir(f->dir) | g_rmdir(f->cache);
	sd_event_unref(f->loop);
	task_pool_clear();
	g_free(f->dir);
	g_free(f->cache);
	g_free(f);
	return left;
}

int main(void)
{
	if (!g_file_test(qemu_path, G_FILE_TEST_IS_EXECUTABLE))
		return 77;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_life, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_monitor, setup, teardown),
		cmocka_unit_test_setup_teardown(test_early_death, setup, teardown),
		cmocka_unit_test_setup_teardown(test_capabilities, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
