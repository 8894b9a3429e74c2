/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tasks: switching, waking from the loop, pooled stacks with a guard page.
 *
 * The loop's own stack runs event callbacks; a task runs on a stack of its own until it parks
 * or ends, and always returns to the loop's stack, never straight to another task. A task that
 * is spawned from within another task starts from the loop's next turn.
 *
 * ucontext makes a stack; _setjmp() and _longjmp() switch, as they need no system call. A stack whose task
 * has ended waits in its first function for the next one.
 */
#undef _FORTIFY_SOURCE /* its check of longjmp() takes a switch of stacks for a mistake */
#include "loop/task.h"

#include <errno.h>
#include <setjmp.h>
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

/* Functions that are left without returning: a sanitizer's marks around their variables would stay behind. */
#define NO_MARKS __attribute__((no_sanitize("address")))

enum {
	STACK_BYTES = 256 * 1024,
	JOIN_STEP_MS = 60 * 1000, /* what is waited for has shorter deadlines */
	POOL_MAX = 64,		  /* idle stacks kept; each holds what its deepest task touched */
};

struct stack {
	char *memory;	   /* guard page, then STACK_BYTES */
	jmp_buf context;   /* where it goes on, while it does not run */
	jmp_buf *loop;	   /* where the loop goes on, while this runs */
	bool begun;	   /* CONTEXT is set */
	void *fake_stack;  /* AddressSanitizer's */
	struct task *task; /* what it runs, or is to run next */
};

struct task {
	sd_event *loop;
	const char *name;
	task_fn fn;
	void *arg;
	struct stack *stack;
	sd_event_source *ready; /* one shot: resumes the task from the loop */
	sd_event_source *timer; /* the deadline of the present wait */
	int result;		/* what task_park() returns */
	bool parked, woken, done;
};

static struct task *running;
static struct stack *pool[POOL_MAX];
static size_t pool_count;
static const void *loop_stack_bottom;
static size_t loop_stack_size;

static size_t guard_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static struct stack *stack_get(void)
{
	if (pool_count > 0)
		return pool[--pool_count];
	struct stack *stack = g_new0(struct stack, 1);
	size_t guard = guard_bytes();
	stack->memory = mmap(NULL, STACK_BYTES + guard, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (stack->memory == MAP_FAILED || mprotect(stack->memory, guard, PROT_NONE) < 0)
		g_error("cannot map a task's stack: %s", g_strerror(errno));
	return stack;
}

static void stack_free(struct stack *stack)
{
	munmap(stack->memory, STACK_BYTES + guard_bytes());
	g_free(stack);
}

static void stack_put(struct stack *stack)
{
	if (pool_count < POOL_MAX)
		pool[pool_count++] = stack;
	else
		stack_free(stack);
}

void task_pool_clear(void)
{
	while (pool_count > 0)
		stack_free(pool[--pool_count]);
}

static void task_free(struct task *task)
{
	sd_event_source_disable_unref(task->ready);
	sd_event_source_disable_unref(task->timer);
	sd_event_unref(task->loop);
	stack_put(task->stack);
	g_free(task);
}

/* Goes back to the loop; returns when the loop goes on with this stack. */
NO_MARKS static void stack_leave(struct stack *stack)
{
	SWITCH_START(&stack->fake_stack, loop_stack_bottom, loop_stack_size);
	if (_setjmp(stack->context) == 0)
		_longjmp(*stack->loop, 1);
	SWITCH_END(stack->fake_stack, &loop_stack_bottom, &loop_stack_size);
}

/* First code on a stack, which never ends. makecontext() passes ints, so the pointer comes in two halves. */
static void stack_main(unsigned high, unsigned low)
{
	struct stack *stack = (struct stack *)(((uintptr_t)high << 32) | low);

	SWITCH_END(NULL, &loop_stack_bottom, &loop_stack_size);
	for (;;) {
		struct task *task = stack->task;
		task->fn(task, task->arg);
		task->done = true;
		stack_leave(stack);
	}
}

NO_MARKS static void stack_begin(struct stack *stack)
{
	uintptr_t self = (uintptr_t)stack;
	ucontext_t first;

	stack->begun = true;
	getcontext(&first);
	first.uc_stack.ss_sp = stack->memory + guard_bytes();
	first.uc_stack.ss_size = STACK_BYTES;
	makecontext(&first, (void (*)(void))stack_main, 2, (unsigned)(self >> 32), (unsigned)self);
	setcontext(&first);
}

/* Runs the stack from the loop's until it leaves. */
NO_MARKS static void stack_enter(struct stack *stack)
{
	void *fake_stack = NULL;
	jmp_buf here;

	stack->loop = &here;
	SWITCH_START(&fake_stack, stack->memory + guard_bytes(), STACK_BYTES);
	if (_setjmp(here) == 0) {
		if (stack->begun)
			_longjmp(stack->context, 1);
		stack_begin(stack);
	}
	SWITCH_END(fake_stack, NULL, NULL);
}

/* Runs the task from the loop's stack until it parks or ends. */
static void task_resume(struct task *task)
{
	running = task;
	stack_enter(task->stack);
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
	task->stack->task = task;
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
	stack_leave(task->stack);
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

/* Who waits for several tasks, and how many of them have not ended. */
struct join {
	struct task *waiter;
	size_t open;
	task_fn fn;
};

struct joined {
	struct join *join;
	void *item;
};

static void joined_run(struct task *task, void *arg)
{
	struct joined *joined = arg;
	struct join *join = joined->join;

	join->fn(task, joined->item);
	if (--join->open == 0)
		task_wake(join->waiter, 0);
}

void task_each(struct task *task, const char *name, task_fn fn, void *items, size_t size, size_t count)
{
	struct join join = { .waiter = task, .open = count, .fn = fn };
	g_autofree struct joined *all = g_new(struct joined, count);

	for (size_t i = 0; i < count; i++) {
		all[i] = (struct joined){ &join, (char *)items + i * size };
		task_spawn(task->loop, name, joined_run, &all[i]); /* begins once this task waits */
	}
	while (join.open > 0)
		task_park(task, JOIN_STEP_MS);
}

sd_event *task_loop(struct task *task)
{
	return task->loop;
}
