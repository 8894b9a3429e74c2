/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tasks on ucontext: switching, waking from the loop, pooled stacks with a guard page.
 *
 * The loop's own stack runs event callbacks; a task runs on a stack of its own until it parks
 * or ends, and always returns to the loop's stack, never straight to another task. A task that
 * is spawned from within another task starts from the loop's next turn.
 */
#include "loop/task.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__)
#define TASK_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) /* clang says it in its own way */
#define TASK_ASAN 1
#endif
#endif
#if defined(TASK_ASAN)
#include <sanitizer/common_interface_defs.h>
#define SWITCH_START(save, bottom, size) __sanitizer_start_switch_fiber(save, bottom, size)
#define SWITCH_END(save, bottom, size)	 __sanitizer_finish_switch_fiber(save, bottom, size)
#else
#define SWITCH_START(save, bottom, size) ((void)(save), (void)(bottom), (void)(size))
#define SWITCH_END(save, bottom, size)	 ((void)(save), (void)(bottom), (void)(size))
#endif

enum {
	STACK_BYTES = 256 * 1024,
	POOL_MAX = 64, /* idle stacks kept; each holds what its deepest task touched */
};

struct task {
	sd_event *loop;
	const char *name;
	task_fn fn;
	void *arg;
	ucontext_t context;
	ucontext_t *return_to;	/* the loop's context while the task runs */
	char *stack;		/* guard page, then STACK_BYTES */
	void *fake_stack;	/* AddressSanitizer's */
	sd_event_source *ready; /* one shot: resumes the task from the loop */
	sd_event_source *timer; /* the deadline of the present wait */
	int result;		/* what task_park() returns */
	bool parked, woken, done;
};

static struct task *running;
static char *pool[POOL_MAX];
static size_t pool_count;
static const void *loop_stack_bottom;
static size_t loop_stack_size;

static size_t guard_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static char *stack_get(void)
{
	if (pool_count > 0)
		return pool[--pool_count];
	size_t guard = guard_bytes();
	char *stack = mmap(NULL, STACK_BYTES + guard, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (stack == MAP_FAILED || mprotect(stack, guard, PROT_NONE) < 0)
		g_error("cannot map a task's stack: %s", g_strerror(errno));
	return stack;
}

static void stack_put(char *stack)
{
	if (pool_count < POOL_MAX)
		pool[pool_count++] = stack;
	else
		munmap(stack, STACK_BYTES + guard_bytes());
}

void task_pool_clear(void)
{
	while (pool_count > 0)
		munmap(pool[--pool_count], STACK_BYTES + guard_bytes());
}

static void task_free(struct task *task)
{
	sd_event_source_disable_unref(task->ready);
	sd_event_source_disable_unref(task->timer);
	sd_event_unref(task->loop);
	stack_put(task->stack);
	g_free(task);
}

/* First code on a task's stack. makecontext() passes ints, so the pointer comes in two halves. */
static void task_entry(unsigned high, unsigned low)
{
	struct task *task = (struct task *)(((uintptr_t)high << 32) | low);

	SWITCH_END(NULL, &loop_stack_bottom, &loop_stack_size);
	task->fn(task, task->arg);
	task->done = true;
	SWITCH_START(NULL, loop_stack_bottom, loop_stack_size);
	setcontext(task->return_to);
}

/* Runs the task from the loop's stack until it parks or ends. */
static void task_resume(struct task *task)
{
	ucontext_t here;
	void *fake_stack = NULL;

	task->return_to = &here;
	running = task;
	SWITCH_START(&fake_stack, task->stack + guard_bytes(), STACK_BYTES);
	swapcontext(&here, &task->context);
	SWITCH_END(fake_stack, NULL, NULL);
	running = NULL;
	if (task->done)
		task_free(task);
}

static int on_ready(sd_event_source *source, void *userdata)
{
	task_resume(userdata);
	return 0;
}

void task_spawn(sd_event *loop, const char *name, task_fn fn, void *arg)
{
	struct task *task = g_new0(struct task, 1);

	task->loop = sd_event_ref(loop);
	task->name = name;
	task->fn = fn;
	task->arg = arg;
	task->stack = stack_get();
	getcontext(&task->context);
	task->context.uc_stack.ss_sp = task->stack + guard_bytes();
	task->context.uc_stack.ss_size = STACK_BYTES;
	uintptr_t self = (uintptr_t)task;
	makecontext(&task->context, (void (*)(void))task_entry, 2, (unsigned)(self >> 32), (unsigned)self);

	int rc = sd_event_add_defer(loop, &task->ready, on_ready, task);
	if (rc < 0)
		g_error("cannot add a task to the loop: %s", g_strerror(-rc));
	sd_event_source_set_enabled(task->ready, SD_EVENT_OFF);
	if (running)
		sd_event_source_set_enabled(task->ready, SD_EVENT_ONESHOT);
	else
		task_resume(task);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	task_wake(userdata, -ETIMEDOUT);
	return 0;
}

/* Arms the task's one timer, made at the first wait. */
static void arm_deadline(struct task *task, uint64_t timeout_ms)
{
	uint64_t now;

	sd_event_now(task->loop, CLOCK_MONOTONIC, &now);
	uint64_t at = timeout_ms > (UINT64_MAX - now) / 1000 ? UINT64_MAX - 1 : now + timeout_ms * 1000;
	if (!task->timer) {
		int rc = sd_event_add_time(
			task->loop, &task->timer, CLOCK_MONOTONIC, at, 1000, on_deadline, task);
		if (rc < 0)
			g_error("cannot add a timer to the loop: %s", g_strerror(-rc));
		return;
	}
	sd_event_source_set_time(task->timer, at);
	sd_event_source_set_enabled(task->timer, SD_EVENT_ONESHOT);
}

int task_park(struct task *task, uint64_t timeout_ms)
{
	g_assert(running == task);
	task->parked = true;
	task->woken = false;
	arm_deadline(task, timeout_ms);
	SWITCH_START(&task->fake_stack, loop_stack_bottom, loop_stack_size);
	swapcontext(&task->context, task->return_to);
	SWITCH_END(task->fake_stack, &loop_stack_bottom, &loop_stack_size);
	task->parked = false;
	sd_event_source_set_enabled(task->timer, SD_EVENT_OFF);
	return task->result;
}

void task_wake(struct task *task, int result)
{
	if (!task->parked || task->woken)
		return;
	task->woken = true;
	task->result = result;
	sd_event_source_set_enabled(task->ready, SD_EVENT_ONESHOT);
}

struct fd_wait {
	struct task *task;
};

static int on_fd(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct fd_wait *wait = userdata;

	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	task_wake(wait->task, (int)revents);
	return 0;
}

int task_wait_fd(struct task *task, int fd, uint32_t events, uint64_t timeout_ms)
{
	struct fd_wait wait = { task };
	sd_event_source *source = NULL;

	int rc = sd_event_add_io(task->loop, &source, fd, events, on_fd, &wait);
	if (rc < 0)
		return rc;
	rc = task_park(task, timeout_ms);
	sd_event_source_disable_unref(source);
	return rc;
}

sd_event *task_loop(struct task *task)
{
	return task->loop;
}
