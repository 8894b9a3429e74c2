/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The QEMU driver's verbs on a real TCG guest: start paused, resume, pause, console, statistics, monitor
 * command, a death from outside that is told with its reason, reattach after detach; nothing is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "drivers/qemu/qemu_guest.h"
#include "drivers/qemu/stats.h"

static const char qemu_path[] = "/usr/bin/qemu-system-x86_64";
static const struct qemu_policy policy = { POLICY_DESTROY, POLICY_RESTART, POLICY_DESTROY };

struct fixture {
	sd_event *loop;
	char *dir;
	struct driver_host host;
	struct guest guest;
	GPtrArray *argv;
	unsigned seen; /* bit by enum guest_event */
	int64_t exit_reason;
	bool done;
};

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) < 0)                                                                              \
			print_error("%s\n", err.message);                                                    \
		assert_int_equal(err.code, 0);                                                               \
	} while (0)

static void on_event(struct guest *guest, enum guest_event what, int64_t detail)
{
	struct fixture *f = guest->host->core_data;
	f->seen |= 1u << what;
	if (what == GUEST_EVENT_EXIT) {
		f->exit_reason = detail;
		qemu_guest_forget(guest);
	}
}

static void check_state(struct task *task, struct fixture *f, const char *expected)
{
	auto_error err = { 0 };
	g_autofree char *text = NULL;
	assert_ok(qemu_guest_monitor_command(
		task, &f->guest, "{\"execute\":\"query-status\"}", false, &text, &err));
	assert_non_null(strstr(text, expected));
}

static void check_queries(struct task *task, struct fixture *f)
{
	auto_error err = { 0 };
	struct guest_stats stats = { 0 };
	g_autofree char *text = NULL;
	assert_ok(qemu_query(task, &f->guest, QUERY_CPU | QUERY_VCPU, &stats, &err));
	assert_int_equal(stats.vcpus->len, 2);
	assert_true(g_array_index(stats.vcpus, struct vcpu_stats, 0).thread > 0);
	assert_true(stats.rss_kib > 1024);
	guest_stats_clear(&stats);
	assert_ok(qemu_guest_monitor_command(task, &f->guest, "info version", true, &text, &err));
	assert_true(g_ascii_isdigit(text[0]));
	assert_int_equal(qemu_guest_monitor_command(task, &f->guest, "{", false, &text, &err), -1);
	assert_int_equal(err.code, VIR_ERR_INVALID_ARG);
}

static void check_console(struct fixture *f)
{
	auto_error err = { 0 };
	int fd = qemu_guest_open_console(&f->guest, NULL, &err);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(qemu_guest_open_console(&f->guest, "serial7", &err), -1);
}

static void life(struct task *task, void *arg)
{
	struct fixture *f = arg;
	auto_error err = { 0 };
	assert_ok(qemu_guest_start(
		task, &f->guest, (char *const *)f->argv->pdata, &policy, START_PAUSED, &err));
	check_state(task, f, "prelaunch");
	assert_ok(qemu_guest_resume(task, &f->guest, &err));
	check_state(task, f, "running");
	check_queries(task, f);
	check_console(f);
	assert_ok(qemu_guest_pause(task, &f->guest, &err));
	check_state(task, f, "paused");
	pid_t pid = f->guest.runtime.pid;
	qemu_guest_detach(&f->guest);
	int state, reason;
	assert_ok(qemu_guest_reattach_policy(task, &f->guest, &policy, &state, &reason, &err));
	assert_int_equal(f->guest.runtime.pid, pid);
	assert_int_equal(state, VIR_DOMAIN_PAUSED);
	check_console(f);
	/* what we asked for is no event; how far the balloon is, a reattach tells */
	assert_int_equal(f->seen, 1u << GUEST_EVENT_BALLOON);
	assert_ok(qemu_guest_kill(task, &f->guest, 0, &err));
	qemu_guest_forget(&f->guest);
	assert_int_equal(f->seen & 1u << GUEST_EVENT_EXIT, 0);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(qemu_guest_pause(task, &f->guest, &err), -1);
	assert_int_equal(err.code, VIR_ERR_OPERATION_INVALID);
	f->done = true;
}

static void killed(struct task *task, void *arg)
{
	struct fixture *f = arg;
	auto_error err = { 0 };
	assert_ok(qemu_guest_start(task, &f->guest, (char *const *)f->argv->pdata, &policy, 0, &err));
	kill(f->guest.runtime.pid, SIGKILL);
	auto_error cancelled = { 0 };
	g_autofree char *text = NULL;
	/* a call in flight is cancelled, or finds the end before it starts */
	while (qemu_guest_monitor_command(
		       task, &f->guest, "{\"execute\":\"query-status\"}", false, &text, &cancelled) == 0)
		g_clear_pointer(&text, g_free);
	f->done = true;
}

static void run(struct fixture *f, task_fn fn)
{
	task_spawn(f->loop, "test", fn, f);
	while (!f->done || f->guest.runtime.driver_data)
		assert_true(sd_event_run(f->loop, 60 * 1000000) > 0);
	GDir *dir = g_dir_open(f->dir, 0, NULL);
	for (const char *name; (name = g_dir_read_name(dir));)
		assert_string_equal(name, "test.log");
	g_dir_close(dir);
}

static void test_life(void **state)
{
	run(*state, life);
}

static void test_killed_from_outside(void **state)
{
	struct fixture *f = *state;
	run(f, killed);
	assert_true(f->seen & 1u << GUEST_EVENT_EXIT);
	assert_int_equal(f->exit_reason, VIR_DOMAIN_SHUTOFF_CRASHED);
}

static int setup(void **state)
{
	static const char *const own[] = { "-machine", "pc,accel=tcg", "-m", "64", "-smp", "2", "-chardev",
		"pty,id=charserial0", "-device", "{\"driver\":\"isa-serial\",\"chardev\":\"charserial0\"}",
		"-device", "{\"driver\":\"virtio-balloon-pci\",\"id\":\"balloon0\"}", NULL };
	struct fixture *f = g_new0(struct fixture, 1);
	f->dir = g_dir_make_tmp("vireo-qemu-XXXXXX", NULL);
	if (sd_event_new(&f->loop) < 0)
		return -1;
	f->host = (struct driver_host){
		.loop = f->loop, .state_dir = f->dir, .log_dir = f->dir, .event = on_event, .core_data = f
	};
	f->guest = (struct guest){
		.name = "test", .uuid = { 1, 2 }, .id = 1, .host = &f->host, .runtime = { .pidfd = -1 }
	};
	f->argv = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(f->argv, g_strdup(qemu_path));
	qemu_common_args(f->argv, &policy);
	for (const char *const *a = own; *a; a++)
		g_ptr_array_add(f->argv, g_strdup(*a));
	g_ptr_array_add(f->argv, NULL);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	g_autofree char *log = g_build_filename(f->dir, "test.log", NULL);
	g_unlink(log);
	int left = g_rmdir(f->dir);
	sd_event_unref(f->loop);
	task_pool_clear();
	g_ptr_array_unref(f->argv);
	g_free(f->dir);
	g_free(f);
	return left;
}

int main(void)
{
	if (!g_file_test(qemu_path, G_FILE_TEST_IS_EXECUTABLE))
		return 77;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_life, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_from_outside, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
