/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tasks: order of running, waking, deadlines, many at once, waiting on a descriptor.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fd.h"
#include "loop/task.h"

static struct task *parked_task;
static int last_result;
static int ended;

static void park_once(struct task *task, void *arg)
{
	parked_task = task;
	last_result = task_park(task, *(uint64_t *)arg);
	ended++;
}

static void run_until(sd_event *loop, int count)
{
	while (ended < count)
		assert_true(sd_event_run(loop, 5000000) > 0);
}

static int setup(void **state)
{
	ended = 0;
	return sd_event_new((sd_event **)state) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	sd_event_unref(*state);
	task_pool_clear();
	return 0;
}

static void test_wake_carries_result(void **state)
{
	uint64_t timeout = 60000;

	task_spawn(*state, "park", park_once, &timeout);
	assert_int_equal(ended, 0);
	task_wake(parked_task, 7);
	task_wake(parked_task, 8);  /* the first wake counts */
	assert_int_equal(ended, 0); /* runs from the loop, not from within the wake */
	run_until(*state, 1);
	assert_int_equal(last_result, 7);
}

static void test_deadline(void **state)
{
	uint64_t timeout = 1;

	task_spawn(*state, "park", park_once, &timeout);
	run_until(*state, 1);
	assert_int_equal(last_result, -ETIMEDOUT);
}

static void spawn_inner(struct task *task, void *arg)
{
	int *order = arg;

	uint64_t timeout = 1;

	task_spawn(task_loop(task), "inner", park_once, &timeout);
	*order = ended; /* the inner task has not run yet */
	task_park(task, 50);
	ended++;
}

static void test_spawn_from_a_task_is_deferred(void **state)
{
	int order = -1;

	task_spawn(*state, "outer", spawn_inner, &order);
	assert_int_equal(order, 0);
	run_until(*state, 2);
}

static void many(struct task *task, void *arg)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(task_park(task, 1), -ETIMEDOUT);
	ended++;
}

static void test_many_tasks(void **state)
{
	for (int i = 0; i < 2000; i++)
		task_spawn(*state, "many", many, NULL);
	run_until(*state, 2000);
}

static void read_byte(struct task *task, void *arg)
{
	int fd = *(int *)arg;
	unsigned char byte;

	assert_true(task_wait_fd(task, fd, EPOLLIN, 5000) & EPOLLIN);
	assert_int_equal(read(fd, &byte, 1), 1);
	last_result = byte;
	ended++;
}

static void test_wait_fd(void **state)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	task_spawn(*state, "reader", read_byte, &ends[0]);
	assert_int_equal(ended, 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	run_until(*state, 1);
	assert_int_equal(last_result, 'x');
	close(ends[0]);
	close(ends[1]);
}

static void park_and_count(struct task *task, void *arg)
{
	assert_int_equal(task_park(task, *(int *)arg), -ETIMEDOUT);
	ended++;
}

static void each(struct task *task, void *arg)
{
	int waits[] = { 3, 1, 2 };

	task_each(task, "none", park_and_count, waits, sizeof(waits[0]), 0);
	assert_int_equal(ended, 0);
	task_each(task, "some", park_and_count, waits, sizeof(waits[0]), 3);
	assert_int_equal(ended, 3);
	ended++;
}

static void test_each_waits_for_all(void **state)
{
	task_spawn(*state, "each", each, NULL);
	run_until(*state, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_wake_carries_result, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(test_spawn_from_a_task_is_deferred, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_tasks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wait_fd, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_waits_for_all, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
